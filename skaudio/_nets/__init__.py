"""Torch below the estimators: architectures, layers, losses, batches, training."""

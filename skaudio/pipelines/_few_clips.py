"""Training parameters of networks on few clips."""

FEW_CLIPS = dict(
    optimizer="adamw",
    weight_decay=0.05,
    lr_schedule="one_cycle",
    # With few clips, all are needed for training.
    early_stopping=False,
    class_weight="balanced",
    label_smoothing=0.1,
)

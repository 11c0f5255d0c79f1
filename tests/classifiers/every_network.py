"""The networks and what is made of them, for tests that all of them pass."""

from skaudio import (
    AlexNetMelClassifier,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    FixMatchClassifier,
    MelEnsembleClassifier,
    ResNetMelClassifier,
    StatisticsMelClassifier,
    TransformerMelClassifier,
)

NETWORKS = [
    AlexNetMelClassifier,
    CNN1DClassifier,
    EnhancedCNN1DClassifier,
    ResNetMelClassifier,
    StatisticsMelClassifier,
    TransformerMelClassifier,
]


def mel_ensemble(random_state=None, **options):
    """Build an ensemble of two networks that have the same options."""
    members = [
        ("cnn1d", CNN1DClassifier(**options)),
        ("statistics", StatisticsMelClassifier(**options)),
    ]
    return MelEnsembleClassifier(members, random_state=random_state)


def fixmatch(**options):
    """Build a network that also takes rows without labels."""
    return FixMatchClassifier(CNN1DClassifier(**options))


EVERY = [*NETWORKS, mel_ensemble, fixmatch]

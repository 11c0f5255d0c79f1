"""Grids reach the parameters of losses, augmenters and members."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skaudio import (
    CNN1DClassifier,
    FixMatchClassifier,
    MelEnsembleClassifier,
    StatisticsMelClassifier,
)
from skaudio.augment import Gain, Mixup
from skaudio.classifiers import ClassBalancedLoss, FocalLoss

SHORT = dict(max_epochs=2, early_stopping=False, random_state=0)
MEMBERS = [
    ("cnn1d", CNN1DClassifier(**SHORT, augment=Mixup())),
    ("statistics", StatisticsMelClassifier(**SHORT, loss=FocalLoss())),
]


@pytest.mark.parametrize(
    "classifier, grid",
    [
        (CNN1DClassifier(**SHORT, loss=FocalLoss()), {"loss__gamma": [0.0, 4.0]}),
        (
            CNN1DClassifier(**SHORT, loss=ClassBalancedLoss()),
            {"loss__beta": [0.0, 0.999]},
        ),
        (CNN1DClassifier(**SHORT, augment=Mixup()), {"augment__alpha": [0.1, 5.0]}),
        (
            CNN1DClassifier(**SHORT),
            {"augment": [None, [Gain(3), Mixup()]], "loss": ["focal", FocalLoss(5)]},
        ),
        (MelEnsembleClassifier(MEMBERS), {"statistics__lr": [0.0001, 0.05]}),
        (MelEnsembleClassifier(MEMBERS), {"cnn1d__augment__alpha": [0.1, 5.0]}),
        (MelEnsembleClassifier(MEMBERS), {"statistics__loss__gamma": [0.0, 4.0]}),
        (
            FixMatchClassifier(CNN1DClassifier(**SHORT, loss=FocalLoss())),
            {"estimator__loss__gamma": [0.0, 4.0], "confidence": [0.2, 0.99]},
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_grid_search_reaches_it(classifier, grid, log_mels, calls):
    y = np.where(np.arange(36) % 6 == 0, "rare", "common")
    before = repr(classifier)
    search = GridSearchCV(
        classifier, grid, cv=2, scoring="neg_log_loss", error_score="raise"
    )
    search.fit(log_mels, y)
    assert repr(classifier) == before
    scores = search.cv_results_["mean_test_score"]
    n_settings = np.prod([len(values) for values in grid.values()])
    assert len(scores) == n_settings and np.isfinite(scores).all()
    if not isinstance(classifier, FixMatchClassifier):  # all rows have a label
        assert len(set(scores)) == n_settings
    best = search.best_estimator_.get_params()
    for name, value in search.best_params_.items():
        assert repr(best[name]) == repr(value)
    assert search.predict(log_mels).shape == (36,)

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from small_pipelines import WIND, linear

from skaudio import (
    CalibratedNoiseMixer,
    CNN1DClassifier,
    LogMelExtractor,
    SpecAugmenter,
)
from skaudio.model_selection import (
    _runs,
    component_contributions,
    components_of,
    cross_validated_predictions,
)


@pytest.fixture(scope="module")
def full():
    return make_pipeline(
        CalibratedNoiseMixer(WIND),
        LogMelExtractor(n_mels=16, n_frames=40),
        CNN1DClassifier(
            max_epochs=2,
            mixup_alpha=0.3,
            augment=SpecAugmenter(),
            class_weight="balanced",
            time_shift=0.5,
        ),
    )


def test_components_that_are_on_are_found(full):
    assert components_of(full) == {
        "calibratednoisemixer": {"calibratednoisemixer": "passthrough"},
        "augment": {"cnn1dclassifier__augment": None},
        "mixup_alpha": {"cnn1dclassifier__mixup_alpha": 0.0},
        "time_shift": {"cnn1dclassifier__time_shift": 0.0},
        "class_weight": {"cnn1dclassifier__class_weight": None},
    }
    assert components_of(CNN1DClassifier()) == {}


def test_contributions_are_differences_of_cross_validations(full, calls):
    X, y, groups = calls.data, calls.target, calls.groups
    components = {
        "noise": {"calibratednoisemixer": "passthrough"},
        "mixup": {"cnn1dclassifier__mixup_alpha": 0.0},
    }
    table = component_contributions(
        full, X, y, groups, components, cv=3, n_repeats=2, random_state=0
    )
    assert table.index.tolist() == ["noise", "mixup"]
    bare = clone(full).set_params(
        calibratednoisemixer="passthrough", cnn1dclassifier__mixup_alpha=0.0
    )
    without = clone(full).set_params(cnn1dclassifier__mixup_alpha=0.0)
    folds = []
    for pipe in (full, without, bare):
        scores = []
        for seed in (0, 1):
            some = cross_validated_predictions(
                _runs.with_seed(pipe, seed), X, y, groups, cv=3, random_state=seed
            )
            hits = some["true"] == some["predicted"]
            scores += hits.groupby(some["fold"]).mean().tolist()
        folds.append(np.array(scores))
    row = table.loc["mixup"]
    assert row["accuracy_without"] == pytest.approx(folds[1].mean())
    assert row["loss_without"] == pytest.approx((folds[0] - folds[1]).mean())
    assert table.attrs["accuracy_bare"] == pytest.approx(folds[2].mean())
    assert row["loss_low"] <= row["loss_without"] <= row["loss_high"]
    assert set(table["verdict"]) <= {"helps", "hurts", "tie"}
    with pytest.raises(ValueError, match="no component that is on"):
        component_contributions(linear(), X, y, groups)

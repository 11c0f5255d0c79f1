from itertools import combinations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline
from small_pipelines import WIND, linear, network

from skaudio import (
    CalibratedNoiseMixer,
    CNN1DClassifier,
    LogMelExtractor,
    SpecAugmenter,
)
from skaudio.augment import Gain, MelShift, Mixup, TimeShift
from skaudio.classifiers import FocalLoss
from skaudio.datasets import make_animal_sounds
from skaudio.model_selection import (
    _component_contributions,
    _runs,
    component_contributions,
    components_of,
    cross_validated_predictions,
)
from skaudio.pipelines import reference_pipelines


@pytest.fixture(scope="module")
def full():
    return make_pipeline(
        CalibratedNoiseMixer(WIND),
        LogMelExtractor(n_mels=16, n_frames=40),
        CNN1DClassifier(
            max_epochs=2,
            augment=[TimeShift(0.5), SpecAugmenter(), Mixup(0.3)],
            class_weight="balanced",
        ),
    )


def test_components_that_are_on_are_found(full):
    assert components_of(full) == {
        "calibratednoisemixer": {"calibratednoisemixer": "passthrough"},
        "TimeShift": {"cnn1dclassifier__augment[0]": None},
        "SpecAugmenter": {"cnn1dclassifier__augment[1]": None},
        "Mixup": {"cnn1dclassifier__augment[2]": None},
        "class_weight": {"cnn1dclassifier__class_weight": None},
    }
    assert components_of(CNN1DClassifier()) == {}


def test_a_single_augmenter_is_the_component_augment():
    classifier = CNN1DClassifier(augment=Mixup(0.3), loss=FocalLoss(1.0))
    assert components_of(classifier) == {
        "augment": {"augment": None},
        "loss": {"loss": "cross_entropy"},
    }
    assert components_of(CNN1DClassifier(augment=[])) == {}


def test_two_augmenters_of_one_class_are_numbered():
    augment = [Gain(6), SpecAugmenter(), Gain(1)]
    assert components_of(CNN1DClassifier(augment=augment)) == {
        "Gain 1": {"augment[0]": None},
        "SpecAugmenter": {"augment[1]": None},
        "Gain 2": {"augment[2]": None},
    }


def test_contributions_are_differences_of_cross_validations(full, calls):
    X, y, groups = calls.data, calls.target, calls.groups
    components = {
        "noise": {"calibratednoisemixer": "passthrough"},
        "mixup": {"cnn1dclassifier__augment[2]": None},
    }
    table = component_contributions(
        full, X, y, groups, components, cv=3, n_repeats=2, random_state=0
    )
    assert table.index.tolist() == ["noise", "mixup"]
    no_mixup = {"cnn1dclassifier__augment": [TimeShift(0.5), SpecAugmenter()]}
    bare = clone(full).set_params(calibratednoisemixer="passthrough", **no_mixup)
    without = clone(full).set_params(**no_mixup)
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


def test_entries_of_a_list_of_augmenters_are_taken_out_one_by_one(calls):
    """Every row of the table is what pipelines set by hand score."""
    X, y, groups = calls.data, calls.target, calls.groups
    softer, louder, mixup = Gain(1), Gain(40), Mixup(0.4)
    options = dict(max_epochs=8, lr=0.003, early_stopping=False)

    def predictions(augment):
        pipe = network(augment=augment, **options)
        return cross_validated_predictions(
            *(_runs.with_seed(pipe, 0), X, y, groups), cv=2, random_state=0
        )

    full = network(augment=[softer, louder, mixup], **options)
    table = component_contributions(full, X, y, groups, cv=2, random_state=0)
    assert table.index.tolist() == ["Gain 1", "Gain 2", "Mixup"]
    by_hand = {
        ("without", "Gain 1"): [louder, mixup],
        ("without", "Gain 2"): [softer, mixup],
        ("without", "Mixup"): [softer, louder],
        ("alone", "Gain 1"): [softer],
        ("alone", "Gain 2"): [louder],
        ("alone", "Mixup"): [mixup],
        ("full",): [softer, louder, mixup],
        ("bare",): None,
    }
    scores, probabilities = {}, []
    for variant, augment in by_hand.items():
        some = predictions(augment)
        hits = some["true"] == some["predicted"]
        scores[variant] = hits.groupby(some["fold"]).mean().mean()
        probabilities.append(some[np.unique(y)].to_numpy())
    for one, other in combinations(probabilities, 2):
        assert abs(one - other).max() > 1e-4  # so that no two variants are confused
    for name, row in table.iterrows():
        assert row["accuracy_without"] == pytest.approx(scores["without", name])
        assert row["accuracy_alone"] == pytest.approx(scores["alone", name])
    assert table.attrs["accuracy_full"] == pytest.approx(scores["full",])
    assert table.attrs["accuracy_bare"] == pytest.approx(scores["bare",])
    assert full[-1].augment == [softer, louder, mixup]  # left as it was


def test_the_variants_of_a_list_are_in_its_order(full):
    variants = _component_contributions._variants(full, components_of(full))
    names = {
        variant: [type(augmenter).__name__ for augmenter in pipe[-1].augment or ()]
        for variant, pipe in variants.items()
    }
    assert names["full",] == ["TimeShift", "SpecAugmenter", "Mixup"]
    assert names["without", "SpecAugmenter"] == ["TimeShift", "Mixup"]
    assert names["without", "class_weight"] == names["full",]
    assert names["alone", "Mixup"] == ["Mixup"]
    assert names["alone", "class_weight"] == names["bare",] == []
    bare = variants["bare",]
    assert bare[-1].augment is None and bare[-1].class_weight is None
    assert bare.steps[0][1] == "passthrough"
    alone = variants["alone", "class_weight"]
    assert alone[-1].class_weight == "balanced"


def test_members_of_an_ensemble_are_reached_by_name():
    pipe = reference_pipelines()["mel_ensemble"]
    pipe.set_params(clf__statistics__augment=MelShift(6))
    assert components_of(pipe) == {"noise": {"noise": "passthrough"}}
    components = {
        "shift": {"clf__statistics__augment": None},
        "masks": {"clf__cnn1d__augment[1]": None, "clf__alexnet__augment[1]": None},
    }
    variants = _component_contributions._variants(pipe, components)

    def augmenters(*variant):
        parameters = variants[variant].get_params()
        members = ("cnn1d", "statistics", "alexnet")
        return [parameters[f"clf__{name}__augment"] for name in members]

    both, alone = augmenters("full"), augmenters("alone", "masks")
    assert isinstance(both[1], MelShift) and alone[1] is None
    for member in (both[0], both[2], alone[0], alone[2]):
        assert list(map(type, member)) == [MelShift, SpecAugmenter]
    without = augmenters("without", "masks")
    assert [type(entry) for (entry,) in without[::2]] == [MelShift, MelShift]
    assert isinstance(without[1], MelShift)
    assert isinstance(pipe["clf"].members[1][1].augment, MelShift)  # left as it was


def test_a_step_named_noise_is_switched_off_where_results_are_kept(tmp_path):
    calls = make_animal_sounds(6, n_classes=2, random_state=0)
    steps = [
        ("noise", CalibratedNoiseMixer(WIND)),
        ("mel", LogMelExtractor(n_mels=16, n_frames=40)),
        ("clf", CNN1DClassifier(max_epochs=1)),
    ]
    table = component_contributions(
        Pipeline(steps),
        *(calls.data, calls.target, calls.groups),
        cv=2,
        random_state=0,
        cache_dir=tmp_path,
    )
    assert table.index.tolist() == ["noise"]

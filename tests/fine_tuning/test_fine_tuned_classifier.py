import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_score
from skorch.callbacks import Callback

from skaudio import (
    AlexNetMelClassifier,
    COLAEncoder,
    FineTunedClassifier,
    SpecAugmenter,
)
from skaudio._nets.architectures import ARCHITECTURES, make_body
from skaudio.fine_tuning._layer_groups import layer_groups
from skaudio.model_selection import components_of

DEPTHS = {
    "alexnet_mel": 5,
    "cnn1d": 3,
    "enhanced_cnn1d": 3,
    "resnet_mel": 5,
    "statistics_mel": 1,
    "transformer_mel": 6,
}


@pytest.fixture(scope="module")
def backbones(log_mels):
    return {
        name: FrozenEstimator(
            COLAEncoder(name, max_epochs=1, random_state=7).fit(log_mels)
        )
        for name in ARCHITECTURES
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layers_hold_every_weight_once_in_order(architecture):
    body = make_body(architecture, (32, 64))
    layers = layer_groups(body)
    names = [name for layer in layers for name in layer]
    assert sorted(names) == sorted(name for name, _ in body.named_parameters())
    assert len(layers) == DEPTHS[architecture] and all(layers)
    assert names == sorted(names, key=list(body.state_dict()).index)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_frozen_layers_stay_and_the_others_train(
    architecture, backbones, log_mels, calls
):
    backbone = backbones[architecture]
    n_frozen = min(2, DEPTHS[architecture])
    fitted = FineTunedClassifier(
        backbone,
        n_frozen_layers=n_frozen,
        max_epochs=2,
        early_stopping=False,
        augment=SpecAugmenter(),
        random_state=0,
    ).fit(log_mels, calls.target)
    before, after = backbone.body_.state_dict(), fitted.net_.module_.state_dict()
    layers = layer_groups(backbone.body_)
    assert fitted.backbone_layers_ == len(layers)
    for place, layer in enumerate(layers):
        for name in layer:
            # A bias before batch normalisation has nothing to learn.
            if place < n_frozen or not name.endswith("bias"):
                assert before[name].equal(after[name]) == (place < n_frozen), name
    frozen = {name.rpartition(".")[0] for layer in layers[:n_frozen] for name in layer}
    if architecture == "statistics_mel":
        frozen.add("normalise")  # without weights, it belongs to the layer after
    for name in before:
        if name.endswith("running_mean"):
            stays = name.rpartition(".")[0] in frozen
            assert before[name].equal(after[name]) == stays, name


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_all_frozen_is_a_linear_probe(architecture, backbones, log_mels, calls):
    backbone = backbones[architecture]
    fitted = FineTunedClassifier(
        backbone,
        n_frozen_layers=DEPTHS[architecture],
        max_epochs=2,
        early_stopping=False,
        random_state=0,
    ).fit(log_mels, calls.target)
    after = fitted.net_.module_.state_dict()
    for name, weight in backbone.body_.state_dict().items():
        assert weight.equal(after[name]), name


def test_rates_fall_from_the_last_layer_and_layers_unfreeze(backbones, log_mels, calls):
    class Watch(Callback):
        def on_epoch_end(self, net, **kwargs):
            trained.append(
                {n for n, w in net.module_.named_parameters() if w.requires_grad}
            )
            rates.append([group["lr"] for group in net.optimizer_.param_groups])

    trained, rates = [], []
    classifier = FineTunedClassifier(
        backbones["alexnet_mel"],
        n_frozen_layers=1,
        lr=0.01,
        lr_decay=0.5,
        unfreeze_epochs=2,
        max_epochs=12,
        early_stopping=False,
        random_state=0,
        callbacks=[Watch()],
    ).fit(log_mels, calls.target)
    layers = layer_groups(classifier.backbone.body_)
    head = {"tower.head.1.weight", "tower.head.1.bias"}
    for epoch, names in enumerate(trained):
        expected = set(head)
        for layer in layers[max(1, 5 - epoch // 2) :]:
            expected |= set(layer)
        assert names == expected, epoch
    sizes = [len(layer) for layer in layers]
    expected = np.repeat([0.01 * 0.5**k for k in (5, 4, 3, 2, 1)], sizes).tolist()
    assert rates[0] == pytest.approx([*expected, 0.01])
    assert classifier.history_[0]["lr"] == 0.01
    assert all(w.requires_grad for w in classifier.net_.module_.parameters())
    # "one_cycle" keeps the proportions.
    rates.clear()
    classifier.set_params(lr_schedule="one_cycle", unfreeze_epochs=0, max_epochs=3)
    classifier.fit(log_mels, calls.target)
    ratios = np.array(rates[1]) / rates[1][-1]
    np.testing.assert_allclose(ratios[:-1], np.array(expected) / 0.01, rtol=1e-6)


def test_it_equals_the_classifier_without_decay_and_freezing(
    backbones, log_mels, calls
):
    settings = dict(max_epochs=2, random_state=0, augment=SpecAugmenter())
    backbone = backbones["alexnet_mel"]
    plain = AlexNetMelClassifier(encoder=backbone, **settings)
    tuned = FineTunedClassifier(backbone, lr_decay=1.0, **settings)
    for classifier in (plain, tuned):
        classifier.fit(log_mels, calls.target, groups=calls.groups)
    np.testing.assert_allclose(
        tuned.predict_proba(log_mels), plain.predict_proba(log_mels), atol=1e-6
    )
    again = pickle.loads(pickle.dumps(tuned))
    np.testing.assert_array_equal(
        again.predict_proba(log_mels), tuned.predict_proba(log_mels)
    )
    scores = cross_val_score(
        clone(tuned), log_mels, calls.target, cv=2, error_score="raise"
    )
    assert len(scores) == 2
    assert set(components_of(tuned)) == {"augment"}


def test_it_has_every_parameter_of_the_classifiers(backbones):
    own = FineTunedClassifier(backbones["cnn1d"]).get_params(deep=False)
    others = AlexNetMelClassifier().get_params()
    assert set(others) - set(own) == {"encoder"}
    assert all(own[name] == others[name] for name in set(own) & set(others))
    documentation = FineTunedClassifier.__doc__
    assert documentation.count("\nParameters\n") == 1
    assert documentation.count("\nAttributes\n") == 1
    assert "\nencoder :" not in documentation


def test_errors_say_what_was_expected(backbones, log_mels, calls):
    def fit(backbone, **options):
        FineTunedClassifier(backbone, max_epochs=1, **options).fit(
            log_mels, calls.target
        )

    with pytest.raises(ValueError, match=r"backbone=COLAEncoder\(...\) is not frozen"):
        fit(backbones["cnn1d"].estimator)
    with pytest.raises(ValueError, match="n_frozen_layers=4, but the backbone has 3"):
        fit(backbones["cnn1d"], n_frozen_layers=4)

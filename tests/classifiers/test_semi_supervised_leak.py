import pickle

import numpy as np
import pytest
import torch
from every_network import NETWORKS, fixmatch
from sklearn.base import clone
from skorch.callbacks import Callback

from skaudio import CNN1DClassifier, COLAEncoder, FixMatchClassifier, SpecAugmenter
from skaudio._nets.fixmatch import FixMatchLoss, strong_augmenters
from skaudio._nets.losses import WeightedLoss
from skaudio.augment import Gain, Mixup, TimeShift

SEEN = []


class Probe(Callback):
    """Record the mark of each row by phase, and the weights of labelled rows."""

    def on_train_begin(self, net, **kwargs):
        SEEN.append({"labelled": {}, "unlabelled": set(), "valid": set()})

    def on_batch_begin(self, net, batch, training, **kwargs):
        X, (_, targets) = batch
        # The largest value, since masks leave part of each log-mel.
        marks = X.flatten(1).amax(dim=1).round().int().tolist()
        n = len(targets)
        if not training:
            assert len(X) == n
            SEEN[-1]["valid"] |= {*marks}
            return
        m = (len(X) - n) // 2
        assert len(X) == n + 2 * m and marks[n : n + m] == marks[n + m :]
        SEEN[-1]["unlabelled"] |= {*marks[n:]}
        weights = targets.sum(dim=1).tolist()
        SEEN[-1]["labelled"] |= dict(zip(marks[:n], weights, strict=True))


@pytest.fixture(autouse=True)
def clear_seen():
    SEEN.clear()


def marked(n):
    """Log-mels whose values are their row's number plus one."""
    marks = np.arange(1, n + 1, dtype=np.float32)
    return np.broadcast_to(marks[:, None, None], (n, 8, 16)).copy()


@pytest.mark.parametrize("cls", NETWORKS)
@pytest.mark.parametrize("augment", [None, [TimeShift(), SpecAugmenter()]])
def test_no_leak_of_unlabelled_rows(cls, augment):
    rng = np.random.default_rng(0)
    X = marked(80)
    X[70] = X[0]  # an unlabelled copy of a labelled clip
    y = np.array(["cat", "cow"], dtype=object)[rng.integers(0, 2, 80)]
    y[:4] = "cat"
    labelled = rng.random(80) < 0.4
    labelled[0], labelled[70] = True, False
    groups = rng.integers(0, 30, 80)
    y[~labelled] = None
    y[~labelled & (rng.random(80) < 0.5)] = -1
    network = cls(
        augment=augment,
        class_weight="balanced",
        max_epochs=4,
        random_state=0,
        callbacks=[Probe()],
    )
    fitted = FixMatchClassifier(network).fit(X, y, groups=groups)
    assert fitted.classes_.tolist() == ["cat", "cow"]
    (seen,) = SEEN
    expected = {int(mark) - 1 for mark in X[labelled, 0, 0]}
    train = {mark - 1 for mark in seen["labelled"]}
    valid = {mark - 1 for mark in seen["valid"]}
    unlabelled = {mark - 1 for mark in seen["unlabelled"]} - {0}
    assert train | valid == expected and not train & valid
    assert unlabelled <= {*np.flatnonzero(~labelled)} and len(unlabelled) > 10
    # No training row, labelled or not, is related to a validation row.
    assert not {*groups[[*valid]]} & {*groups[[*train, *unlabelled]]}
    if 0 in valid:
        assert 1 not in seen["unlabelled"]
    # Class weights come from the labelled training rows only.
    own = y[sorted(train)]
    for row in train:
        weight = len(own) / 2 / (own == y[row]).sum()
        assert seen["labelled"][row + 1] == pytest.approx(weight, rel=1e-5)


def test_an_unlabelled_copy_of_a_validation_row_stays_out():
    X = np.concatenate([marked(40), marked(40)])
    y = np.array([*np.arange(40) % 2, *[-1] * 40])
    fixmatch(max_epochs=3, random_state=0, callbacks=[Probe()]).fit(X, y)
    (seen,) = SEEN
    assert seen["valid"] and seen["unlabelled"]
    assert not seen["valid"] & seen["unlabelled"]


def test_labels_of_any_kind(log_mels, calls):
    classifier = fixmatch(max_epochs=2, random_state=0)
    codes = np.unique(calls.target, return_inverse=True)[1]
    hidden = np.arange(36) % 3 == 0
    fits = []
    for labels, missing in [
        (calls.target.astype(object), -1),
        (calls.target.astype(object), None),
        (calls.target.astype(object), np.nan),
        (codes, -1),
        (codes.astype(object), None),
        (codes.astype(float), np.nan),
    ]:
        y = labels.copy()
        y[hidden] = missing
        fitted = clone(classifier).fit(log_mels, y, groups=calls.groups)
        np.testing.assert_array_equal(fitted.classes_, np.unique(labels[~hidden]))
        fits.append(fitted.predict_proba(log_mels))
        assert set(fitted.predict(log_mels)) <= set(labels)
        assert all(0 <= epoch["pseudo_share"] <= 1 for epoch in fitted.history_)
    for probabilities in fits[1:]:
        np.testing.assert_array_equal(probabilities, fits[0])
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(log_mels), fits[0])
    assert [*clone(classifier).fit(log_mels, [*y]).classes_] == [0.0, 1.0, 2.0]


def test_errors_for_wrong_labels(log_mels, calls):
    classifier = fixmatch(max_epochs=1)
    y = calls.target.copy()
    y[:4] = -1
    with pytest.raises(ValueError, match=r"the string .-1.*dtype object"):
        classifier.fit(log_mels, y)
    with pytest.raises(ValueError, match="None of the 36 rows has a label"):
        classifier.fit(log_mels, np.full(36, -1))
    with pytest.raises(ValueError, match=r"confidence names \['owl'\]"):
        classifier.set_params(confidence={"owl": 0.5}).fit(log_mels, calls.target)
    with_nan = log_mels.copy()
    with_nan[:6] = np.nan
    y = np.where(np.arange(36) < 6, 1, -1)
    with pytest.warns(UserWarning, match="6 of 36"):
        with pytest.raises(
            ValueError, match="None of the labelled clips could be read"
        ):
            classifier.fit(with_nan, y)


def test_loss_uses_confident_pseudo_labels():
    targets = torch.tensor([[1.0, 0.0, 0.0]])
    labelled = torch.tensor([[2.0, 0.0, 0.0]])
    # Class 0 (0.87), class 1 (0.87), class 2 with low confidence, uniform.
    weak = torch.tensor([[3.0, 0, 0.5], [0, 3.0, 0.5], [0, 0, 1.0], [0, 0, 0]])
    strong = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    loss = FixMatchLoss([0.8, 0.95, 0.8], unlabelled_weight=0.5)
    supervised = WeightedLoss()(labelled, targets)
    whole = loss(torch.cat([labelled, weak, strong]), targets)
    # Class 1 has a higher threshold: only the first of the four rows counts.
    expected = supervised - 0.5 * torch.log_softmax(strong, dim=1)[0, 0] / 4
    torch.testing.assert_close(whole, expected)
    assert loss.pseudo_share == 0.25
    # No gradient flows through the pseudo-labels.
    weak.requires_grad_()
    strong.requires_grad_()
    loss(torch.cat([labelled, weak, strong]), targets).backward()
    assert weak.grad is None or not weak.grad.any()
    assert strong.grad[0].any() and not strong.grad[1:].any()
    assert loss(labelled, targets) == supervised


def test_pretraining_uses_the_unlabelled_rows_too(log_mels, calls):
    n_rows = []

    class Watched(COLAEncoder):
        def fit(self, X, y=None):
            n_rows.append(len(X))
            return super().fit(X)

    y = calls.target.astype(object)
    y[::2] = None
    network = CNN1DClassifier(
        encoder=Watched("cnn1d", max_epochs=1), max_epochs=1, early_stopping=False
    )
    FixMatchClassifier(network).fit(log_mels, y)
    assert n_rows == [36]


def test_the_augmented_variant_has_no_mixup():
    gain, masks = Gain(), SpecAugmenter()
    assert strong_augmenters([gain, Mixup(), masks]) == [gain, masks]
    for nothing in ([], [Mixup()]):
        (default,) = strong_augmenters(nothing)
        assert isinstance(default, SpecAugmenter)
    X = marked(80)
    y = np.array([*np.arange(40) % 2, *[-1] * 40])
    options = dict(max_epochs=3, random_state=0, callbacks=[Probe()])
    fixmatch(augment=Mixup(1.0), early_stopping=False, **options).fit(X, y)
    (seen,) = SEEN
    # A mixture would have the mark of no row, or of a labelled one.
    assert len(seen["unlabelled"]) > 30 and min(seen["unlabelled"]) > 40

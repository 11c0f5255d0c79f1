"""Nets and heads run in one thread, whatever the setting outside, and restore it."""

import threading

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from threadpoolctl import threadpool_info, threadpool_limits
from torch.nn.modules.module import register_module_forward_hook

from skaudio import (
    BYOLAEncoder,
    CNN1DClassifier,
    COLAEncoder,
    FixMatchClassifier,
    GroupedLogisticRegressionCV,
    MelEnsembleClassifier,
    PrototypicalNetClassifier,
    SimCLREncoder,
)
from skaudio._utils.threads import limited_threads, torch_threads
from skaudio.model_selection import cross_validated_predictions, fit_with_groups


def n_blas():
    found = [one["num_threads"] for one in threadpool_info()]
    kinds = [one["user_api"] for one in threadpool_info()]
    return {n for n, kind in zip(found, kinds, strict=True) if kind == "blas"}


@pytest.fixture(autouse=True)
def two_threads_outside():
    """Two threads of torch and BLAS, which must be there again at the end."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(2, user_api="blas"):
        yield
        assert n_blas() == {2}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


@pytest.fixture
def seen():
    """The numbers of threads of torch in which layers run."""
    numbers = set()
    hook = register_module_forward_hook(
        lambda *_: numbers.add(torch.get_num_threads()) and None
    )
    yield numbers
    hook.remove()


SHORT = dict(max_epochs=1, random_state=0)
NETS = [
    CNN1DClassifier(**SHORT),
    FixMatchClassifier(CNN1DClassifier(**SHORT)),
    MelEnsembleClassifier([("a", CNN1DClassifier(**SHORT))]),
    PrototypicalNetClassifier(encoder="cnn1d", n_episodes=1, random_state=0),
    *(
        kind("cnn1d", crop_frames=16, **SHORT)
        for kind in (BYOLAEncoder, COLAEncoder, SimCLREncoder)
    ),
]


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_a_net_trains_and_predicts_in_one_thread(net, log_mels, calls, seen):
    net.fit(log_mels, calls.target)
    assert seen == {1}
    seen.clear()
    getattr(net, "predict_proba", getattr(net, "transform", None))(log_mels)
    assert seen == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("n_threads, expected", [(None, 2), (3, 3)])
def test_a_parameter_says_how_many(log_mels, calls, seen, n_threads, expected):
    net = CNN1DClassifier(**SHORT, n_threads=n_threads)
    net.fit(log_mels, calls.target).predict(log_mels)
    assert seen == {expected}


def test_a_failed_fit_restores_the_threads(log_mels, calls):
    with pytest.raises(ValueError, match="finite"):
        CNN1DClassifier(lr=1e30, **SHORT).fit(log_mels, calls.target)


class Recorder(ClassifierMixin, BaseEstimator):
    """Classifies nothing; keeps the numbers of threads of BLAS and torch in `seen`."""

    seen = set()

    def fit(self, X, y):
        self.seen.update(n_blas(), {torch.get_num_threads()})
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        self.seen.update(n_blas(), {torch.get_num_threads()})
        return DummyClassifier().fit(X, np.arange(len(X)) % 3).predict_proba(X)


def test_heads_of_others_too(calls):
    X = np.arange(len(calls.target))[:, None].astype(float)
    Recorder.seen.clear()
    fit_with_groups(Recorder(), X, calls.target, calls.groups)
    cross_validated_predictions(Recorder(), X, calls.target, calls.groups, cv=2)
    assert Recorder.seen == {1}


def test_a_head_has_the_same_digits_at_any_setting():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 300)), np.arange(60) % 3
    two = GroupedLogisticRegressionCV().fit(X, y)
    with limited_threads(1):
        one = GroupedLogisticRegressionCV().fit(X, y)
    np.testing.assert_array_equal(one.coef_, two.coef_)


def test_blocks_side_by_side_and_within_each_other():
    inside, ready = [], threading.Barrier(2)

    def work(n_threads):
        with torch_threads(n_threads):
            ready.wait()
            with limited_threads(n_threads + 2):
                inside.append(torch.get_num_threads() - n_threads)
            inside.append(torch.get_num_threads() - n_threads)
        ready.wait()
        inside.append(torch.get_num_threads())

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(inside) == [0, 0, 2, 2, 2, 2]

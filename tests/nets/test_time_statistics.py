import numpy as np
import pytest
import torch
from scipy.fft import dct

from skaudio import StatisticsMelClassifier
from skaudio._nets.time_statistics import TimeStatistics


def test_features_by_their_definition():
    X = np.random.default_rng(0).normal(size=(3, 64, 90)).astype(np.float32)
    statistics = TimeStatistics(64)
    features = statistics(torch.from_numpy(X)).numpy()
    assert features.shape == (3, statistics.n_features) == (3, 4 * 64 + 5 * 40 + 48)
    cepstra = dct(X, axis=1, norm="ortho")[:, :40]

    def changes(values, lag):
        return (np.roll(values, -lag, axis=2) - values).std(axis=2)

    def percentile(values, share):
        return np.quantile(values, share, axis=2, method="nearest")

    expected = [
        X.mean(axis=2),
        X.std(axis=2),
        percentile(X, 0.9),
        changes(X, 1),
        cepstra.mean(axis=2),
        cepstra.std(axis=2),
        percentile(cepstra, 0.1),
        percentile(cepstra, 0.9),
        changes(cepstra, 1),
        *(changes(cepstra[:, :12], lag) for lag in (2, 4, 8, 16)),
    ]
    np.testing.assert_allclose(features, np.concatenate(expected, 1), atol=1e-4)


def test_an_exported_graph_computes_the_same():
    """Numpy sorts on a CPU; an exported network has torch's operations only."""
    statistics = TimeStatistics(16)
    X = torch.randn(2, 16, 30)
    traced = torch.jit.trace(statistics, torch.zeros_like(X))
    exported = torch.export.export(statistics, (torch.zeros_like(X),)).module()
    for graph in (traced, exported):
        np.testing.assert_allclose(graph(X), statistics(X), atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (8, 1), (5, 3)])
def test_any_size_is_finite(shape):
    statistics = TimeStatistics(shape[0])
    for X in (torch.zeros(2, *shape), torch.randn(2, *shape)):
        features = statistics(X)
        assert features.shape == (2, statistics.n_features)
        assert torch.isfinite(features).all()


def test_predictions_do_not_depend_on_the_batch(log_mels, calls):
    options = dict(max_epochs=2, early_stopping=False, random_state=0)
    classifier = StatisticsMelClassifier(**options).fit(log_mels, calls.target)
    together = classifier.predict_proba(log_mels)
    alone = np.concatenate([classifier.predict_proba(row[None]) for row in log_mels])
    np.testing.assert_allclose(alone, together, atol=1e-5)

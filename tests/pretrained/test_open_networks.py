import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny_weights import write_mobilenet

from skaudio import CNN1DClassifier, EfficientATEmbedder, FineTunedClassifier, WavLoader
from skaudio.model_selection import ablate, cross_validated_predictions
from skaudio.pretrained import open_networks
from skaudio.recordings import predict_files

ABSENT = EfficientATEmbedder(model_path="absent.pt")


@pytest.fixture
def embedder(tmp_path):
    return EfficientATEmbedder(model_path=write_mobilenet(tmp_path / "tiny.pt"))


def second_is_absent(embedder):
    branches = [make_pipeline(WavLoader(), one) for one in (embedder, ABSENT)]
    union = FeatureUnion([("first", branches[0]), ("second", branches[1])])
    return make_pipeline(union, StandardScaler(), LogisticRegression())


def test_every_network_is_opened(embedder):
    open_networks(embedder, make_pipeline(StandardScaler(), CNN1DClassifier()))
    for estimator in (
        ABSENT,
        FrozenEstimator(ABSENT),
        second_is_absent(embedder),
        make_pipeline(WavLoader(), FineTunedClassifier(ABSENT)),
    ):
        with pytest.raises(FileNotFoundError, match=r"absent\.pt: no such file"):
            open_networks(embedder, estimator)


def test_missing_weights_are_found_before_the_first_clip_is_read(embedder):
    files, y = ["no.wav"] * 8, ["cat", "dog"] * 4
    model, groups = second_is_absent(embedder), list(range(8))
    with pytest.raises(FileNotFoundError, match=r"absent\.pt"):
        cross_validated_predictions(model, files, y, groups, cv=2)
    with pytest.raises(FileNotFoundError, match=r"absent\.pt"):
        ablate({"two": model}, files, y, groups, cv=2, baselines=False)


def test_a_fitted_fine_tuned_network_needs_no_file(embedder, calls):
    tuned = FineTunedClassifier(embedder, sample_rate=16000, max_epochs=1)
    tuned = tuned.fit(calls.data[::3], calls.target[::3])
    tuned.set_params(backbone=ABSENT)
    open_networks(tuned)


def test_predict_opens_them_first(embedder, clip_folder):
    model = make_pipeline(WavLoader(sample_rate=32000), embedder, LogisticRegression())
    files = [str(file) for file in sorted(clip_folder.glob("*/*"))[::8]]
    model.fit(files, [file.split("/")[-2] for file in files])
    model[1].set_params(model_path="absent.pt")
    with pytest.raises(FileNotFoundError, match=r"absent\.pt"):
        predict_files(model, [clip_folder])

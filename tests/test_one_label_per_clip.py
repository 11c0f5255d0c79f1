"""What takes one label per clip refuses an indicator matrix, in one line."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from skaudio import CNN1DClassifier, LogMelExtractor, WavLoader, load_model, save_model
from skaudio.audit import audit_dataset
from skaudio.cli._inputs import load_classifier
from skaudio.displays import ClassScoresDisplay, ModelScoresDisplay, ReliabilityDisplay
from skaudio.metrics import (
    accuracy_interval,
    bootstrap_intervals,
    score_predictions,
    score_summary,
)
from skaudio.model_selection import (
    ablate,
    component_contributions,
    cross_validated_predictions,
    few_shot_curve,
    fold_robustness,
    held_out_report,
    noise_robustness,
)
from skaudio.reports import report_on

Y = np.tile(np.eye(3, dtype=int), (4, 1))
LABELS = Y.argmax(axis=1)
X, ROWS = np.ones((12, 8, 10), np.float32), range(12)
NET = CNN1DClassifier(max_epochs=1, early_stopping=False, random_state=0)
FITTED = CNN1DClassifier(max_epochs=1, early_stopping=False).fit(X, LABELS)
CALLS = {
    "cross_validated_predictions": lambda: cross_validated_predictions(NET, X, Y, ROWS),
    "ablate, y_test": lambda: ablate({"net": NET}, X, LABELS, ROWS, test=(X, Y)),
    "held_out_report, y_test": lambda: held_out_report(NET, X, LABELS, X, Y),
    "ablate, noise": lambda: ablate({"net": NET}, X, Y, ROWS, noise=[np.ones(9)]),
    "few_shot_curve": lambda: few_shot_curve(NET, X, Y, ROWS),
    "component_contributions": lambda: component_contributions(NET, X, Y, ROWS),
    "fold_robustness": lambda: fold_robustness(NET, X, Y, ROWS, [np.ones(9)]),
    "noise_robustness": lambda: noise_robustness(FITTED, X, Y, [np.ones(9)]),
    "report_on, y_test": lambda: report_on(FITTED, X, Y),
    "score_predictions, y_true": lambda: score_predictions(Y, Y),
    "score_summary, y_true": lambda: score_summary(Y, Y),
    "accuracy_interval, y_true": lambda: accuracy_interval(Y, Y),
    "bootstrap_intervals, y_true": lambda: bootstrap_intervals(Y, Y),
    "reliability, y_true": lambda: ReliabilityDisplay.from_predictions(Y, Y),
    "class scores, y_true": lambda: ClassScoresDisplay.from_predictions(Y, Y),
    "model scores, y_true": lambda: ModelScoresDisplay.from_predictions(Y, Y),
    "audit, target": lambda: audit_dataset([f"{row}.wav" for row in ROWS], Y),
}


@pytest.mark.parametrize("name", CALLS)
def test_indicator_matrices_are_refused(name):
    parameter = name.partition(", ")[2].replace("noise", "") or "y"
    message = rf"^{parameter} of shape \(12, 3\): expected one label per clip, shape"
    with pytest.raises(ValueError, match=message) as caught:
        CALLS[name]()
    assert "Where a clip has several, " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_models_of_several_labels_are_refused(clip_folder, tmp_path):
    files = sorted(clip_folder.rglob("*.wav"))[:12]
    model = make_pipeline(WavLoader(), LogMelExtractor(n_mels=8, n_frames=10), NET)
    model.fit(files, Y)
    path = tmp_path / "several.joblib"
    save_model(model, path)
    for use in (
        lambda: report_on(model, files, LABELS),
        lambda: load_classifier(path),  # of `skaudio evaluate`
    ):
        with pytest.raises(ValueError, match="CNN1DClassifier was fitted on several"):
            use()
    # As the error says:
    assert load_model(path).predict_proba(files).shape == (12, 3)

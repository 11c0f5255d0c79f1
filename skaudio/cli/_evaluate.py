"""`skaudio evaluate`."""

import json as json_format

from skaudio.cli._console import note, show_evaluation
from skaudio.cli._inputs import check_output, load_test_clips


def run(*, model, folder, json, jobs):
    """Load, score, print, write."""
    from skaudio import __version__
    from skaudio._utils.atomic import write_text
    from skaudio.reports import report_on

    classifier = load_classifier(model)
    check_output(json, "scores")
    clips = load_test_clips(folder, classifier.classes_.tolist(), jobs)
    report = report_on(
        *(classifier, clips.data, clips.target, clips.groups), n_jobs=jobs
    )
    show_evaluation(report, str(folder))
    if json is not None:
        facts = {"model": str(model), "data": str(folder), "skaudio": __version__}
        rejected = clips.rejected.to_dict("records")
        scores = facts | report.to_dict() | {"rejected": rejected}
        write_text(json, json_format.dumps(scores, indent=2) + "\n", "the scores")
        note(f"wrote {json}")


def load_classifier(path):
    """Load a saved model that predicts classes."""
    from skaudio import load_model

    model = load_model(path)
    if not hasattr(model, "classes_") or not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path}: holds a {type(model).__name__} that gives no probabilities of "
            "classes, expected a fitted classifier or pipeline"
        )
    return model

"""`skaudio evaluate`."""

import json as json_format

import numpy as np

from skaudio.cli._console import note, say, show_kin, show_scores, show_summary


def run(model, folder, json, jobs):
    """Load, predict, score, print, write."""
    from skaudio import __version__

    pipeline = load_classifier(model)
    if json is not None and not json.parent.is_dir():
        raise FileNotFoundError(f"{json.parent}: no such folder to write scores in")
    clips = load_test(folder, pipeline.classes_.tolist(), jobs)
    scores = score_test(pipeline, clips, str(folder), jobs)
    if json is not None:
        rejected = clips.rejected.to_dict("records")
        facts = {"model": str(model), "data": str(folder), "skaudio": __version__}
        text = json_format.dumps(facts | scores | {"rejected": rejected}, indent=2)
        json.write_text(text + "\n", encoding="utf-8")
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


def score_test(pipeline, clips, title, jobs):
    """Score as given and, where clips have kin in training, without those."""
    from skaudio.model_selection import check_training
    from skaudio.reports import score_predictions

    predicted = pipeline.predict(clips.data)
    scores = score_predictions(clips.target, predicted, clips.groups)
    show_scores(scores, title)
    shared = check_training(pipeline, clips, n_jobs=jobs)
    scores |= {"kin_in_training": None, "clean": None}
    if shared is None:
        say(
            "\nwarning: the model does not tell its training clips, so that copies of "
            "them among these clips go unseen: skaudio train saves models that do"
        )
        return scores
    scores["near_copies_checked"] = shared.attrs["near"]
    if not shared.attrs["near"]:
        say(
            "\nwarning: the training clips are no longer where they were, so that near "
            "copies of them go unseen; exact copies and sources are still known"
        )
    if shared.empty:
        scores |= {"kin_in_training": [], "clean": scores.copy()}
        return scores
    show_kin(shared, len(clips.data))
    clean = ~np.isin(clips.data.astype(str), shared["test_file"].to_numpy(dtype=str))
    scores["kin_in_training"] = shared.to_dict("records")
    if clean.any():
        scores["clean"] = score_predictions(
            clips.target[clean], predicted[clean], clips.groups[clean]
        )
        show_summary(scores["clean"], f"\n{title}, without kin of the training clips")
    else:
        say("no clip is left to score")
    return scores


def load_test(folder, known, jobs):
    """List labelled clips, all of classes that the model knows."""
    from skaudio.datasets import load_audio_folder

    clips = load_audio_folder(folder, n_jobs=jobs)
    unknown = sorted(set(clips.target_names) - set(known))
    if unknown:
        raise ValueError(
            f"{folder}: has classes that the model does not know: "
            f"{', '.join(unknown)}; it knows {', '.join(map(str, known))}"
        )
    return clips

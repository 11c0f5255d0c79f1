"""`skaudio evaluate`."""

import json as json_format

import numpy as np

from skaudio.cli._console import note, show_kin, show_scores, show_summary


def run(model, folder, json, jobs):
    """Load, predict, score, print, write."""
    from skaudio import __version__, load_model

    pipeline = load_model(model)
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


def score_test(pipeline, clips, title, jobs):
    """Score as given and, where clips have kin in training, without those."""
    from skaudio.model_selection import check_training
    from skaudio.reports import score_predictions

    predicted = pipeline.predict(clips.data)
    scores = score_predictions(clips.target, predicted)
    show_scores(scores, title)
    shared = check_training(pipeline, clips, n_jobs=jobs)
    if shared is None or shared.empty:
        return scores
    show_kin(shared, len(clips.data))
    clean = ~np.isin(clips.data.astype(str), shared["test_file"].to_numpy(dtype=str))
    scores["kin_in_training"] = shared.to_dict("records")
    scores["clean"] = None
    if clean.any():
        scores["clean"] = score_predictions(clips.target[clean], predicted[clean])
        show_summary(scores["clean"], f"{title}, without kin of the training clips")
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

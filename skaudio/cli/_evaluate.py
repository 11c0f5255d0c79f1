"""`skaudio evaluate`."""

import json as json_format

from skaudio.cli._console import note, show_scores


def run(model, folder, json, jobs):
    """Load, predict, score, print, write."""
    from skaudio import __version__, load_model
    from skaudio.reports import score_predictions

    pipeline = load_model(model)
    if json is not None and not json.parent.is_dir():
        raise FileNotFoundError(f"{json.parent}: no such folder to write scores in")
    clips = load_test(folder, pipeline.classes_.tolist(), jobs)
    scores = score_predictions(clips.target, pipeline.predict(clips.data))
    show_scores(scores, str(folder))
    if json is not None:
        rejected = clips.rejected.to_dict("records")
        facts = {"model": str(model), "data": str(folder), "skaudio": __version__}
        text = json_format.dumps(facts | scores | {"rejected": rejected}, indent=2)
        json.write_text(text + "\n", encoding="utf-8")
        note(f"wrote {json}")


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

"""`skaudio evaluate` of many clips, stopped and run again."""

import json

from skaudio import MFCCStatistics
from skaudio.reports import _predict_clips


def test_it_goes_on_and_leaves_only_its_scores(
    command, quick_model, clip_folder, other_clips, tmp_path, monkeypatch
):
    model = quick_model(clip_folder, tmp_path / "model.skaudio")
    out = tmp_path / "scores.json"
    monkeypatch.setattr(_predict_clips, "_CLIPS_AT_ONCE", 3)
    arguments = ("evaluate", model, other_clips / "Training", "--json", out, "-j", 1)
    assert command(*arguments)[0] == 0
    whole = json.loads(out.read_text())
    out.unlink()
    real, chunks = MFCCStatistics.transform, []

    def transform(self, X):
        if len(chunks) == 2:
            raise KeyboardInterrupt
        chunks.append(len(X))
        return real(self, X)

    with monkeypatch.context() as patch:
        patch.setattr(MFCCStatistics, "transform", transform)
        status, _, err = command(*arguments)
        assert status == 130 and err.splitlines()[-1].endswith("stopped")
        assert not out.exists()
        n_done = sum(chunks)
        chunks[:] = []
        assert command(*arguments)[0] == 0
    assert n_done and sum(chunks) + n_done == whole["n_clips"]
    found = json.loads(out.read_text())
    times = {name for name in whole if "times" in name or "seconds" in name}
    assert {name for name in whole if found[name] != whole[name]} <= times
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {"model.skaudio", out.name, f"{out.name}.run.toml"}

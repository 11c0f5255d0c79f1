"""`skaudio predict` of many files, stopped and run again."""

from skaudio import WavLoader
from skaudio.recordings._predict import predict_files as _predict_files


def test_it_goes_on_and_leaves_only_its_table(
    command, quick_model, clip_folder, tmp_path, monkeypatch
):
    model, table = quick_model(clip_folder, tmp_path / "model.skaudio"), "table.csv"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_predict_files, "_FILES_AT_ONCE", 8)
    arguments = ("predict", model, clip_folder, "--csv", table, "-j", 1)
    assert command(*arguments)[0] == 0
    whole = (tmp_path / table).read_text()
    (tmp_path / table).unlink()
    real, loaded = WavLoader.load, []

    def load(loader, clip):
        if len(loaded) == 40:  # inspected and predicted: of the third chunk
            raise KeyboardInterrupt
        loaded.append(clip.file)
        return real(loader, clip)

    with monkeypatch.context() as patch:
        patch.setattr(WavLoader, "load", load)
        status, _, err = command(*arguments)
        assert status == 130 and err.splitlines()[-1].endswith("stopped")
        assert "the predictions are kept in table.csv.part: the same command" in err
        assert not (tmp_path / table).exists()
        first = set(loaded[:32])
        loaded.clear()
        assert command(*arguments)[0] == 0
    assert len(set(loaded)) == 8 and not set(loaded) & first
    assert (tmp_path / table).read_text() == whole
    assert {one.name for one in tmp_path.iterdir()} == {
        *("model.skaudio", table, "table.csv.run.toml")
    }

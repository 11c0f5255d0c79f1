import shutil

import pytest


@pytest.fixture
def two_classes(clip_folder, tmp_path):
    """A folder of two classes, one of them of a single clip."""
    folder = tmp_path / "two"
    shutil.copytree(clip_folder / "cat", folder / "cat")
    clip = sorted((clip_folder / "cow").glob("*.wav"))[0]
    (folder / "cow").mkdir()
    shutil.copy(clip, folder / "cow")
    return folder


def test_a_class_of_one_clip_is_refused_with_what_to_do(two_classes, command, tmp_path):
    options = ("--classifier", "cnn1d", "-j", 1, "--cache", "none")
    out = tmp_path / "model.skaudio"
    status, _, err = command("train", two_classes, "--cv", 3, "-o", out, *options)
    (error,) = [line for line in err.splitlines() if line.startswith("error:")]
    assert status == 1 and "cow has only 1 group of related clips" in error
    assert error.endswith("recordings. Or train without a score: --cv 0.")
    assert command("train", two_classes, "-o", out, *options)[0] == 0 and out.is_file()
    page = tmp_path / "report.html"
    status, _, err = command("report", two_classes, "--cv", 3, "-o", page, *options)
    assert status == 1 and err.rstrip().endswith("from other recordings.")
    assert "y has only" not in err and "np.str_" not in err

"""`skaudio report`, run as a user runs it."""

import re
import shutil


def test_a_page_with_folds_test_and_noise(skaudio, clip_folder, other_clips, tmp_path):
    page = tmp_path / "report.html"
    arguments = (
        *("report", clip_folder, "--test", other_clips / "Training"),
        *("--noise", other_clips / "Noise", "--classifier", "cnn1d", "--cv", 2),
        *("--seeds", 2, "--seed", 3, "--cache", tmp_path / "results", "-o", page),
    )
    run = skaudio(*arguments)
    splits, _, *rows, _ = run.stdout.splitlines()
    assert re.split("  +", splits.strip()) == ["Cross-validation (24)", "Test (9)"]
    assert [row.split()[0] for row in rows] == ["cnn1d", "mfcc_svm"]
    assert all(len(re.findall(r"\(\d\.\d\d-\d\.\d\d\)", row)) == 2 for row in rows)
    assert "6 noise files for training, 2 others for testing" in run.stderr
    html = page.read_text("utf-8")
    assert "Noise robustness" in html and "the first fold" in html
    # Each kind is compared by its own test, and the command can be run again.
    assert "Nadeau and Bengio" in html and "McNemar" in html
    assert re.search(r"skaudio report .* --seed 3 ", html)
    results = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "results" / "fits").iterdir()
    }
    assert len(results) == 2 * (2 + 2 + 1)
    skaudio(*arguments)
    assert results == {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "results" / "fits").iterdir()
    }


def test_unreadable_clips_come_into_the_warnings(skaudio, clip_folder, tmp_path):
    shutil.copytree(clip_folder, tmp_path / "clips")
    (tmp_path / "clips" / "cat" / "bad.wav").write_bytes(b"no sound")
    page = tmp_path / "report.html"
    run = skaudio(
        *("report", tmp_path / "clips", "--classifier", "cnn1d", "--cv", 2, "-o", page)
    )
    assert "1 clip unreadable: cat/bad.wav (not a sound file" in run.stderr
    assert "1 clip unreadable: cat/bad.wav (not a sound file" in page.read_text("utf-8")


def test_errors_come_before_the_work(skaudio, clip_folder, tmp_path):
    for arguments, reason in [
        (("-o", tmp_path / "no" / "report.html"), "its folder does not exist"),
        (("-o", tmp_path), "it is a folder: expected the name of a file"),
        (("-o", tmp_path / "a.html", "--cv", 1), "--cv 1: expected at least 2"),
        (
            ("-o", tmp_path / "a.html", "--noise", "nowhere"),
            "nowhere: no such folder or file",
        ),
        (("-o", tmp_path / "a.html", "--test-noise", "nowhere"), "nowhere: no such"),
    ]:
        run = skaudio("report", clip_folder, *arguments, status=1)
        errors = [line for line in run.stderr.splitlines() if "error:" in line]
        assert len(errors) == 1 and reason in errors[0], run.stderr
    assert not list(tmp_path.iterdir())

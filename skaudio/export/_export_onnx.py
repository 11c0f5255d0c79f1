"""A fitted model as one ONNX graph, from waveforms to probabilities."""

import hashlib
import io
import json
import os
import tempfile
import warnings

import numpy as np
import soundfile
import torch
from torch import nn

from skaudio._utils.atomic import atomic_write
from skaudio._utils.background import is_background
from skaudio._utils.convolutions import there_mask
from skaudio._utils.hashing import model_hash
from skaudio._utils.kept_thresholds import (
    check_as_they_come,
    check_model,
    read_thresholds,
    settle,
)
from skaudio._utils.model_files import ModelFileError
from skaudio._utils.names import final_estimator
from skaudio._utils.optional import import_optional
from skaudio._utils.version import __version__
from skaudio.export._classes_of import classes_of
from skaudio.export._int8 import to_int8
from skaudio.export._networks import networks_inside
from skaudio.export._runtime import INPUTS, OUTPUTS, Model
from skaudio.export._torch_steps import step_of
from skaudio.features import WavLoader
from skaudio.io import AudioFileError, list_audio_files, load_clip
from skaudio.recordings import longest_used, training_window

OPSET = 18
# What is kept of a calibration: not by whom it was checked.
_KEPT = "date model parameters scoring events thresholds promises".split()
_MOST_CLIPS = 100  # from which the ranges of integers are measured
_LARGEST_DIFFERENCE = 1e-4  # of a probability, between the model and its graph


def export_onnx(model, path, window=None, *, thresholds=None, int8=None, model_id=None):
    """Write a fitted model as an ONNX file that gives the same probabilities.

    The graph holds all that follows the loading of a sound: spectrum, log-mels and
    their normalisation, the speeds of an embedder, the network, the head and the
    calibration. It runs wherever onnxruntime does, without Python: see the guide.

    Parameters
    ----------
    model : fitted classifier or Pipeline
        Takes files or waveforms. Its steps are `LogMelExtractor` and the networks over
        log-mels, `MelEnsembleClassifier`, `EfficientATEmbedder` with StandardScaler and
        LogisticRegression or `GroupedLogisticRegressionCV`, `FineTunedClassifier` of
        EfficientAT or of an encoder, `WindowClassifier`, `GroupedCalibrator`,
        `UnknownRejector`.
    path : str or path-like
        A name that ends in ``.onnx``.
    window : float or None, default=None
        Seconds of a window in recordings, for whoever runs the graph. None is what the
        model was trained for.
    thresholds : dict, path or None, default=None
        To be kept in the file: by class, the score from which an event counts. Or the
        ``thresholds.json`` of `skaudio.recordings.calibrate`. A class without one is
        not reported. Of a file, the windows and events of its calibration are kept,
        too, and the promises: see `skaudio.recordings.detect`.
    int8 : list of paths, or None, default=None
        Clips and folders of clips, such as those of training: the network then computes
        with 8-bit integers, whose ranges up to 100 of these clips give. The file is
        smaller and the probabilities differ, for EfficientAT by several points of
        accuracy: measure it. Spectra stay in float32.
    model_id : str or None, default=None
        What the model is known by, to thresholds too. None is a hash of the fitted
        model, as of `detect`. With `int8` that of the graph is added, since its scores
        are others.

    Returns
    -------
    facts : dict
        What the file says of itself, as ``load_onnx(path).facts``.

    Raises
    ------
    ModelFileError
        Naming the part of the model that cannot be exported (of the embedders all but
        EfficientAT, steps of yours); or where the graph gives other probabilities than
        the model, so that no file is written.
    ImportError
        Where the extra ``onnx`` is not installed.
    ValueError
        For a window that is longer than what the model uses of a clip, thresholds of
        other classes or of another model, or a window beside them that is not theirs.

    See Also
    --------
    load_onnx : Opens the file, without torch.

    Notes
    -----
    Inputs are ``waveforms``, float32 (n, n_samples) at the model's sample rate, and
    ``lengths``, int64 (n,), the samples that each row has; shorter rows are padded at
    the end. Outputs are ``probabilities``, float32 (n, n_classes), and for an
    `UnknownRejector` ``p_values``, float32 (n,). Both sizes of the input are free: a
    row may be a window or a whole clip, of which the graph pools what the model pools.
    Opset 18, no operators beside those of ONNX: spectra and resampling are convolutions
    and equal those of the model to 1e-5.

    Examples
    --------
    >>> import os, tempfile
    >>> from skaudio.datasets import make_animal_sounds
    >>> from skaudio.export import export_onnx
    >>> from skaudio.pipelines import audio_pipeline
    >>> calls = make_animal_sounds(6, n_classes=2, random_state=0)
    >>> pipeline = audio_pipeline("cnn1d").set_params(clf__max_epochs=1)
    >>> model = pipeline[1:].fit(calls.data, calls.target)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     facts = export_onnx(model, os.path.join(folder, "model.onnx"), window=3.0)
    >>> facts["classes"], facts["sample_rate"], facts["window"]
    (['cat', 'cow'], 16000, 3.0)
    """
    if os.path.splitext(path)[1] != ".onnx":
        raise ModelFileError(f"{path}: expected a name that ends in .onnx")
    onnx = import_optional("onnx", "onnx", "onnx")
    model = getattr(model, "best_estimator_", model)
    if not hasattr(model, "classes_"):
        raise ModelFileError(
            f"{type(model).__name__} has no classes: expected a fitted classifier or "
            "pipeline"
        )
    classes, final = classes_of(model), final_estimator(model)
    knows_unknown = hasattr(final, "p_values")
    sample_rate, channel = _input_of(model)
    kept, windows = _calibration(thresholds, window)
    if kept is not None:
        window, thresholds = windows["clip_duration"], kept["thresholds"]
        channel = channel if windows["channel"] is None else windows["channel"]
    facts = {
        "skaudio": __version__,
        "model": model_hash(model) if model_id is None else model_id,
        "classes": classes,
        "sample_rate": sample_rate,
        "channel": channel,
        **_windows_of(model, window, windows.get("clip_step")),
        "background": [label for label in classes if is_background(label)],
        "multi_label": bool(getattr(final, "multilabel_", False)),
        "thresholds": _thresholds(thresholds, classes, kept),
        "calibration": kept and {name: kept.get(name) for name in _KEPT},
        "unknown": {
            "label": final.unknown_label,
            "alpha": float(final.alpha),
            "as_class": bool(final.as_class),
        }
        if knows_unknown
        else None,
        "networks": [
            {**one, "weights_in_file": True} for one in networks_inside(model)
        ],
        "int8": int8 is not None,
    }
    if int8 is None and kept is not None:
        check_model(kept, facts["model"])
    graph = _Graph(step_of(model), OUTPUTS[: 1 + knows_unknown])
    proto = onnx.load_from_string(_traced(graph, sample_rate))
    _describe(onnx, proto, facts)
    data = proto.SerializeToString()
    _compare(model, Model(data))
    if int8 is not None:
        clips = _clips_of(int8, sample_rate, channel, facts["window"])
        proto = to_int8(proto, clips)
        onnx.helper.set_model_props(proto, {})  # the graph alone
        digest = hashlib.sha256(proto.SerializeToString()).hexdigest()
        facts["model"] += f" in 8-bit integers sha256:{digest}"
        if kept is not None:
            check_model(kept, facts["model"])
        _describe(onnx, proto, facts)
        data = proto.SerializeToString()
    with atomic_write(path, "the graph", "onnx") as file:
        file.write(data)
    return facts


class _Graph(nn.Module):
    """What is traced: tensors in, tensors out."""

    def __init__(self, step, outputs):
        super().__init__()
        self.step, self.outputs = step, outputs

    def forward(self, waveforms, lengths):
        # What is padding in a batch is silence.
        waveforms = waveforms * there_mask(waveforms.shape[1], lengths)
        flow = self.step({"waveforms": waveforms, "lengths": lengths})
        return tuple(flow[name].float() for name in self.outputs)


def _traced(graph, sample_rate):
    """Return the bytes of the graph."""
    # Two rows of unequal length, of two seconds: any sizes do.
    example = torch.zeros(2, 2 * sample_rate), torch.tensor([2 * sample_rate, 1000])
    sizes = {name: {0: "n"} for name in (*INPUTS, *graph.outputs)}
    sizes[INPUTS[0]] = {0: "n", 1: "n_samples"}
    written = io.BytesIO()
    fused = torch.backends.mha.get_fastpath_enabled()
    with warnings.catch_warnings():
        # The other exporter takes thirty times longer, and needs one package more.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)
        warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
        torch.backends.mha.set_fastpath_enabled(False)  # no operator of ONNX
        try:
            torch.onnx.export(
                graph.eval(),
                example,
                written,
                input_names=list(INPUTS),
                output_names=list(graph.outputs),
                dynamic_axes=sizes,
                opset_version=OPSET,
                dynamo=False,
            )
        finally:
            torch.backends.mha.set_fastpath_enabled(fused)
    return written.getvalue()


def _describe(onnx, proto, facts):
    """Write into a graph what it is."""
    proto.producer_name, proto.producer_version = "skaudio", __version__
    onnx.helper.set_model_props(
        proto,
        {name: json.dumps(value, ensure_ascii=False) for name, value in facts.items()},
    )


def _clips_of(paths, sample_rate, channel, window):
    """Load some clips, evenly spaced in the list, each up to a window."""
    files = list_audio_files(
        [paths] if isinstance(paths, (str, os.PathLike)) else paths
    )
    chosen = np.unique(np.linspace(0, len(files) - 1, _MOST_CLIPS).astype(int))
    waveforms = []
    for place in chosen:
        loaded = load_clip((files[place], None, None), sample_rate, channel)
        if isinstance(loaded, AudioFileError):
            raise loaded
        waveforms.append(loaded.waveform[: round(window * sample_rate)])
    return waveforms


def _input_of(model):
    """Return the sample rate and the channel of the waveforms that a model takes."""
    parts = [model, *model.get_params().values()]
    loaders = [part for part in parts if isinstance(part, WavLoader)]
    found = {(loader.sample_rate, loader.channel) for loader in loaders}
    if len(found) > 1:
        raise ModelFileError(
            f"the model's loaders differ in rate or channel, {sorted(found)}: expected "
            "one loader, as of window_pipeline"
        )
    if found:
        return found.pop()
    first, inner = None, model
    while inner is not None and not hasattr(first, "sample_rate"):
        first = inner
        inner = getattr(first, "estimator_", None)
        if hasattr(first, "steps"):
            inner = first.steps[0][1]
    if not hasattr(first, "sample_rate"):
        raise ModelFileError(
            f"the model begins with {type(first).__name__}, which takes no waveforms: "
            "save the whole pipeline, from WavLoader on"
        )
    return first.sample_rate, "mix"


def _calibration(thresholds, window):
    """Read the calibration of a file, and the windows that it holds for."""
    if not isinstance(thresholds, (str, os.PathLike)):
        return None, {}
    kept = read_thresholds(thresholds)
    check_as_they_come(kept)
    # The number of a window is all that is asked for here.
    return kept, settle(kept, {}, {"clip_duration": window})[1]


def _windows_of(model, window, step=None):
    """Return the seconds of a window, of its overlap, and the most of a clip."""
    longest, why = longest_used(model)
    window = training_window(model) if window is None else window
    if window is None:
        raise ValueError(
            "window=None: the model has no window of its own: pass seconds (--window)."
        )
    if not 0 < window <= (longest or np.inf) + 1e-9:
        most = f", and at most {longest:g}, for {why}" if longest else ""
        raise ValueError(f"window={window}: expected seconds above 0{most}.")
    window = float(window)
    overlap = window / 2 if step is None else window - step
    return {"window": window, "overlap": overlap, "longest_clip": longest}


def _thresholds(thresholds, classes, kept):
    """Check thresholds by class."""
    if thresholds is None:
        return None
    source = "thresholds" if kept is None else kept["path"]
    names = [str(label) for label in classes if not is_background(label)]
    given = {str(label): float(value) for label, value in dict(thresholds).items()}
    for label, value in given.items():
        if label not in names or not 0 <= value <= 1:
            raise ValueError(
                f"{source}: {value:g} of {label!r}: expected numbers from 0 to 1 of "
                f"some of {', '.join(names)}."
            )
    return given


def _compare(model, exported):
    """Raise where the graph gives other probabilities than the model."""
    rate = exported.facts["sample_rate"]
    n_window = round(exported.facts["window"] * rate)
    time = np.arange(n_window) / rate
    tone = np.sin(2000 * time * (1 + time / time[-1] if n_window > 1 else 1))
    noise = np.random.default_rng(0).normal(size=n_window)
    clips = [(0.3 * tone).astype(np.float32), (0.1 * noise).astype(np.float32)]
    clips[1] = clips[1][: max(1, n_window // 3)]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(getattr(model, "steps", [(0, 0)])[0][1], WavLoader):
            rows = [os.path.join(folder, f"{row}.wav") for row in range(2)]
            for file, clip in zip(rows, clips, strict=True):
                soundfile.write(file, clip, rate, "FLOAT")
        else:
            rows = np.empty(2, dtype=object)
            rows[:] = clips
        expected = np.asarray(model.predict_proba(rows))
    # In one batch, and each alone.
    found = [exported.run(clips)[0]]
    found.append(np.concatenate([exported.run([clip])[0] for clip in clips]))
    difference = np.abs(np.stack(found) - expected).max()
    if not difference <= _LARGEST_DIFFERENCE:
        raise ModelFileError(
            f"the graph gives probabilities that differ by {difference:.1g} from the "
            "model's, so that no file is written: is a step a subclass of skaudio's, "
            "with other results?"
        )

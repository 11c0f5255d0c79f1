"""Networks of the package transformers, from a folder or by name from the hub."""

import fnmatch
import hashlib
import json
import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from skaudio._utils.optional import import_optional
from skaudio.pretrained._base import WaveformEmbedder, Weights
from skaudio.pretrained._weights import checksum, own_weights

CONFIGS = ("config.json", "preprocessor_config.json")
WEIGHTS = ("*.safetensors", "*.bin")  # the first kind found is read


class Published(NamedTuple):
    """A model on the hub, at the revision that skaudio was written for."""

    name: str
    revision: str
    file: str
    sha256: str


class TransformersEmbedder(WaveformEmbedder):
    """Base of the embedders of the package transformers: where weights come from.

    A subclass has `_published`, the names of its classes in transformers (`_model`,
    `_extractor`), the `_types` that a config.json may name, and `_network`, which is
    called with the opened model and feature extractor.
    """

    _parameter_constraints = {
        **WaveformEmbedder._parameter_constraints,
        "model_path": [str, os.PathLike],
        "device": [str],
    }

    def _weights(self):
        folder, published = _folder(str(self.model_path), self._published)
        files = [folder / name for name in CONFIGS]
        files += [file for kind in WEIGHTS for file in sorted(folder.glob(kind))]
        digest = hashlib.sha256()
        for file in files:
            known = published and file.name == published.file
            expected = published.sha256 if known else None
            digest.update(f"{file.name} {checksum(file, expected)}\n".encode())
        return Weights(str(folder), digest.hexdigest())

    def _open(self, weights):
        from skaudio._nets.devices import present_device

        device = present_device(self.device)
        model, extractor = _load(
            weights.path, self._model, self._extractor, self._types
        )
        return self._network(model.to(device).eval(), extractor, device)

    def _opens_with(self):
        return (self.device,)

    def _compute(self, *arguments):
        import torch

        # Many versions of transformers draw a number per layer, used in training only.
        with torch.random.fork_rng(devices=[]):
            return super()._compute(*arguments)


def _folder(path, published):
    """Find the folder of a model, and its `Published` entry if it has one."""
    if os.path.exists(path):
        path = Path(path)
        return (path if path.is_dir() else path.parent), None
    published = published if path == published.name else None
    found = own_weights(path)
    if found is not None:
        return Path(found), published
    name, _, revision = path.partition("@")
    revision = published.revision if published else revision or None
    hub = import_optional("huggingface_hub", "transformers", "transformers")
    folder = _kept(hub, name, revision)
    if folder is None:
        try:
            folder = _fetched(hub, name, revision)
        # Network, server, name and revision fail with errors of many kinds.
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            at = f"@{revision}" if revision else ""
            raise OSError(
                f"{name}{at}: is no folder, is not in the local cache of "
                f"huggingface_hub, and cannot be fetched ({reason}). With a network "
                "connection, fetch it with `hf download`, and pass its folder as "
                "model_path."
            ) from error
    return folder, published


def _kept(hub, name, revision):
    """Return the cached folder of a model, or None where its weights are missing."""
    try:
        folder = Path(
            hub.snapshot_download(name, revision=revision, local_files_only=True)
        )
    except (OSError, ValueError):
        return None
    return folder if any(any(folder.glob(kind)) for kind in WEIGHTS) else None


def _fetched(hub, name, revision):
    # Asked first: without a connection it fails at once, a download only after long.
    there = hub.model_info(name, revision=revision, timeout=30).siblings
    files = [entry.rfilename for entry in there if "/" not in entry.rfilename]
    kinds = [kind for kind in WEIGHTS if fnmatch.filter(files, kind)]
    folder = hub.snapshot_download(
        name, revision=revision, allow_patterns=[*CONFIGS, *kinds[:1]]
    )
    return Path(folder)


def _load(folder, model_name, extractor_name, types):
    """Open a model and its front end, silently and with all its weights."""
    transformers = import_optional("transformers", "transformers", "transformers")
    try:
        model_class = getattr(transformers, model_name)
        extractor_class = getattr(transformers, extractor_name)
    except (ImportError, OSError, RuntimeError) as error:
        raise ImportError(
            f"transformers.{extractor_name} cannot be imported "
            f"({str(error).strip().splitlines()[-1]}). If a torchaudio is installed, "
            "it may not fit the installed torch: pip uninstall torchaudio"
        ) from error
    kind = json.loads(Path(folder, "config.json").read_text("utf-8")).get("model_type")
    if kind not in types:
        raise ValueError(
            f"{folder}: its config.json has model_type {kind!r}, expected "
            f"{' or '.join(map(repr, types))}."
        )
    import torch

    with _quiet(transformers.utils.logging), torch.random.fork_rng(devices=[]):
        model, report = model_class.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
        extractor = extractor_class.from_pretrained(folder, local_files_only=True)
    # transformers fills missing weights with random ones; only training uses the mask.
    missing = sorted(set(report["missing_keys"]) - {"masked_spec_embed"})
    if missing:
        raise ValueError(
            f"{folder}: the file of weights lacks {len(missing)} of {model_name}, such "
            f"as {missing[0]!r}. Expected the weights of this network."
        )
    return model, extractor


@contextmanager
def _quiet(logging):
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            # AST's filters are as narrow as they were in training.
            warnings.filterwarnings("ignore", message="At least one mel filter has all")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()

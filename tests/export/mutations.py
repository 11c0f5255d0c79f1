"""Damaged and hostile variants of a model file, for the tests and the benchmark."""

import io
import json
import random
import struct
import warnings
import zipfile

from skaudio._utils.model_files import CARD, ENTRIES, ESTIMATOR, FACTS, TENSORS
from skaudio.export._known_classes import KNOWN

STRANGERS = (
    *("os.system", "builtins.eval", "builtins.exec", "subprocess.Popen"),
    *("functools.partial", "operator.attrgetter", "numpy.load", "joblib.load"),
    *("pickle.loads", "torch.load", "sklearn.ensemble._forest.RandomForestClassifier"),
    *("skaudio.classifiers._base.AudioClassifier", "__main__.Evil", "", "a.b\x1b[2J"),
)
_VALUES = (
    *(None, True, -1, 0, 10**9, 2**70, 1e308, "", "cat", "os.system", "meta", "cuda:7"),
    *([], [1] * 50, [[[]]], {}, {"type": "tuple", "items": []}),
    {"type": "array", "tensor": "absent", "transposed": False},
    {"type": "path", "value": "/etc/passwd"},
    {"type": "float", "value": "nan"},
    {"type": "text", "shape": [1], "dtype": "<U9999999", "items": ["a"]},
    {"type": "text", "shape": [1], "dtype": "O", "items": ["a"]},
    {"type": "objects", "shape": [2**40], "items": [1]},
    {"type": "scalar", "dtype": "<f8", "value": "x"},
    {"type": "pickle", "value": "gASVIQAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOULg=="},
)


def mutated(content, n, seed=0):
    """Yield n variants of a file as (kind, content), of all kinds in turn.

    Parameters
    ----------
    content : bytes
        Of a sound model file.
    """
    rng = random.Random(seed)
    for number in range(n):
        kind = list(KINDS)[number % len(KINDS)]
        yield kind, KINDS[kind](content, rng)


def entries_of(content):
    """Read the entries of a sound file, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries, compression=zipfile.ZIP_STORED):
    """Zip entries: a dict, or pairs where a name comes twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


def with_estimator(content, change):
    """Change the decoded estimator.json of a file."""
    return _with_json(content, ESTIMATOR, change)


def with_facts(content, change):
    """Change the decoded model.json of a file."""
    return _with_json(content, FACTS, change)


def with_header(content, change):
    """Change the decoded header of the tensors of a file, which leaves their bytes."""
    entries = entries_of(content)
    data = entries[TENSORS]
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header = change(header) or header
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    entries[TENSORS] = struct.pack("<Q", len(text)) + text + data[8 + length :]
    return zipped(entries)


def _with_json(content, name, change):
    entries = entries_of(content)
    value = json.loads(entries[name])
    value = change(value) or value
    entries[name] = json.dumps(value).encode("utf-8", "surrogatepass")
    return zipped(entries)


def _bytes_flipped(content, rng):
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 4, 64))):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _directory_flipped(content, rng):
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 2, 8))):
        damaged[-1 - rng.randrange(300)] = rng.randrange(256)
    return bytes(damaged)


def _cut(content, rng):
    return content[: rng.randrange(len(content))]


def _lengthened(content, rng):
    place = rng.randrange(len(content))
    return content[:place] + rng.randbytes(rng.randrange(1, 999)) + content[place:]


def _entries_swapped(content, rng):
    entries = entries_of(content)
    one, other = rng.sample(ENTRIES, 2)
    entries[one], entries[other] = entries[other], entries[one]
    return zipped(entries)


def _entries_renamed(content, rng):
    entries = entries_of(content)
    name = rng.choice(ENTRIES)
    data = entries.pop(name)
    new = rng.choice(("../../evil.py", "/etc/evil", "model.pkl", "C:\\evil.exe", ""))
    if rng.random() < 0.5:
        entries[name] = data
    entries[new] = data
    return zipped(entries)


def _entries_doubled(content, rng):
    pairs = list(entries_of(content).items())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Duplicate name")
        return zipped([*pairs, rng.choice(pairs)])


def _compressed(content, rng):
    entries = entries_of(content)
    name = rng.choice(ENTRIES)
    entries[name] = b" " * 50_000_000 if rng.random() < 0.5 else entries[name]
    return zipped(entries, rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)))


def _classes_replaced(content, rng):
    def change(tree):
        node = rng.choice([node for node in _nodes(tree) if "class" in node])
        node["class"] = rng.choice(rng.choice((STRANGERS, KNOWN)))

    return with_estimator(content, change)


def _types_replaced(content, rng):
    def change(tree):
        node = rng.choice([node for node in _nodes(tree) if "type" in node])
        types = ("estimator", "tuple", "dict", "array", "text", "random_state", "code")
        node["type"] = rng.choice(types)

    return with_estimator(content, change)


def _values_replaced(content, rng):
    def change(tree):
        holder = rng.choice(_nodes(tree))
        holder[rng.choice(list(holder))] = rng.choice(_VALUES)

    return with_estimator(content, change)


def _keys_changed(content, rng):
    def change(tree):
        holder = rng.choice(_nodes(tree))
        key = rng.choice(list(holder))
        new = ("predict", "__class__", "__setstate__", "_module", "transform", "x y")
        value = holder.pop(key)
        if rng.random() < 0.7:
            holder[rng.choice(new)] = value

    return with_estimator(content, change)


def _shapes_changed(content, rng):
    def change(header):
        tensor = header[rng.choice([name for name in header if name != "__metadata__"])]
        if rng.random() < 0.5:
            tensor["shape"] = rng.choice(([], [2**40], [-1], tensor["shape"][::-1], 3))
        else:
            tensor["dtype"] = rng.choice(("F64", "BF16", "I8", "BOOL", "O", "F8_E4M3"))

    return with_header(content, change)


def _tensors_swapped(content, rng):
    def change(header):
        one, other = rng.sample([name for name in header if name != "__metadata__"], 2)
        header[one], header[other] = header[other], header[one]

    return with_header(content, change)


def _facts_changed(content, rng):
    def change(facts):
        name = rng.choice(list(facts))
        facts[name] = rng.choice((*_VALUES, 2, ["cat"], {"file": ["a"]}))

    return with_facts(content, change)


def _text_instead(content, rng):
    entries = entries_of(content)
    name = rng.choice((CARD, FACTS, ESTIMATOR, TENSORS))
    deep = b"[" * 100_000 + b"]" * 100_000
    many = b"[" + b"[]," * 1_000_000 + b"[]]"
    entries[name] = rng.choice((b"", b"null", b"NaN", b"\xff\xfe", deep, many))
    return zipped(entries)


def _nodes(tree):
    """List all objects in decoded JSON."""
    nodes, rest = [], [tree]
    while rest:
        value = rest.pop()
        if isinstance(value, dict) and value:
            nodes.append(value)
        rest += value.values() if isinstance(value, dict) else []
        rest += value if isinstance(value, list) else []
    return nodes


KINDS = {
    "bytes flipped": _bytes_flipped,
    "bytes of the directory flipped": _directory_flipped,
    "cut": _cut,
    "bytes inserted": _lengthened,
    "entries swapped": _entries_swapped,
    "entries renamed or added": _entries_renamed,
    "entries doubled": _entries_doubled,
    "entries compressed, bombs": _compressed,
    "classes replaced": _classes_replaced,
    "types replaced": _types_replaced,
    "values replaced": _values_replaced,
    "keys changed": _keys_changed,
    "shapes and types of tensors": _shapes_changed,
    "tensors swapped": _tensors_swapped,
    "facts changed": _facts_changed,
    "entries replaced by text": _text_instead,
}

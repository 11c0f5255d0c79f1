"""Damaged and hostile model files end in one line, run nothing and take no memory."""

import io
import json
import struct
import tracemalloc
import zipfile

import every_model
import joblib
import numpy as np
import pytest
from every_model import EMBEDDINGS, LOG_MELS, Y
from mutations import (
    STRANGERS,
    entries_of,
    mutated,
    with_estimator,
    with_facts,
    with_header,
    zipped,
)
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import (
    CNN1DClassifier,
    ModelFileError,
    PrototypicalClassifier,
    load_model,
    save_model,
)
from skaudio._utils.model_files import ESTIMATOR, FACTS, TENSORS
from skaudio.audit import find_leaks
from skaudio.export import read_model_card


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A network of half a megabyte."""
    path = tmp_path_factory.mktemp("sound") / "model.skaudio"
    model = every_model.networks()["adapted"]
    save_model(model, path)
    return path.read_bytes()


@pytest.fixture
def refused(tmp_path, load_without_code):
    """Write a file, and return the one line that refuses it."""

    def check(content, name="bad.skaudio"):
        path = tmp_path / name
        path.write_bytes(content)
        tracemalloc.start()
        try:
            with pytest.raises(ModelFileError) as caught:
                load_without_code(path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 2 * len(content) + 1_000_000
        line = str(caught.value)
        assert line.startswith(f"{path}: ") and line.isprintable() and len(line) < 700
        return line

    return check


def test_fuzz_mutations_are_refused_or_open_without_code(
    content, tmp_path, load_without_code
):
    path = tmp_path / "mutated.skaudio"
    n_refused = 0
    for kind, damaged in mutated(content, 48, seed=1):
        path.write_bytes(damaged)
        try:
            load_without_code(path)
        except ModelFileError as error:
            n_refused += 1
            line = str(error)
            assert line.startswith(f"{path}: ") and line.isprintable(), (kind, line)
    assert n_refused > 30


def test_bad_classes_are_listed_and_not_imported(content, refused, monkeypatch):
    monkeypatch.setattr(
        "skaudio.export._state_reader.known_class", lambda name: pytest.fail(name)
    )
    for name in STRANGERS:

        def change(tree, name=name):
            tree["class"] = name

        line = refused(with_estimator(content, change))
        assert f"pass trusted=[{name!r}]" in line


def test_bad_types_attributes_and_places(content, refused):
    def with_state(**state):
        return with_estimator(content, lambda tree: tree["state"].update(state))

    code = {"type": "function", "value": "print()"}
    assert "a value of type 'function'" in refused(with_state(callbacks=code))
    for name in ("predict_proba", "__class__", "_module", "not a name"):
        assert f"an attribute {name!r}" in refused(with_state(**{name: 1}))
    assert "'batch_size' parameter" in refused(with_state(batch_size="x"))
    # A folder of pickles that joblib would open in the next fit.
    pipeline = make_pipeline(StandardScaler())
    assert pipeline.memory is None
    for place in ("memory", "cache_dir"):
        tree = {
            "type": "estimator",
            "class": "skaudio.pretrained.YAMNetEmbedder",
            "state": {place: "/tmp/pickles"},
        }
        line = refused(with_estimator(content, lambda _, tree=tree: tree))
        assert "names a place to write to" in line


def test_bad_tensors(content, refused):
    names = [
        name
        for name in json.loads(
            entries_of(content)[TENSORS][8:].split(b"}}", 1)[0] + b"}}"
        )
        if name.endswith("weight")
    ]

    def absent(header):
        header["renamed"] = header.pop(names[0])

    def reshaped(header):
        header[names[0]]["shape"] = header[names[0]]["shape"][::-1]

    def huge(header):
        header[names[0]]["shape"] = [2**40]

    def twice(tree):
        tree["state"]["extra"] = tree["state"]["classes_"] = {
            "type": "array",
            "tensor": names[0],
            "transposed": False,
        }

    def unused(tree):
        del tree["state"]["_weights"]

    assert "absent or used twice" in refused(with_header(content, absent))
    assert "do not fit its net" in refused(with_header(content, reshaped))
    assert "SafetensorError" in refused(with_header(content, huge))
    assert "absent or used twice" in refused(with_estimator(content, twice))
    assert "tensors that nothing uses" in refused(with_estimator(content, unused))


def test_bad_sizes_do_not_take_memory(content, refused):
    def with_state(**state):
        return with_estimator(content, lambda tree: tree["state"].update(state))

    shape = {"type": "tuple", "items": [10**7, 64]}
    assert "10000000 bands" in refused(with_state(input_shape_=shape))
    shape = {"type": "tuple", "items": [4000, 64]}
    assert "do not fit its net" in refused(with_state(input_shape_=shape))
    text = {"type": "text", "shape": [9], "dtype": "<U99999999", "items": ["a"] * 9}
    assert "9 texts of up to 99999999" in refused(with_state(extra=text))
    # Many small values of JSON, or one that is deep.
    entries = entries_of(content)
    entries[ESTIMATOR] = b"[" + b"[]," * 2_000_000 + b"[]]"
    assert "values in" in refused(zipped(entries))
    entries[ESTIMATOR] = b"[" * 90_000 + b"]" * 90_000
    assert "RecursionError" in refused(zipped(entries))


def test_bad_random_states_are_not_read_beyond_their_end(tmp_path, refused):
    model = every_model.networks()["random state"]
    save_model(model, tmp_path / "m.skaudio")

    def change(tree):
        tree["state"]["random_state"]["position"] = 10**6

    content = (tmp_path / "m.skaudio").read_bytes()
    assert "no sound state" in refused(with_estimator(content, change))


def test_bad_zips(content, refused):
    entries = entries_of(content)
    pairs = list(entries.items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        assert "each once" in refused(zipped([*pairs, pairs[0]]))
    assert "'../../evil.py'" in refused(zipped({**entries, "../../evil.py": b"x"}))
    without = {name: data for name, data in pairs if name != TENSORS}
    assert "expected README.md" in refused(zipped(without))
    bomb = zipped({**entries, "README.md": bytes(10**8)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10**6 and "is compressed" in refused(bomb)
    facts = zipped({**entries, FACTS: bytes(10**8)}, zipfile.ZIP_DEFLATED)
    assert "is compressed" in refused(facts)
    # Entries that share the bytes of one another, and a directory of a million.
    shared = bytearray(content)
    start = shared.rindex(b"PK\1\2")
    shared[start + 20 : start + 28] = struct.pack("<II", 10**9, 10**9)
    assert "longer than the file" in refused(bytes(shared))
    assert "is none of skaudio's" in refused(zipped({str(n): b"" for n in range(999)}))
    for end in (1, 21, 22, 1000, len(content) // 2, len(content) - 2):
        assert "cut short" in refused(content[:-end])
    assert "cut short" in refused(content + b"more")
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    assert "Bad CRC-32" in refused(bytes(flipped))
    for other in (b"", b"hello", b"\x80\x04."):
        assert "no skaudio model file" in refused(other)


def test_bad_pickles_stay_shut_whatever_their_name(tmp_path, refused):
    buffer = io.BytesIO()
    joblib.dump(CNN1DClassifier(), buffer)
    line = refused(buffer.getvalue())
    assert "a joblib file, which executes code" in line


def test_newer_formats_and_versions_are_refused_with_what_to_install(content, refused):
    line = refused(with_facts(content, lambda facts: {**facts, "format_version": 2}))
    assert "is of format 2" in line and "pip install 'skaudio>=0.1.0'" in line

    def newer(facts):
        facts["versions"]["skaudio"] = "0.9.1"

    assert "this model was saved by skaudio 0.9.1" in refused(
        with_facts(content, newer)
    )

    def steering(facts):
        facts["versions"]["skaudio"] = "1.0\x1b[2J"

    assert "gives no version" in refused(with_facts(content, steering))
    # A newer format may have other entries.
    entries = entries_of(with_facts(content, lambda f: {**f, "format_version": 3}))
    assert "is of format 3" in refused(zipped({**entries, "more": b""}))


def test_bad_facts_do_not_reach_those_who_read_them(content, refused, tmp_path):
    assert "differ in the classes" in refused(
        with_facts(content, lambda facts: {**facts, "classes": ["dog", "cow", "cat"]})
    )
    for clips in (1, {"file": ["a"]}, {"file": [1], "label": [], "digest": []}):
        changed = with_facts(
            content, lambda f, clips=clips: {**f, "training_clips": clips}
        )
        assert "training_clips" in refused(changed)
        with pytest.raises(ModelFileError, match=r"bad.skaudio: training_clips"):
            find_leaks(tmp_path / "bad.skaudio", ["a.wav"])
    entries = entries_of(content)
    entries["README.md"] = "# caf\u00e9\n\x1b]0;owned\x07\n".encode()
    (tmp_path / "card.skaudio").write_bytes(zipped(entries))
    assert read_model_card(tmp_path / "card.skaudio") == "# café\n�]0;owned�\n"


class Doubler(TransformerMixin, BaseEstimator):
    """A user's own transformer."""

    def __init__(self, factor=2):
        self.factor = factor

    def fit(self, X, y=None):
        self.mean_ = np.mean(X, axis=0)
        return self

    def transform(self, X):
        return self.factor * (X - self.mean_)


def test_own_classes_open_where_they_are_named(tmp_path, load_without_code):
    path = tmp_path / "own.skaudio"
    model = make_pipeline(Doubler(), StandardScaler(), SVC())
    model.fit(EMBEDDINGS, Y)
    save_model(model, path)
    own, svc = f"{__name__}.Doubler", "sklearn.svm._classes.SVC"
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    assert f"pass trusted=[{svc!r}, {own!r}]" in str(caught.value)
    with pytest.raises(ModelFileError, match="SVC', which skaudio does"):
        load_model(path, trusted=[Doubler])
    for trusted in ([Doubler, "sklearn.svm.SVC"], [own, svc], (Doubler, SVC)):
        loaded = load_without_code(path, trusted=trusted)
        np.testing.assert_array_equal(
            loaded.decision_function(EMBEDDINGS), model.decision_function(EMBEDDINGS)
        )
    for trusted in (["os.system"], ["no.such.Thing"], ["os"], [3], [True], ["dict"]):
        with pytest.raises(ValueError, match="trusted has"):
            load_model(path, trusted=trusted)


def test_fault_while_saving_names_what_cannot_be_saved(tmp_path):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.preprocessing import FunctionTransformer
    from skorch.callbacks import EpochTimer

    path = tmp_path / "old.skaudio"
    save_model(PrototypicalClassifier().fit(EMBEDDINGS, Y), path)
    before = path.read_bytes()
    network = CNN1DClassifier(max_epochs=1, callbacks=[EpochTimer()])
    forest = RandomForestClassifier(2).fit(EMBEDDINGS, Y)
    own = Doubler().fit(EMBEDDINGS)
    own.table_ = object()
    search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=2).fit(EMBEDDINGS, Y)
    itself = Doubler()
    itself.factor = [itself]
    for model, reason in (
        (make_pipeline(network), r"cnn1dclassifier.callbacks\[0\]: a skorch.callbacks"),
        (FunctionTransformer(np.log), "func: a numpy.ufunc cannot be saved"),
        (Doubler(lambda x: x), "factor: a builtins.function cannot be saved"),
        (forest, r"estimators_\[0\].tree_: a sklearn.tree._tree.Tree cannot be saved"),
        (own, "table_: a builtins.object cannot be saved"),
        (Doubler(np.array([1j])), "factor: a array of complex128 cannot be saved"),
        (itself, "holds itself"),
        (search, "^model: a fitted GridSearchCV cannot .* save search.best_estimator_"),
        (make_pipeline(search), "^gridsearchcv: a fitted GridSearchCV cannot be saved"),
    ):
        with pytest.raises(ModelFileError, match=reason) as caught:
            save_model(model, path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="'max_epochs' parameter"):
        save_model(CNN1DClassifier(max_epochs=-1), path)
    with pytest.raises(
        ModelFileError, match=r"model.pkl: expected a name that ends in"
    ):
        save_model(forest, tmp_path / "model.pkl")
    assert path.read_bytes() == before
    # As the messages say.
    save_model(search.best_estimator_, tmp_path / "best.skaudio")
    save_model(forest, tmp_path / "forest.joblib")
    loaded = load_model(tmp_path / "forest.joblib")
    np.testing.assert_array_equal(
        loaded.predict(EMBEDDINGS), forest.predict(EMBEDDINGS)
    )


def test_places_on_this_machine_are_not_saved(tmp_path):
    model = make_pipeline(StandardScaler(), memory=str(tmp_path / "pickles"))
    save_model(model, tmp_path / "m.skaudio")
    assert load_model(tmp_path / "m.skaudio").memory is None
    assert model.memory is not None
    assert LOG_MELS.shape

"""Files of the first format open in every later version, and predict the same."""

import json

import numpy as np
import pytest
from make_format_1 import FOLDER, LABELS, rows, waveforms

from skaudio.export import read_model_card


@pytest.mark.parametrize("name", ["network", "head"])
def test_a_file_of_the_first_format_opens_and_predicts(name, load_without_code):
    path = FOLDER / f"{name}.skaudio"
    model = load_without_code(path)
    X = {"network": waveforms, "head": rows}[name]()
    expected = np.array(json.loads((FOLDER / "probabilities.json").read_text())[name])
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-4)
    assert model.classes_.tolist() == sorted(set(LABELS.tolist()))
    assert "Recognises 2 classes: cat, cow." in read_model_card(path)
    # It has every parameter of today's, so that it can be fitted again.
    assert model.fit(X, LABELS).predict(X).shape == (12,)

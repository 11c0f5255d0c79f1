"""Write the files of format 1 that a test opens: python tests/export/make_format_1.py.

They were written once, by the first version that had this format, and stay as they are:
later versions must open them. Run it again only for another format, under another name.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skaudio import (
    CORALAligner,
    LogMelExtractor,
    SpecAugmenter,
    StatisticsMelClassifier,
    save_model,
)
from skaudio.augment import MelShift
from skaudio.classifiers import FocalLoss

FOLDER = Path(__file__).parent / "format_1"
LABELS = np.repeat(["cat", "cow"], 6)


def waveforms():
    """Twelve waveforms, the same wherever they are made."""
    time = np.arange(4000, dtype=np.float64)
    return np.stack(
        [np.sin(time * (row + 3) / 40) * (1 - time / 4000) for row in range(12)]
    ).astype(np.float32)


def rows():
    """Twelve rows of six features."""
    return np.stack([np.cos(np.arange(6) * (row + 1)) for row in range(12)])


def models():
    """Fitted models by the name of their file, each with its input."""
    network = make_pipeline(
        LogMelExtractor(n_mels=4, n_frames=8),
        StatisticsMelClassifier(
            augment=[MelShift(1), SpecAugmenter()],
            class_weight={"cat": 2.0, "cow": 1.0},
            early_stopping=False,
            loss=FocalLoss(1.0),
            max_epochs=2,
            random_state=0,
        ),
    )
    head = make_pipeline(
        StandardScaler(), CORALAligner(), LogisticRegression(random_state=0)
    )
    return {
        "network": (network.fit(waveforms(), LABELS), waveforms()),
        "head": (head.fit(rows(), LABELS), rows()),
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    expected = {}
    for name, (model, X) in models().items():
        save_model(model, FOLDER / f"{name}.skaudio")
        expected[name] = model.predict_proba(X).round(6).tolist()
    text = json.dumps(expected, indent=1)
    (FOLDER / "probabilities.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

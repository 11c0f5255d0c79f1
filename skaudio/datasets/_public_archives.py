"""The public data sets: sources, contents, licences, citations."""

import pandas as pd

from skaudio._utils.public_clips import read_registry
from skaudio.datasets._fetch import Archive

_PICZAK = (
    'K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", Proceedings '
    "of the 23rd ACM International Conference on Multimedia, 2015, pp. 1015-1018, "
    "doi:10.1145/2733373.2806390"
)
_SASMAZ_TEK = (
    'E. Sasmaz and F. B. Tek, "Animal Sound Classification Using A Convolutional '
    'Neural Network", 3rd International Conference on Computer Science and Engineering '
    "(UBMK), 2018"
)

_ESC50_COLUMNS = ["fold", "target", "category", "esc10", "src_file", "take"]
_ESC50_CLIPS = 2000
_ESC50_NAME = r"\d-\d+-[A-Z]-\d+\.wav"


def _registered(name):
    return lambda root: read_registry(name)


def _list_esc50(root):
    file = root / "meta" / "esc50.csv"
    if not file.is_file():
        raise ValueError("missing")
    meta = pd.read_csv(file)
    lacking = {"filename", *_ESC50_COLUMNS} - set(meta.columns)
    if lacking:
        raise ValueError(f"has no column {', '.join(sorted(lacking))}")
    names = meta["filename"].astype(str)
    odd = names[~names.str.fullmatch(_ESC50_NAME)]
    if len(odd):
        raise ValueError(
            f"lists {odd.iloc[0]!r}, expected a name such as 1-100032-A-0.wav"
        )
    if names.nunique() != _ESC50_CLIPS:
        raise ValueError(f"lists {names.nunique()} clips, expected {_ESC50_CLIPS}")
    listing = meta[_ESC50_COLUMNS].rename(columns={"category": "label"})
    listing.insert(0, "path", "audio/" + names)
    return listing


ANIMALS_SOUNDS = Archive(
    name="animals_sounds",
    repository="Willie-Huang/Animal-sound-recognition",
    commit="03b16ccf5f664c949dfdfebe4404b259a167413d",
    subfolder="Dataset",
    list_files=_registered("animals_sounds"),
)
SASMAZ_TEK = Archive(
    name="sasmaz_tek",
    repository="YashNita/Animal-Sound-Dataset",
    commit="574b5e2d9b071f142b464bb7b43d6a736ebb0dac",
    list_files=_registered("sasmaz_tek"),
)
ESC10 = Archive(
    name="esc10",
    repository="karolpiczak/ESC-10",
    commit="553c8f1743b9dba6b282e1323c3ca8fa76923448",
    list_files=_registered("esc10"),
)
# A commit and not `master`, which may move: no hash of each file is known, so only the
# commit fixes the content. It was the head of master in November 2025.
ESC50 = Archive(
    name="esc50",
    repository="karolpiczak/ESC-50",
    commit="33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6",
    list_files=_list_esc50,
    listing="meta/esc50.csv",
)

LICENCES = {
    "animals_sounds": (
        "Mixed. The repository as a whole is under the MIT licence, but the clips come "
        "from several sources; those from ESC-50 are CC BY-NC 3.0 (no commercial use)."
    ),
    "sasmaz_tek": "None is stated by the source; ask its authors before other use.",
    "esc10": "CC BY 3.0.",
    "esc50": (
        "CC BY-NC 3.0 (no commercial use); the clips that are also in ESC-10 are CC BY "
        "3.0. The file LICENSE names the author of each recording."
    ),
}
CITATIONS = {
    "animals_sounds": (
        "Willie-Huang, Animal-sound-recognition, "
        f"https://github.com/Willie-Huang/Animal-sound-recognition (2025); {_PICZAK}"
    ),
    "sasmaz_tek": _SASMAZ_TEK,
    "esc10": _PICZAK,
    "esc50": _PICZAK,
}
_CONTENTS = {
    "animals_sounds": """\
Animals_Sounds: 590 training and 65 test clips of 13 animals, and 40 of wind

Clips of 0.2 to 18.5 s, at 8 to 48 kHz, as WAV and Ogg Vorbis, mono and stereo; the
wind recordings, class 16 of ESC-50, last five seconds. As in much real data, some test
clips are copies of training clips (they share a group), and the metadata alone (sample
rate, codec, size, duration) predicts the class of about half of the clips.""",
    "sasmaz_tek": """\
Sasmaz & Tek: 875 clips of 10 animals

200 cats, dogs and birds each, 75 cows, 45 lions, 40 sheep, 35 frogs, 30 chickens, 25
donkeys and 25 monkeys, as WAV. The folders have Turkish names (Aslan, Esek, Inek, Kedi,
Kopek, Koyun, Kurbaga, Kus, Maymun, Tavuk); the labels are English. Some clips are
copies of others (they share a group). The published accuracy is 75 %.""",
    "esc10": """\
ESC-10: 400 environmental recordings of 10 classes in 5 folds

40 clips per class, of five seconds, as Ogg Vorbis; clips of one Freesound source are in
one fold.""",
    "esc50": """\
ESC-50: 2000 environmental recordings of 50 classes in 5 folds

40 clips per class, of five seconds at 44.1 kHz, as WAV; clips of one Freesound source
are in one fold. The archive has about 650 MB.""",
}
_CHECKED = "Each file is verified against its known size and SHA-256 when downloaded."
_ESC50_CHECKED = (
    "No hash of each file is known. When downloaded, meta/esc50.csv must list 2000 "
    "clips, and each of them must be present, agree with the check sum in the archive, "
    "have the length that it announces, and decode; its content is not verified "
    "beyond the commit."
)


def describe(archive):
    """Describe a data set: contents, source, licence, citation and checks."""
    checked = _ESC50_CHECKED if archive.name == "esc50" else _CHECKED
    return (
        f"{_CONTENTS[archive.name]}\n\n"
        f"Source: https://github.com/{archive.repository}, commit {archive.commit}\n"
        f"Licence: {LICENCES[archive.name]}\n"
        f"Please cite: {CITATIONS[archive.name]}\n"
        f"Verification: {checked}\n"
    )

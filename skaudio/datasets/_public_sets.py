"""Fetch public data sets of animal sounds."""

import sys

import numpy as np
import pandas as pd

from skaudio._utils.bunch import Bunch
from skaudio._utils.choices import one_of
from skaudio._utils.related_rows import connect_rows
from skaudio._utils.sources import freesound_source
from skaudio.datasets import _public_archives as archives
from skaudio.datasets._fetch import fetch_archive

_SPLITS = {"train": ("Training",), "test": ("Test",), "noise": ("Noise",)}
_SPLITS["all"] = ("Training", "Test", "Noise")
_ESC50_TARGETS = {"animals": range(10), "wind": [16], "all": range(50)}


def fetch_animals_sounds(
    split="train",
    *,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    verify=False,
    base_url=None,
    timeout=30.0,
    n_retries=3,
    delay=1.0,
):
    """Load Animals_Sounds, 13 animals and wind; download it where it is missing.

    The data set of the study from which this package's models come: 590 training clips,
    65 test clips, and 40 recordings of wind as noise. The download has 100 MB.

    Parameters
    ----------
    split : {"train", "test", "noise", "all"}, default="train"
        The part to load.
    data_home, download_if_missing, verify, base_url, timeout, n_retries, delay
        As in `fetch_esc50`.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    bunch : Bunch
        As from `fetch_esc50`; ``frame`` has a column ``split`` instead of the folds.
        Groups are numbered over the whole data set: a test clip in a group of training
        clips is leaked, as a copy or from the same recording.

    Raises
    ------
    ValueError, OSError
        As in `fetch_esc50`.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia
    (2015), for the clips that are from ESC-50.

    Examples
    --------
    >>> from skaudio.datasets import fetch_animals_sounds
    >>> train = fetch_animals_sounds()  # doctest: +SKIP
    >>> wind, _ = fetch_animals_sounds("noise", return_X_y=True)  # doctest: +SKIP
    """
    one_of("split", split, _SPLITS)
    frame = _fetch_frame(
        archives.ANIMALS_SOUNDS,
        data_home,
        download_if_missing=download_if_missing,
        verify=verify,
        base_url=base_url,
        timeout=timeout,
        n_retries=n_retries,
        delay=delay,
    )
    folder = frame["path"].str.split("/").str[0]
    folders = _SPLITS[split]
    names = {folders[0]: name for name, folders in _SPLITS.items() if name != "all"}
    frame["split"] = folder.map(names)
    return _bunch(archives.ANIMALS_SOUNDS, frame[folder.isin(folders)], return_X_y)


def fetch_sasmaz_tek(
    *,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    verify=False,
    base_url=None,
    timeout=30.0,
    n_retries=3,
    delay=1.0,
):
    """Load the 875 clips of 10 animals of Sasmaz and Tek; download them if missing.

    The labels are English: bird, cat, chicken, cow, dog, donkey, frog, lion, monkey and
    sheep. The download has 140 MB.

    Parameters
    ----------
    data_home, download_if_missing, verify, base_url, timeout, n_retries, delay
        As in `fetch_esc50`.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    bunch : Bunch
        As from `fetch_esc50`, without folds. The file names give no source, so only
        exact copies share a group; `group_clips` also finds copies in another format.

    Raises
    ------
    OSError
        As in `fetch_esc50`.

    References
    ----------
    E. Sasmaz and F. B. Tek, "Animal Sound Classification Using A Convolutional Neural
    Network", 3rd International Conference on Computer Science and Engineering (2018).

    Examples
    --------
    >>> from skaudio.datasets import fetch_sasmaz_tek
    >>> clips = fetch_sasmaz_tek()  # doctest: +SKIP
    """
    frame = _fetch_frame(
        archives.SASMAZ_TEK,
        data_home,
        download_if_missing=download_if_missing,
        verify=verify,
        base_url=base_url,
        timeout=timeout,
        n_retries=n_retries,
        delay=delay,
    )
    return _bunch(archives.SASMAZ_TEK, frame, return_X_y)


def fetch_esc10(
    *,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    verify=False,
    base_url=None,
    timeout=30.0,
    n_retries=3,
    delay=1.0,
):
    """Load ESC-10, 400 clips of 10 classes in 5 folds; download it if missing.

    Two classes are animals, ``dog_bark`` and ``rooster``. The download has 40 MB.

    Parameters
    ----------
    data_home, download_if_missing, verify, base_url, timeout, n_retries, delay
        As in `fetch_esc50`.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    bunch : Bunch
        As from `fetch_esc50`.

    Raises
    ------
    OSError
        As in `fetch_esc50`.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia
    (2015).

    Examples
    --------
    >>> from sklearn.model_selection import PredefinedSplit
    >>> from skaudio.datasets import fetch_esc10
    >>> clips = fetch_esc10()  # doctest: +SKIP
    >>> cv = PredefinedSplit(clips.fold)  # doctest: +SKIP
    """
    frame = _fetch_frame(
        archives.ESC10,
        data_home,
        download_if_missing=download_if_missing,
        verify=verify,
        base_url=base_url,
        timeout=timeout,
        n_retries=n_retries,
        delay=delay,
    )
    name = frame["path"].str.rpartition("/")[2]
    frame["fold"] = name.str.split("-").str[0].astype(int)
    return _bunch(archives.ESC10, frame, return_X_y)


def fetch_esc50(
    classes="animals",
    *,
    data_home=None,
    download_if_missing=True,
    return_X_y=False,
    verify=False,
    base_url=None,
    timeout=30.0,
    n_retries=3,
    delay=1.0,
):
    """Load ESC-50, 2000 clips of 50 classes in 5 folds; download it if missing.

    The download has 650 MB, whichever classes are asked for.

    Parameters
    ----------
    classes : {"animals", "wind", "all"}, default="animals"
        The 400 clips of ten animals, the 40 of wind, or all 2000.
    data_home : str, path-like or None, default=None
        Folder of the data sets; None takes the environment variable ``SKAUDIO_DATA``,
        else ``~/skaudio_data``. Data that is already there, also unpacked by hand, is
        used without network.
    download_if_missing : bool, default=True
        Whether to download the data set, or to repair it, where it is not complete.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    verify : bool, default=False
        Read every file again and compare its hash, or decode it where no hash is known.
        False compares sizes; what is downloaded is always verified.
    base_url : str or None, default=None
        Mirror with the layout of ``https://github.com``.
    timeout : float, default=30.0
        Seconds without an answer after which an attempt fails.
    n_retries : int, default=3
        Further attempts where the connection fails.
    delay : float, default=1.0
        Seconds between attempts.

    Returns
    -------
    bunch : Bunch
        ``data``, ndarray of str (n,): the paths; ``target``, ndarray of str (n,): the
        labels; ``groups``, ndarray of int (n,): equal for copies and for clips of one
        Freesound source; ``fold``, ndarray of int (n,): the official folds, 1 to 5;
        ``frame``, DataFrame with ``file``, ``path`` (within the data set), ``label``,
        ``group``, ``fold`` and the other columns of the data set; ``target_names``,
        list of str; ``DESCR``, str: contents, source, licence and citation.

    Raises
    ------
    ValueError
        Where `classes` is none of those named.
    OSError
        Where the data set is missing and cannot be, or may not be, downloaded, or
        differs from what was expected; the message says which file to put where.

    Notes
    -----
    Nothing appears in the folder before it is verified, and several processes may fetch
    at once. Only a process that is killed leaves something, a hidden folder beside the
    data set, which can be deleted.

    References
    ----------
    K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia
    (2015).

    Examples
    --------
    >>> from skaudio.datasets import fetch_esc50
    >>> clips = fetch_esc50()  # doctest: +SKIP
    >>> wind, _ = fetch_esc50("wind", return_X_y=True)  # doctest: +SKIP
    """
    one_of("classes", classes, _ESC50_TARGETS)
    frame = _fetch_frame(
        archives.ESC50,
        data_home,
        download_if_missing=download_if_missing,
        verify=verify,
        base_url=base_url,
        timeout=timeout,
        n_retries=n_retries,
        delay=delay,
    )
    chosen = frame["target"].isin(_ESC50_TARGETS[classes])
    return _bunch(archives.ESC50, frame[chosen], return_X_y)


def _fetch_frame(archive, data_home, **options):
    """Return one row per clip of the whole data set, so that groups span its parts."""
    root, frame, downloaded = fetch_archive(archive, data_home, **options)
    if downloaded:
        print(
            f"{root}\n"
            f"  Licence: {archives.LICENCES[archive.name]}\n"
            f"  Please cite: {archives.CITATIONS[archive.name]}",
            file=sys.stderr,
        )
    sources = [freesound_source(path) for path in frame["path"]]
    copies = frame.get("sha256", pd.Series(frame.index, index=frame.index))
    frame = frame.drop(columns=["bytes", "sha256"], errors="ignore")
    frame.insert(0, "file", [str(root / path) for path in frame["path"]])
    frame.insert(3, "group", connect_rows(sources, copies))
    return frame


def _bunch(archive, frame, return_X_y):
    frame = frame.reset_index(drop=True)
    data = frame["file"].to_numpy(dtype=object)
    target = frame["label"].to_numpy(dtype=str)
    if return_X_y:
        return data, target
    bunch = Bunch(
        data=data,
        target=target,
        groups=frame["group"].to_numpy(),
        frame=frame,
        target_names=np.unique(target).tolist(),
        DESCR=archives.describe(archive),
    )
    if "fold" in frame:
        bunch.fold = frame["fold"].to_numpy()
    return bunch

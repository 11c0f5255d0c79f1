"""Download an archive, check each file in it, and install the data set whole.

pooch does the transfer. Its `retrieve` and `Unzip` are not used: they need one hash for
the archive, whose bytes GitHub does not promise to keep, retry what cannot succeed, and
unpack directly into the target folder.
"""

import filecmp
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from zipfile import BadZipFile, ZipFile

from skaudio._utils.download import download
from skaudio.datasets._damage import damage_summary, find_damage

_N_DOWNLOADS = 2  # of an archive whose files are wrong


@dataclass(frozen=True)
class Archive:
    """A data set in a GitHub repository, at a commit.

    Parameters
    ----------
    name : str
        Its folder under the data home.
    repository : str
        As ``owner/name``.
    commit : str
        The full hash.
    list_files : callable
        Takes the data set's folder and returns a DataFrame with ``path`` and, where
        they are known, ``bytes`` and ``sha256``; raises ValueError where it cannot.
    subfolder : str, default=""
        Folder of the repository that holds the data set.
    listing : str or None, default=None
        File of the data set that `list_files` reads.
    """

    name: str
    repository: str
    commit: str
    list_files: Callable
    subfolder: str = ""
    listing: str | None = None

    @property
    def top(self):
        """Top folder of the archive that GitHub makes."""
        return f"{self.repository.split('/')[1]}-{self.commit}"

    def url(self, base_url=None):
        """Return the address of the zip file, on GitHub or a mirror with its layout."""
        base = (base_url or "https://github.com").rstrip("/")
        return f"{base}/{self.repository}/archive/{self.commit}.zip"


def get_data_home(data_home=None):
    """Return the folder of the public data sets, which need not exist.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        None takes the environment variable ``SKAUDIO_DATA``, else ``~/skaudio_data``.

    Returns
    -------
    pathlib.Path
        Absolute.

    Examples
    --------
    >>> from skaudio.datasets import get_data_home
    >>> get_data_home("my_data").name
    'my_data'
    """
    home = data_home or os.environ.get("SKAUDIO_DATA") or Path("~", "skaudio_data")
    return Path(home).expanduser().absolute()


def fetch_archive(
    archive,
    data_home=None,
    *,
    download_if_missing=True,
    verify=False,
    base_url=None,
    timeout=30.0,
    n_retries=3,
    delay=1.0,
):
    """Make sure that a data set is installed and intact.

    A new data set is moved into place in one step, after every file is verified. In an
    existing folder, only files that are missing or differ are replaced, each in one
    step. So two processes may fetch at once, and an interruption leaves no partial
    data set.

    Parameters
    ----------
    archive : Archive
    data_home, download_if_missing, verify, base_url, timeout, n_retries, delay
        As in `fetch_esc50`.

    Returns
    -------
    root : pathlib.Path
        Folder to which the listed paths are relative.
    listing : DataFrame
        From ``archive.list_files``.
    downloaded : bool

    Raises
    ------
    OSError
        Where the data cannot be obtained; the message says which file to put where.
    """
    if base_url is not None and not str(base_url).startswith(("http://", "https://")):
        raise ValueError(
            f"base_url={base_url!r}: expected an address that begins with http:// or "
            "https://, in place of https://github.com."
        )
    if not timeout > 0 or not n_retries >= 0 or not delay >= 0:
        raise ValueError(
            f"timeout={timeout!r}, n_retries={n_retries!r}, delay={delay!r}: expected "
            "seconds above 0, a count from 0, and seconds from 0."
        )
    folder = get_data_home(data_home) / archive.name
    url = archive.url(base_url)
    hint = (
        f"Download {url} by other means and unpack it into {folder}, or pass the "
        "address of a mirror as base_url (--base-url)."
    )
    root, listing, problem = _look(archive, folder, verify)
    if problem is None:
        return root, listing, False
    if not download_if_missing:
        raise OSError(
            f"{root}: {problem}, and download_if_missing=False forbids the download. "
            f"{hint}"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the move stays on one file system.
        with tempfile.TemporaryDirectory(
            prefix=f".{archive.name}-", dir=folder.parent, ignore_cleanup_errors=True
        ) as scratch:
            packed, staged = Path(scratch, "archive.zip"), Path(scratch, archive.name)
            for _ in range(_N_DOWNLOADS):
                download(
                    url,
                    packed,
                    timeout=timeout,
                    n_retries=n_retries,
                    delay=delay,
                    hint=hint,
                )
                damage = _unpack(packed, archive, staged, url)
                if not damage:
                    break
                shutil.rmtree(staged, ignore_errors=True)
            else:
                raise OSError(
                    f"{url}: downloaded {_N_DOWNLOADS} times, and still "
                    f"{damage_summary(damage)}. {hint}"
                )
            _install(staged, root)
    except OSError as error:
        if error.errno is None:  # says already what and where
            raise
        name = "" if error.filename is None else f"{Path(error.filename).name}: "
        raise OSError(
            f"{folder}: the data set cannot be written ({name}{error.strerror})"
        ) from error
    return root, archive.list_files(root), True


def _look(archive, folder, full):
    """Find the data set where it is installed or was unpacked by hand.

    Returns its folder, its listing and None; or the folder to repair or create, None
    and the problem.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"{folder}: is a file, expected a folder: move it away"
        )
    best, fewest, problem = folder, float("inf"), "no such folder"
    parents = (folder, folder / archive.top)
    roots = [root for path in parents for root in (path, path / archive.subfolder)]
    for root in dict.fromkeys(roots):
        if not root.is_dir():
            continue
        try:
            listing = archive.list_files(root)
        except ValueError as error:
            if fewest == float("inf"):
                problem = f"{archive.listing}: {error}"
            continue
        damage = find_damage(root, listing, full)
        if not damage:
            return root, listing, None
        if len(damage) < fewest:
            best, fewest, problem = root, len(damage), damage_summary(damage)
    return best, None, problem


def _unpack(packed, archive, staged, url):
    """Unpack the listed files, the licence and the read-me; return the damage."""
    inside = f"{archive.top}/{archive.subfolder}".rstrip("/")
    try:
        with ZipFile(packed) as bundle:
            _refuse_unsafe(bundle, url)
            for name in bundle.namelist():
                parent, _, base = name.rpartition("/")
                if parent == archive.top and base.upper().startswith(("LIC", "README")):
                    _extract(bundle, name, staged / base)
            if archive.listing:
                _extract(
                    bundle, f"{inside}/{archive.listing}", staged / archive.listing
                )
            listing = archive.list_files(staged)
            for path in listing["path"]:
                _extract(bundle, f"{inside}/{path}", staged / path)
    except (BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        return {packed.name: f"no zip archive that can be read ({error})"}
    except ValueError as error:
        return {archive.listing: error}
    return find_damage(staged, listing, full=True)


def _refuse_unsafe(bundle, url):
    for member in bundle.infolist():
        # As Windows reads it, which covers every way to leave a folder.
        path = PureWindowsPath(member.orig_filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if path.anchor or ".." in path.parts or "\0" in member.orig_filename:
            what = "would be written outside the folder"
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "is a link or device"
        else:
            continue
        raise OSError(
            f"{url}: its member {member.orig_filename!r} {what}, expected plain files "
            "within; nothing was unpacked: do not trust this server."
        )


def _extract(bundle, name, target):
    try:
        source = bundle.open(name)
    except KeyError:
        return  # reported afterwards, with all missing files
    target.parent.mkdir(parents=True, exist_ok=True)
    with source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink)


def _install(staged, folder):
    try:
        staged.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        # Another process was first, or there is something to repair.
        for file in [path for path in staged.rglob("*") if path.is_file()]:
            target = folder / file.relative_to(staged)
            if not target.is_file() or not filecmp.cmp(file, target, shallow=False):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(file, target)

"""Candidate pairs: clips whose fingerprints share hashes at one time offset."""

from typing import NamedTuple

import numpy as np

_MAX_SHARERS = 8  # other occurrences of one hash that each is paired with
_MAX_CANDIDATES = 15  # checked for each clip
_OFFSET_TOLERANCE = 2  # frames
_TIME_BITS = 25  # room for frames of 74 hours
_NO_OFFSET = 1 << _TIME_BITS - 1
_CLIP_BITS = 28
_BLOCK = 512  # clips whose votes are counted at once, to bound the memory
_VOTE_BITS = 15  # a pair has at most 3000 times `_MAX_SHARERS`


def candidate_pairs(fingerprints):
    """Find pairs of clips that share hashes at about one time offset.

    Each shared hash is a vote for a pair and a time offset. Pairs are ranked by the
    number of different peaks that the shared hashes start at, then by the votes, then
    by the time between the first and the last: triangles that have peaks in common
    agree by chance together.

    Parameters
    ----------
    fingerprints : list of (hashes, frames)
        As `fingerprint` gives. Equal ranks are in the order of the list, which should
        therefore follow from the clips, not from the order of their files.

    Returns
    -------
    pairs : ndarray of int, shape (n_pairs, 4)
        Sorted rows of i, j, and the frames of the first shared hash in both, with
        ``i < j``; each pair is among the 15 best of i or of j.
    """
    index = _index(fingerprints)
    blocks = [
        _count(*_votes(index, start), start)
        for start in range(0, len(fingerprints), _BLOCK)
    ]
    if not blocks:
        return np.empty((0, 4), dtype=int)
    pairs, score = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return pairs[_among_best(pairs, score)]


class _Index(NamedTuple):
    """The hashes that occur more than once, sorted, so that equal ones are a run."""

    hashes: np.ndarray
    code: np.ndarray  # clip and frame in one number
    n_equal: np.ndarray  # length of the run
    n_after: np.ndarray  # how many of the run come later
    place: np.ndarray  # in these arrays, of all hashes by clip; -1 if none comes later
    starts: np.ndarray  # of each clip in `place`


def _index(fingerprints):
    n_hashes = [len(hashes) for hashes, _ in fingerprints]
    starts = np.append(0, np.cumsum(n_hashes)).astype(int)
    hashes = np.concatenate([np.empty(0, np.uint32), *(h for h, _ in fingerprints)])
    frames = np.concatenate([np.empty(0, np.int32), *(f for _, f in fingerprints)])
    # Hash and place in one number: sorts several times faster than `argsort`.
    keys = hashes.astype(np.uint64) << np.uint64(32)
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    hashes, order = (keys >> np.uint64(32)).astype(np.uint32), keys.astype(np.uint32)
    del keys
    n_equal = np.diff(np.flatnonzero(np.append(_starts_run(hashes), True)))
    shared = np.repeat(n_equal > 1, n_equal)
    hashes, order, n_equal = hashes[shared], order[shared], n_equal[n_equal > 1]
    end = np.repeat(np.cumsum(n_equal), n_equal)
    n_after = (end - 1 - np.arange(len(order))).astype(np.int32)
    place = np.full(starts[-1], -1)
    place[order] = np.where(n_after, np.arange(len(order)), -1)
    code = np.repeat(np.arange(len(fingerprints)) << _TIME_BITS, n_hashes) | frames
    n_equal = np.repeat(n_equal, n_equal).astype(np.int32)
    return _Index(hashes, code[order], n_equal, n_after, place, starts)


def _starts_run(values):
    return np.append(np.ones(min(1, len(values)), bool), values[1:] != values[:-1])


def _votes(index, start):
    """Return votes of pairs i < j, i in the block, sorted, and the frames in i.

    Pair and offset are in one number, so that votes for about the same are neighbours.
    """
    last = min(start + _BLOCK, len(index.starts) - 1)
    here = index.place[index.starts[start] : index.starts[last]]
    here = here[here >= 0]
    is_common = index.n_equal[here] > _MAX_SHARERS + 1
    common, here = here[is_common], here[~is_common]
    votes, frames = [np.empty(0, int)], [np.empty(0, int)]
    for step in range(1, _MAX_SHARERS + 1):
        here = here[index.n_after[here] >= step]
        # A hash of very many clips would cost most of the time and means least: it
        # votes for some of its pairs, for others than the next common hash does.
        spread = index.hashes[common] + np.uint32(step)
        far = 1 + (spread % (index.n_equal[common] - 1)).astype(int)
        exists = far <= index.n_after[common]
        far, of = far[exists], common[exists]
        for one, other in ((here, here + step), (of, of + far)):
            one, other = index.code[one], index.code[other]
            frame = one & (1 << _TIME_BITS) - 1
            i, j = (one >> _TIME_BITS) - start, other >> _TIME_BITS
            offset = frame - (other & (1 << _TIME_BITS) - 1)
            votes.append(((i << _CLIP_BITS | j) << _TIME_BITS) + offset + _NO_OFFSET)
            frames.append(frame)
    votes, frames = np.concatenate(votes), np.concatenate(frames)
    order = np.argsort(votes)
    votes = votes[order]
    # Most votes are alone, by chance: only neighbours go on.
    close = np.flatnonzero(np.diff(votes) <= _OFFSET_TOLERANCE)
    kept = np.union1d(close, close + 1)
    return votes[kept], frames[order[kept]]


def _count(votes, frames, start):
    """Return a row of `candidate_pairs` and a score for each pair that has votes."""
    order = np.lexsort((frames, votes))
    votes, frames = votes[order], frames[order]
    low = np.searchsorted(votes, votes - _OFFSET_TOLERANCE)
    high = np.searchsorted(votes, votes + _OFFSET_TOLERANCE, side="right")
    n_peaks = np.append(0, np.cumsum(_starts_run(votes) | _starts_run(frames)))
    n_peaks = n_peaks[high] - n_peaks[low]
    between, padded = np.stack([low, high], axis=1).ravel(), np.append(frames, 0)
    first, last = (f.reduceat(padded, between)[::2] for f in (np.minimum, np.maximum))
    score = (n_peaks << _VOTE_BITS | high - low) << _TIME_BITS | last - first
    # The best offset of each pair.
    pair = votes >> _TIME_BITS
    best = np.lexsort((votes, -score, pair))
    best = best[_starts_run(pair[best])]
    i, j = start + (pair[best] >> _CLIP_BITS), pair[best] & (1 << _CLIP_BITS) - 1
    offset = (votes[best] & (1 << _TIME_BITS) - 1) - _NO_OFFSET
    pairs = np.stack([i, j, first[best], first[best] - offset], axis=1)
    return pairs[i != j], score[best][i != j]


def _among_best(pairs, score):
    """Return whether each pair is among the `_MAX_CANDIDATES` best of a clip in it."""
    clip, score = pairs[:, :2].T.ravel(), np.tile(score, 2)
    order = np.lexsort((-score, clip))
    rank = np.empty(len(clip), dtype=int)
    rank[order] = np.arange(len(clip)) - np.searchsorted(clip[order], clip[order])
    return (rank < _MAX_CANDIDATES).reshape(2, -1).any(axis=0)

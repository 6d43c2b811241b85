"""Which texts are nearly the same: by the runs of letters that they have in common, in normal form.

Rules:
- A run is `RUN` letters in a row, some five words of English; a text that is shorter is one run. Equal runs of a text count once.
- Of two texts of a step both are near copies where `COPIED` of the runs of the one that has fewer, and more than `MOST` of the other's,
  are in both. So a word or two put before or after hides nothing. And one answer that strings several others together makes
  at most one of them a copy: no two texts without a run in common can each have more than half of its runs.
- A text is put together from another where `TAKEN` of its runs stand there, in whatever order.
- Who copied from whom cannot be known, and is not asked.
- A run is known by a 64-bit key, a polynomial in its characters (modulo 2**64). Time and memory grow with the number of letters.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adapters.scoring.batch import MAX_CHARS
from adapters.scoring.letters import letters

RUN = 24
COPIED, MOST = 0.9, 0.5
TAKEN = 0.8
_BASE = 0x9E37_79B9_7F4A_7C15
# Columns of the table of who has which run: 50 rows of them are 3 MB.
_BLOCK = 16_384

Runs = NDArray[np.uint64]


def runs(form: str) -> Runs:
    """The keys of the runs of a text in normal form, each once, in order of size; none of an empty one. Beyond `MAX_CHARS` letters none
    are seen, whatever long words a text's signs stand for.
    """
    return _runs(form[:MAX_CHARS])


# The mask that looks at a step second finds what the first one has counted.
@lru_cache(maxsize=128)
def _runs(form: str) -> Runs:
    codes = np.frombuffer(form.encode("utf-32-le"), np.uint32).astype(np.uint64)
    size = min(RUN, len(codes))
    found = np.sort(_rolled(codes, size)) if size else codes
    found = np.compress(np.append(True, found[1:] != found[:-1])[: len(found)], found)
    found.flags.writeable = False
    return found


def taken(text: Runs, source: Runs) -> float:
    """The share of the text's runs that stand in the source."""
    if not len(text) or not len(source):
        return 0.0
    return float(np.mean(source[np.searchsorted(source[:-1], text)] == text))


def near_copies(texts: Sequence[str]) -> list[float | None]:
    """Per text of a step, how much of the smaller of two is in both, by the nearest of those that it is a near copy of; None for a text
    that is nobody's.
    """
    found = [runs(letters(text)) for text in texts]
    counts = np.array([len(part) for part in found], np.float64)
    common = _common(found)
    fewer = np.maximum(np.minimum.outer(counts, counts), 1)
    more = np.maximum(np.maximum.outer(counts, counts), 1)
    share = common / fewer
    is_copy = (share >= COPIED) & (common / more > MOST)
    best = np.where(is_copy, share, 0).max(axis=1, initial=0)
    return [float(x) or None for x in best]


def _common(found: Sequence[Runs]) -> NDArray[np.float64]:
    """How many runs each two of the texts share, [texts, texts]; 0 for a text with itself."""
    table = np.zeros((len(found), len(found)))
    for owners in _shared(found):
        table += owners.T @ owners
    np.fill_diagonal(table, 0)
    return table


def _shared(found: Sequence[Runs]) -> Iterator[NDArray[np.float32]]:
    """The runs that more than one text has: a row per run with 1 for each text that has it, in blocks."""
    keys = np.concatenate([*found, np.empty(0, np.uint64)])
    who = np.repeat(np.arange(len(found)), [len(part) for part in found])
    order = np.argsort(keys, kind="stable")
    keys, who = keys[order], who[order]
    is_first = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    rank = np.cumsum(is_first) - 1
    is_shared = np.bincount(rank)[rank] > 1
    who, rank = who[is_shared], np.cumsum(is_first[is_shared]) - 1
    for first in range(0, int(rank[-1]) + 1 if len(rank) else 0, _BLOCK):
        inside = slice(*np.searchsorted(rank, (first, first + _BLOCK)))
        owners = np.zeros((min(_BLOCK, int(rank[-1]) + 1 - first), len(found)), np.float32)
        owners[rank[inside] - first, who[inside]] = 1
        yield owners


def _rolled(codes: Runs, size: int) -> Runs:
    """A polynomial in the characters of every `size` in a row, by runs of 1, 2, 4, ... of them."""
    power, length, rolled = codes, 1, codes[: len(codes) - size + 1] * np.uint64(0)
    done = 0
    while length <= size:
        if size & length:
            rolled = rolled * _factor(length) + power[done : done + len(rolled)]
            done += length
        power = power[: max(0, len(power) - length)] * _factor(length) + power[length:]
        length *= 2
    return rolled


def _factor(length: int) -> np.uint64:
    return np.uint64(pow(_BASE, length, 2**64))

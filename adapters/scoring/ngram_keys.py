"""The words of a text, and a 64-bit key for each of its n-grams of 5 to 10 words, all computed at once.

A key is a polynomial in the keys of the words (modulo 2**64) with its bits mixed. Two n-grams with one key would share a count; of
a million that are counted at once, one pair does in thirty million such tables.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import attrs
import numpy as np
from numpy.typing import NDArray

from adapters.scoring.ngram_table import Keys
from adapters.scoring.phrases import Ngram

SIZES = range(5, 11)
# Changes with everything that gives the same n-gram another key.
KEYS_VERSION = "1"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BASE = np.uint64(0x9E37_79B9_7F4A_7C15)

Indices = NDArray[np.int64]


def words_of(text: str) -> Ngram:
    """Lower-case words without punctuation."""
    return tuple(_WORD.findall(text.lower()))


@attrs.frozen(eq=False)
class Ngrams:
    """The distinct n-grams of a text: their keys, and where in the text their words begin, and how many they are."""

    keys: Keys
    starts: Indices
    sizes: Indices


def ngrams_of(words: Sequence[str]) -> Ngrams:
    """All n-grams of 5 to 10 words."""
    sizes = [size for size in SIZES if size <= len(words)]
    counts = [len(words) - size + 1 for size in sizes]
    keys, first = np.unique(_mixed(_rolled(words, sizes), np.repeat(sizes, counts)), return_index=True)
    starts = np.concatenate([np.arange(count) for count in counts] or [np.empty(0, np.int64)])
    return Ngrams(keys, starts[first], np.repeat(np.array(sizes, np.int64), counts)[first])


def _rolled(words: Sequence[str], sizes: Sequence[int]) -> Keys:
    """A polynomial in the keys of an n-gram's words, for all n-grams of each size in turn."""
    keys = np.fromiter((_word_key(word) for word in words), np.uint64, len(words))
    rolled, by_size = keys, []
    for size in range(2, max(sizes, default=0) + 1):
        rolled = rolled[:-1] * _BASE + keys[size - 1 :]
        if size in sizes:
            by_size.append(rolled)
    return np.concatenate([*by_size, np.empty(0, np.uint64)])


def _mixed(rolled: Keys, sizes: NDArray[np.int64]) -> Keys:
    """Every bit depends on every bit (the finish of splitmix64); 0 is left free."""
    mixed = rolled + sizes.astype(np.uint64)
    for shift, factor in ((30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return np.maximum(mixed, np.uint64(1))


@lru_cache(maxsize=65_536)
def _word_key(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())

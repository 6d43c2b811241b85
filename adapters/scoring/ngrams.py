"""How often each n-gram of words was seen, by lossy counting (Manku and Motwani 2002) with a half-life.

A window is `1 / error` completions. An n-gram that enters late may have been dropped before, at most once per window passed:
that is its `slack`. At a window's end what is not above one sight a window (`count + slack <= windows`) is dropped.

Rules:
- An n-gram counts at most once per completion.
- N-grams are counted under a 64-bit key; words are kept only for those that are frequent (`count >= (support - error) * N`).
- Every `half_life` completions all counts are halved, so that the share `count / N` of an n-gram forgets its past.
- Above `max_entries` the rarest are dropped, however young.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from adapters.scoring.settings import BlacklistSettings

SIZES = range(5, 11)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words without punctuation."""
    return tuple(_WORD.findall(text.lower()))


def ngrams_of(words: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Distinct n-grams of 5 to 10 words: key to (start, end) of the first place."""
    keys = [_word_key(word) for word in words]
    found: dict[int, tuple[int, int]] = {}
    for start, end in _spans(len(words)):
        found.setdefault(hash(tuple(keys[start:end])), (start, end))
    return found


def _spans(length: int) -> Iterator[tuple[int, int]]:
    return ((start, start + size) for size in SIZES for start in range(length - size + 1))


@lru_cache(maxsize=65_536)
def _word_key(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())


def significance(size: int, count: float, completions: float) -> float:
    """`1.25**(L-1) * f/N * 100` of an n-gram of `size` words seen in `count` of `completions`."""
    return 1.25 ** (size - 1) * count / completions * 100


class NgramCounts:
    def __init__(self, settings: BlacklistSettings) -> None:
        self._settings = settings
        self._window = round(1 / settings.error)
        self._seen = 0
        self._completions = 0.0
        self._counts: dict[int, float] = {}
        self._slack: dict[int, float] = {}
        self._frequent: dict[int, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, words: Sequence[str]) -> None:
        """Count the n-grams of one completion."""
        self._seen += 1
        self._completions += 1
        slack = self._completions // self._window
        least = (self._settings.support - self._settings.error) * self._completions
        for key, (start, end) in ngrams_of(words).items():
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
            if count == 1 and slack:
                self._slack[key] = slack
            if count >= least and key not in self._frequent:
                self._frequent[key] = tuple(words[start:end])
        self._tidy()

    def significant(self) -> Mapping[tuple[str, ...], float]:
        """N-grams above the bound with their significance now; none before a window has been seen."""
        if self._seen < self._window:
            return {}
        scored = (
            (words, significance(len(words), self._counts.get(key, 0), self._completions))
            for key, words in self._frequent.items()
        )
        return {words: value for words, value in scored if value > self._settings.significance_bound}

    def _tidy(self) -> None:
        if self._seen % self._window == 0:
            windows = self._completions / self._window
            self._drop(
                key for key, count in self._counts.items() if count + self._slack.get(key, 0) <= windows
            )
            self._forget_rare_words()
        if self._seen % self._settings.half_life == 0:
            self._halve()
        if len(self._counts) > self._settings.max_entries:
            self._drop_rarest()

    def _drop(self, keys: Iterable[int]) -> None:
        for key in list(keys):
            del self._counts[key]
            self._slack.pop(key, None)
            self._frequent.pop(key, None)

    def _forget_rare_words(self) -> None:
        least = (self._settings.support - self._settings.error) * self._completions
        self._frequent = {key: words for key, words in self._frequent.items() if self._counts[key] >= least}

    def _halve(self) -> None:
        self._completions /= 2
        self._counts = {key: count / 2 for key, count in self._counts.items()}
        self._slack = {key: slack / 2 for key, slack in self._slack.items()}

    def _drop_rarest(self) -> None:
        """Down to three quarters of the limit, so that it is not reached again at once; of equals the oldest go."""
        excess = len(self._counts) - self._settings.max_entries * 3 // 4
        self._drop(sorted(self._counts, key=self._counts.__getitem__)[:excess])

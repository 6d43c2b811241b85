"""How often each n-gram of words was seen, by lossy counting (Manku and Motwani 2002) with a half-life.

A window is `1 / error` completions. At its end the bar rises to the windows passed (`N / window`), and what is not above it with
`count + slack` is dropped. An n-gram that enters late may have been dropped before, so it enters with the bar as its slack.

Rules:
- An n-gram counts at most once per completion.
- Every `half_life` completions all counts are halved, so that the share `count / N` of an n-gram forgets its past. No entry is
  touched for it: what comes after weighs twice as much.
- Above `max_entries` the rarest are dropped, however young.
- N-grams are counted under a 64-bit key. Words are kept only for those whose significance is above the bound, from the sight that
  lifts it there: between sights it only falls. A window's end forgets those that fell.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adapters.scoring.memory import Memory
from adapters.scoring.ngram_keys import KEYS_VERSION, SIZES, Indices, Ngrams, ngrams_of
from adapters.scoring.ngram_table import NgramTable, Values
from adapters.scoring.phrases import Ngram, Phrases
from adapters.scoring.settings import BlacklistSettings

# Units are powers of two, so that no count is rounded; long before a double's end they begin at 1 again.
_LARGEST_UNIT = 2.0**300
_GROWTH = np.array([1.25 ** (size - 1) for size in range(max(SIZES) + 1)])


def significance(size: int, count: float, completions: float) -> float:
    """`1.25**(L-1) * f/N * 100` of an n-gram of `size` words seen in `count` of `completions`."""
    return 1.25 ** (size - 1) * count / completions * 100


class NgramCounts:
    """Counts of n-grams over all completions.

    Attributes:
        hot: the n-grams that may be significant, with their words.
    """

    def __init__(self, settings: BlacklistSettings) -> None:
        self._settings = settings
        self._window = round(1 / settings.error)
        self._seen = 0
        # N, the bar, and all counts are told in the unit that the first sight had.
        self._completions, self._bar, self._unit = 0.0, 0.0, 1.0
        self._table = NgramTable()
        self.hot = Phrases(settings.ratio_bound)

    def __len__(self) -> int:
        return len(self._table)

    def add(self, words: Sequence[str]) -> None:
        """Count the n-grams of one completion."""
        self._seen += 1
        self._completions += self._unit
        found = ngrams_of(words)
        counts = self._table.add(found.keys, self._unit, self._bar)
        self._heat(words, found, counts)
        self._tidy()

    def significance(self) -> Mapping[int, float]:
        """The significance now, by key, of n-grams above the bound; none before a window has been seen."""
        if self._seen < self._window:
            return {}
        keys = np.fromiter(self.hot, np.uint64, len(self.hot))
        sizes = np.fromiter((len(self.hot[key].words) for key in self.hot), np.int64, len(self.hot))
        counts = self._table.counts_of(keys)
        above = self._is_above(sizes, counts, self._completions)
        values = _significances(sizes, counts, self._completions)[above]
        return dict(zip(keys[above].tolist(), values.tolist(), strict=True))

    def significant(self) -> Mapping[Ngram, float]:
        """The same, by words."""
        return {self.hot[key].words: value for key, value in self.significance().items()}

    def memory(self) -> Memory:
        """All entries, what is hot, and how much was seen."""
        keys, counts, slacks = self._table.entries()
        hot = np.fromiter(self.hot, np.uint64, len(self.hot))
        words = "\n".join(self.hot[key].text for key in self.hot).encode()
        arrays: dict[str, NDArray[Any]] = {
            "keys": keys.view(np.int64),
            "counts": counts,
            "slacks": slacks,
            "seen": np.array([self._seen]),
            "completions": np.array([self._completions]),
            "bar": np.array([self._bar]),
            "unit": np.array([self._unit]),
            "hot_keys": hot.view(np.int64),
            "hot_words": np.frombuffer(words, np.uint8).copy(),
        }
        return Memory({name: torch.from_numpy(array) for name, array in arrays.items()}, self._facts())

    def recall(self, memory: Memory) -> bool:
        """Go on from there, if it was counted in the same way; a smaller `max_entries` drops the rarest."""
        if memory.facts != self._facts():
            return False
        arrays = {name: tensor.numpy() for name, tensor in memory.arrays.items()}
        self._seen = int(arrays["seen"][0])
        self._completions, self._bar, self._unit = (
            float(arrays[name][0]) for name in ("completions", "bar", "unit")
        )
        self._table = NgramTable()
        self._table.load(arrays["keys"].view(np.uint64), arrays["counts"], arrays["slacks"])
        self.hot = Phrases(self._settings.ratio_bound)
        texts = arrays["hot_words"].tobytes().decode().splitlines()
        for key, text in zip(arrays["hot_keys"].view(np.uint64).tolist(), texts, strict=True):
            self.hot.add(key, tuple(text.split(" ")))
        self._keep_to_limit()
        return True

    def _facts(self) -> dict[str, str]:
        settings = self._settings
        return {
            "keys": KEYS_VERSION,
            "support": repr(settings.support),
            "error": repr(settings.error),
            "half_life": repr(settings.half_life),
        }

    def _is_above(self, sizes: Indices, counts: Values, completions: float) -> NDArray[np.bool_]:
        """Whether lossy counting would tell them at all, and their significance is above the bound."""
        told = counts >= (self._settings.support - self._settings.error) * completions
        above = _significances(sizes, counts, completions) > self._settings.significance_bound
        return np.logical_and(told, above)

    def _heat(self, words: Sequence[str], found: Ngrams, counts: Values) -> None:
        """Keep the words of what is above the bound with the least N at which it can be looked at without another sight."""
        least = self._completions + max(0, self._window - self._seen) * self._unit
        for i in np.flatnonzero(self._is_above(found.sizes, counts, least)).tolist():
            key, start = int(found.keys[i]), int(found.starts[i])
            if key not in self.hot:
                self.hot.add(key, tuple(words[start : start + int(found.sizes[i])]))

    def _tidy(self) -> None:
        if self._seen % self._window == 0:
            self._bar = self._completions / self._window
            self._table.drop_up_to(self._bar)
            self._cool()
        if self._seen % self._settings.half_life == 0:
            self._halve()
        self._keep_to_limit()

    def _cool(self) -> None:
        for key in set(self.hot) - set(self.significance()):
            self.hot.drop(key)

    def _halve(self) -> None:
        self._unit *= 2
        if self._unit > _LARGEST_UNIT:
            self._table.scale(1 / self._unit)
            self._completions /= self._unit
            self._bar /= self._unit
            self._unit = 1.0

    def _keep_to_limit(self) -> None:
        """Down to three quarters of the limit, so that it is not reached again at once."""
        if len(self._table) > self._settings.max_entries:
            self._table.drop_rarest(self._settings.max_entries * 3 // 4)


def _significances(sizes: Indices, counts: Values, completions: float) -> Values:
    scaled: Values = _GROWTH[sizes] * counts / completions * 100
    return scaled

"""`blacklist`: masks a completion that repeats what very many completions say, or that copies the task's base text.

Rules:
- Tokens are words, lower case and without punctuation, so an n-gram of `n` tokens has `L = n` words.
- Each completion of a batch is counted before the batch is judged: significance is current.
- No n-gram is significant before one window of lossy counting (1 / error, by default 1000 completions) has been seen.
- A significant n-gram is compared (fuzzy partial ratio) only with completions that hold enough of its words to match.
- A copy is a run of `COPIED_WORDS` words or more that stands in the base text, whatever the case and the white space:
  a name or a number can be the right answer.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from rapidfuzz import fuzz

from adapters.scoring.batch import Batch, mask_of
from adapters.scoring.ngrams import NgramCounts, words_of
from adapters.scoring.settings import BlacklistSettings
from core.types import RawMask

COPIED_WORDS = 3

Ngram = tuple[str, ...]


class Blacklist:
    name = "blacklist"

    def __init__(self, settings: BlacklistSettings) -> None:
        self._settings = settings
        self._counts = NgramCounts(settings)

    def judge(self, batch: Batch) -> RawMask:
        worded = [words_of(text) for text in batch.completions]
        for words in worded:
            self._counts.add(words)
        shortlist = Shortlist(self._counts.significant(), self._settings.ratio_bound)
        base = _spaced(batch.base_text)
        found = [
            _copied(text, words, base) or shortlist.match(words)
            for text, words in zip(batch.completions, worded, strict=True)
        ]
        return mask_of(self.name, found)


def _spaced(text: str) -> str:
    return f" {' '.join(text.lower().split())} "


def _copied(text: str, words: Ngram, base: str) -> str:
    spaced = _spaced(text).rstrip(" .!?")
    is_copy = len(words) >= COPIED_WORDS and re.search(rf"{re.escape(spaced)}(?!\w)", base)
    return "a verbatim part of the base text" if is_copy else ""


class Shortlist:
    """Finds the significant n-gram that a completion repeats, without a fuzzy match against each of them."""

    def __init__(self, significant: Mapping[Ngram, float], ratio_bound: float) -> None:
        self._significant, self._ratio_bound = significant, ratio_bound
        self._by_word: defaultdict[str, list[Ngram]] = defaultdict(list)
        for ngram in significant:
            for word in set(ngram):
                self._by_word[word].append(ngram)

    def match(self, words: Ngram) -> str:
        """What was found, "" for nothing; the most significant n-gram first."""
        text = " ".join(words)
        for ngram in sorted(self._candidates(words), key=lambda ngram: (-self._significant[ngram], ngram)):
            phrase = " ".join(ngram)
            if (
                phrase in text
                or fuzz.partial_ratio(phrase, text, score_cutoff=self._ratio_bound) > self._ratio_bound
            ):
                return f'"{phrase}" has significance {self._significant[ngram]:.1f}'
        return ""

    def _candidates(self, words: Ngram) -> list[Ngram]:
        shared = Counter(ngram for word in set(words) for ngram in self._by_word.get(word, ()))
        return [ngram for ngram, count in shared.items() if count >= self._needed(ngram)]

    def _needed(self, ngram: Ngram) -> int:
        """Distinct words that any match shares: of `c` characters a match may differ in `c * (1 - ratio)` at most, and one
        difference spoils one word, or two when it is a blank.
        """
        spoiled = 2 * math.floor(len(" ".join(ngram)) * (1 - self._ratio_bound / 100))
        return max(1, len(set(ngram)) - spoiled)

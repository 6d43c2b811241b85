"""What it means that a text contains a phrase, and which phrases a text contains, without a walk through all of them.

A text contains an n-gram if it holds two of the n-gram's words in a row, and is like the n-gram around a place where it does so: the
fuzzy partial ratio is above a bound, of the phrase and the text, and of the phrase and the stretch of text around that place.

Rules:
- Text and phrase are words joined by blanks. Ratios are those of rapidfuzz, 0 to 100.
- What is shorter than the phrase is compared as a whole (plain ratio): a word is no phrase.
- The stretch is what an alignment that holds the two words can reach: for a phrase of `c` characters and a bound of `r` percent
  `2 * (1 - r) * c` more on either side, since it has fewer insertions and deletions than that.
- Before a ratio is computed, a bound on it is: above `r` the longest common subsequence has more than `r / (2 - r) * c` characters.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

import attrs
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

Ngram = tuple[str, ...]
Pair = tuple[str, str]

# An alignment is one number, rank * _RANK + _MIDDLE + begin, so that a set of them is quickly made and sorted.
_RANK, _MIDDLE = 2**32, 2**31
ROUNDING = 1e-6
# No word: stands for all that no n-gram has before a pair.
EVERYWHERE = " "


@attrs.frozen
class Phrase:
    """An n-gram as text, and what is to be known of it for a bound.

    Attributes:
        reach: how many characters before and behind it an alignment may take.
        least: the shortest common subsequence with a text that is like it.
    """

    words: Ngram
    text: str
    reach: int
    least: float


class Place(NamedTuple):
    """Where two words in a row stand in an n-gram: behind so many characters, and behind which word ("" at the beginning)."""

    key: int
    offset: int
    before: str


def phrase_of(words: Ngram, bound: float) -> Phrase:
    text, share = " ".join(words), bound / 100
    return Phrase(
        words, text, math.ceil(2 * (1 - share) * len(text)), share / (2 - share) * len(text) - ROUNDING
    )


def is_like(phrase: str, text: str, bound: float) -> bool:
    """Whether the fuzzy partial ratio is above the bound; the plain one where the text is the shorter."""
    compare = fuzz.ratio if len(text) < len(phrase) else fuzz.partial_ratio
    return compare(phrase, text, score_cutoff=bound) > bound


def stretch(phrase: Phrase, text: str, begin: int) -> str:
    """The text around a phrase that begins there, with its reach; longer than the phrase where the text is."""
    length, reach = len(phrase.text), phrase.reach
    first, latest = begin - reach, len(text) - length - 1
    # Tens of times for each text: a comparison costs less than a call of min or max.
    first = first if first < latest else latest  # noqa: FURB136
    first = first if first > 0 else 0  # noqa: FURB136
    return text[first : (begin + reach if begin + reach > first else first + 1) + length]


class Phrases:
    """N-grams by key, each found again by any two of its words in a row.

    Attributes:
        bound: the ratio above which a text is like a phrase.
        by_pair: where in which n-grams these two words stand in a row.
    """

    def __init__(self, bound: float) -> None:
        self.bound = bound
        self._by_key: dict[int, Phrase] = {}
        self.by_pair: defaultdict[Pair, list[Place]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_key)

    def __contains__(self, key: int) -> bool:
        return key in self._by_key

    def __getitem__(self, key: int) -> Phrase:
        return self._by_key[key]

    def add(self, key: int, words: Ngram) -> None:
        """A new one."""
        self._by_key[key] = phrase_of(words, self.bound)
        befores, letters = ("", *words), _letters(words)
        for i, pair in enumerate(pairwise(words)):
            self.by_pair[pair].append(Place(key, letters[i] + i, befores[i]))

    def drop(self, key: int) -> None:
        for pair in set(pairwise(self._by_key.pop(key).words)):
            left = [place for place in self.by_pair.pop(pair) if place.key != key]
            if left:
                self.by_pair[pair] = left


class Search:
    """Finds the most significant n-gram that a text contains.

    Args:
        phrases: must stay as they are as long as this searches.
        significance: by key, of those to look for.
    """

    def __init__(self, phrases: Phrases, significance: Mapping[int, float]) -> None:
        self._phrases = phrases
        self._keys = sorted(significance, key=lambda key: (-significance[key], phrases[key].words))
        self._ranked = [phrases[key] for key in self._keys]
        self._ranks = {key: rank for rank, key in enumerate(self._keys)}
        self._places: dict[Pair, dict[str, list[int]]] = {}

    def first(self, words: Ngram) -> int | None:
        """The key of the n-gram; of equal significance the first by words."""
        text = " ".join(words)
        for alignment in sorted(self._alignments(words)):
            rank, begin = divmod(alignment, _RANK)
            if self._contains(self._ranked[rank], text, begin - _MIDDLE):
                return self._keys[rank]
        return None

    def _contains(self, phrase: Phrase, text: str, begin: int) -> bool:
        near, bound = stretch(phrase, text, begin), self._phrases.bound
        return (
            LCSseq.similarity(phrase.text, near) >= phrase.least
            and is_like(phrase.text, near, bound)
            and is_like(phrase.text, text, bound)
        )

    def _alignments(self, words: Ngram) -> set[int]:
        """Where each n-gram would begin, for two words that it shares with the text to stand right."""
        by_pair, befores, letters = self._phrases.by_pair, ("", *words), _letters(words)
        shared = (
            (letters[i] + i, befores[i], self._placed(pair))
            for i, pair in enumerate(pairwise(words))
            if pair in by_pair
        )
        return {
            begin + place
            for begin, before, placed in shared
            for place in placed.get(before, placed[EVERYWHERE])
        }

    def _placed(self, pair: Pair) -> dict[str, list[int]]:
        """Alignments at 0 by the word before the pair in a text; where the n-gram has it too, the pair before tells as much."""
        if pair not in self._places:
            ranks = self._ranks
            found = [
                (before, ranks[key] * _RANK + _MIDDLE - offset)
                for key, offset, before in self._phrases.by_pair[pair]
                if key in ranks
            ]
            befores = {before for before, _ in found if before} | {EVERYWHERE}
            self._places[pair] = {
                word: [alignment for before, alignment in found if before != word] for word in befores
            }
        return self._places[pair]


def _letters(words: Ngram) -> list[int]:
    """How many letters stand before each word; there are as many blanks as words."""
    return list(accumulate(map(len, words), initial=0))

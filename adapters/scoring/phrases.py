"""What it means that a text contains a phrase, and the phrases that a text may contain, without a walk through all of them.

A text contains an n-gram where, around a place at which two of the n-gram's words stand in a row, it is like the n-gram: the
fuzzy partial ratio of the phrase and the text is above a bound, and so it is with the stretch of text around that place alone. A
text shorter than the phrase is compared as a whole (plain ratio): a word is no phrase.

Rules:
- Text and phrase are words joined by blanks. Ratios are those of rapidfuzz, 0 to 100.
- A stretch is what an alignment that holds the two words can reach: of a phrase of `c` characters, `2 * (1 - bound / 100) * c`
  more than the phrase itself on either side, for so many insertions and deletions are above the bound at the very most.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise

import attrs
from rapidfuzz import fuzz

Ngram = tuple[str, ...]
Pair = tuple[str, str]

# An alignment is one number, rank * _RANK + _MIDDLE + begin, so that a set of them is quickly made and sorted.
_RANK, _MIDDLE = 2**32, 2**31


@attrs.frozen
class Phrase:
    """An n-gram as text."""

    words: Ngram
    text: str


def is_like(phrase: str, text: str, bound: float) -> bool:
    """Whether the fuzzy partial ratio is above the bound; the plain one where the text is the shorter."""
    compare = fuzz.ratio if len(text) < len(phrase) else fuzz.partial_ratio
    return compare(phrase, text, score_cutoff=bound) > bound


def stretch(phrase: str, text: str, begin: int, bound: float) -> str:
    """The text around a phrase that begins there, wide enough for every alignment; longer than the phrase where the text is."""
    length = len(phrase)
    reach = math.ceil(2 * (1 - bound / 100) * length)
    first = max(0, min(begin - reach, len(text) - length - 1))
    return text[first : max(begin + reach, first + 1) + length]


class Phrases:
    """N-grams by key, each found again by any two of its words in a row."""

    def __init__(self) -> None:
        self._by_key: dict[int, Phrase] = {}
        self._by_pair: defaultdict[Pair, list[tuple[int, int]]] = defaultdict(list)

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
        self._by_key[key] = Phrase(words, " ".join(words))
        begins = _begins(words)
        for i, pair in enumerate(pairwise(words)):
            self._by_pair[pair].append((key, begins[i]))

    def drop(self, key: int) -> None:
        for pair in set(pairwise(self._by_key.pop(key).words)):
            left = [place for place in self._by_pair.pop(pair) if place[0] != key]
            if left:
                self._by_pair[pair] = left

    def has(self, pair: Pair) -> bool:
        return pair in self._by_pair

    def places(self, pair: Pair) -> list[tuple[int, int]]:
        """The keys of n-grams that hold these two words in a row, and the character at which they do."""
        return self._by_pair.get(pair, [])


class Search:
    """Finds the most significant n-gram that a text contains.

    Args:
        phrases: must stay as they are as long as this searches.
        significance: by key, of those to look for.
        bound: the ratio above which a text is like a phrase.
    """

    def __init__(self, phrases: Phrases, significance: Mapping[int, float], bound: float) -> None:
        self._phrases, self._bound = phrases, bound
        self._ranked = sorted(significance, key=lambda key: (-significance[key], phrases[key].words))
        self._ranks = {key: rank for rank, key in enumerate(self._ranked)}
        self._places: dict[Pair, list[int]] = {}

    def first(self, words: Ngram) -> int | None:
        """The key of the n-gram; of equal significance the first by words."""
        text = " ".join(words)
        for alignment in sorted(self._alignments(words)):
            rank, begin = divmod(alignment, _RANK)
            phrase = self._phrases[self._ranked[rank]].text
            near = stretch(phrase, text, begin - _MIDDLE, self._bound)
            if is_like(phrase, near, self._bound) and is_like(phrase, text, self._bound):
                return self._ranked[rank]
        return None

    def _alignments(self, words: Ngram) -> set[int]:
        """Where each n-gram would begin, for two words that it shares with the text to stand right."""
        shared = [(i, pair) for i, pair in enumerate(pairwise(words)) if self._phrases.has(pair)]
        begins = _begins(words) if shared else []
        return {begins[i] + place for i, pair in shared for place in self._places_of(pair)}

    def _places_of(self, pair: Pair) -> list[int]:
        if pair not in self._places:
            self._places[pair] = [
                self._ranks[key] * _RANK + _MIDDLE - offset
                for key, offset in self._phrases.places(pair)
                if key in self._ranks
            ]
        return self._places[pair]


def _begins(words: Ngram) -> list[int]:
    """The character at which each word begins, and one more."""
    return [letters + blanks for blanks, letters in enumerate(accumulate(map(len, words), initial=0))]

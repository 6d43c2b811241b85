"""A question made from a sentence of the text: opened by a given word, closed by "?", near a given length. Pure.

A statement with an auxiliary turns into a question by moving it ("The lake is deep." - "Why is the lake deep?"); any other is
asked about as a whole ("Why is it that ...?").
"""

import random
import re
from bisect import bisect_left
from collections.abc import Sequence

from adapters.localnet.phrasing import decapitalised
from core.completions import MOST_QUESTION_WORDS
from core.randomness import choice

DEFAULT_OPENINGS = ("What", "Why", "How", "When", "Which", "Where")

_AUXILIARIES = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "can",
        "could",
        "will",
        "would",
        "must",
        "may",
        "might",
        "should",
        "has",
        "had",
    }
)
_MOVABLE = frozenset({"why", "how", "when", "where"})
_LONGEST_SUBJECT = 6
_SHORTEST = 4
_NO_SUBJECT = frozenset(
    {
        "that",
        "which",
        "who",
        "whose",
        "and",
        "or",
        "but",
        "if",
        "when",
        "where",
        "while",
        "because",
        "as",
        "it",
        "this",
        "these",
        "those",
        "there",
        "they",
        "he",
        "she",
        "its",
        "their",
    }
)
_CARRIERS: dict[str, tuple[str, ...]] = {
    "what": (
        "explains why",
        "tells us that",
        "makes it so that",
        "proves that",
        "led people to say that",
        "follows if",
    ),
    "why": (
        "is it that",
        "might it be that",
        "does it matter that",
        "should we care that",
        "do we read that",
    ),
    "how": (
        "is it that",
        "do we know that",
        "could it be that",
        "did it come about that",
        "does it help that",
    ),
    "when": ("is it that", "did people notice that", "does it matter that", "can one say that"),
    "where": ("is it that", "can we see that", "does it matter that", "did people find that"),
    "who": ("found that", "gains if", "would have thought that", "can tell that", "noticed first that"),
    "which": ("facts show that", "reasons explain why", "details tell us that", "signs suggest that"),
    "whose": ("work shows that", "idea was it that", "lives change if"),
    "is": ("it true that", "it likely that", "it the case that", "it right to say that"),
    "are": ("there signs that", "we told that", "we sure that"),
    "was": ("it known that", "it always so that", "it expected that"),
    "were": ("people aware that", "there signs that"),
    "does": ("it matter that", "it follow that", "the text hold that"),
    "do": ("we learn that", "you agree that", "people know that"),
    "did": ("anyone expect that", "people know that"),
    "can": ("we say that", "it be that", "one prove that"),
    "could": ("it be that", "one argue that"),
    "should": ("we accept that", "it surprise us that"),
    "would": ("you say that", "it matter if"),
    "will": ("it stay true that", "people recall that"),
    "has": ("anyone shown that", "it always been that"),
    "have": ("people always known that", "we learned that"),
}
_PLAIN_CARRIERS = ("is it that", "would one say that", "does it show that")
_BREAKS = re.compile(r",? (?:and|but|so that|because|since|while|given that|seeing that|though)\b|; ")
_WORDS = re.compile(r"\S+")


def question_from(
    sentences: Sequence[str], opening: str, words: int, names: frozenset[str], rng: random.Random
) -> str:
    """A question of about `words` words, its first word `opening`, on the first of the sentences (one at least).

    The next sentences are taken in as long as it is too short.
    """
    carrier = choice(rng, _CARRIERS.get(opening.lower(), _PLAIN_CARRIERS))
    statement = sentences[0].rstrip(".!?")
    moved = _moved(statement, opening, names)
    asked = moved or f"{opening} {carrier} {decapitalised(statement, names)}"
    for other in sentences[1:]:
        if _missing(asked, words) <= _missing_at_most(words):
            break
        link = choice(rng, (", while", ", and", ", given that", ", seeing that", ", when"))
        asked = f"{asked}{link} {decapitalised(other.rstrip('.!?'), names)}"
    return f"{shortened(asked, words)}?"


def _missing(text: str, words: int) -> int:
    return words - len(text.split())


def _missing_at_most(words: int) -> int:
    return words // 5


def _moved(statement: str, opening: str, names: frozenset[str]) -> str:
    """The statement as a question by moving its auxiliary; "" where it has none to move."""
    if opening.lower() not in _MOVABLE:
        return ""
    parts = statement.split()
    for place, word in enumerate(parts[: _LONGEST_SUBJECT + 1]):
        if place and word in _AUXILIARIES:
            subject = decapitalised(" ".join(parts[:place]), names)
            return f"{opening} {word} {subject} {' '.join(parts[place + 1 :])}"
        if word.lower() in _NO_SUBJECT or word.endswith(("ed", ",")):
            return ""
    return ""


def shortened(text: str, words: int) -> str:
    """The text cut at the break between clauses whose place is nearest to the wanted number of words, if that is nearer.

    Never above the length to which questions are cut.
    """
    # Found once: a text may be all breaks, and to count at each of them would take the square of its length.
    starts = [word.start() for word in _WORDS.finditer(text)]
    best, best_words = text, len(starts)
    for match in _BREAKS.finditer(text):
        cut_words = bisect_left(starts, match.start())
        if cut_words > _SHORTEST and abs(words - cut_words) < abs(words - best_words):
            best, best_words = text[: match.start()], cut_words
    return " ".join(best.split()[:MOST_QUESTION_WORDS]).rstrip(" ,;:")

"""What a task asks of a completion's form, and what missing it costs.

Rules:
- Criteria judge the text as received, white space around it trimmed.
- A criterion is told to miners by `describe`, and by nothing else: what it says is what `penalty` checks.
- A list mark counts at the start of a line only: "built in 2020. The end" is no list.
"""

import math
import re
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

import attrs

from core.text import paragraphs, sentences, words


class Unit(StrEnum):
    """What a length is counted in."""

    CHARACTERS = "characters"
    WORDS = "words"
    SENTENCES = "sentences"
    PARAGRAPHS = "paragraphs"


class Place(StrEnum):
    """Where in a completion a word is looked for."""

    START = "start with"
    END = "end with"
    ANYWHERE = "include"


class Layout(StrEnum):
    BULLETS = "bullets"
    NUMBERS = "numbers"
    PLAIN = "plain"


@attrs.frozen
class MatchLength:
    """A length near `target`.

    Attributes:
        target: wished-for length in `unit`, 1 or more.
        penalty: most that a wrong length costs.
    """

    target: int = attrs.field(validator=attrs.validators.ge(1))
    unit: Unit
    penalty: float = 0.25


@attrs.frozen
class MatchContent:
    """One of some words at a place, or (`negate`) none of them there. Case does not matter; words count whole.

    Attributes:
        penalty: what missing it costs.
    """

    words: tuple[str, ...]
    place: Place
    negate: bool = False
    penalty: float = 0.25


@attrs.frozen
class MatchLayout:
    """A bullet list, a numbered list, or no list at all. Two marked lines make a list; one spoils plain text.

    Attributes:
        penalty: what missing it costs.
    """

    layout: Layout
    penalty: float = 0.25


Criterion = MatchLength | MatchContent | MatchLayout

LEAST_ITEMS = 2
# Looked for in a text with a line break before it: a plain character to open with is found many times faster than "^".
_BULLET = re.compile(r"\n[ \t]*+[-*+•‣▪◦·](?=\s)")
_NUMBER = re.compile(r"\n[ \t]*+\(?\d{1,3}[.)](?=\s)")


def describe(criterion: Criterion) -> str:
    """The criterion in words, one line, for the prompt."""
    match criterion:
        case MatchLength(target=target, unit=unit):
            return f"Length in {unit}: about {target}."
        case MatchContent():
            return _describe_content(criterion)
        case MatchLayout(layout=layout):
            return _describe_layout(layout)
        case _:
            assert_never(criterion)


def penalty(criterion: Criterion, text: str) -> float:
    """What the text loses by the criterion, from 0 to the criterion's own penalty."""
    text = text.strip()
    match criterion:
        case MatchLength():
            return criterion.penalty * _miss(criterion.target, length(text, criterion.unit))
        case MatchContent():
            return 0.0 if _has_content(criterion, text) != criterion.negate else criterion.penalty
        case MatchLayout():
            return 0.0 if _has_layout(criterion.layout, text) else criterion.penalty
        case _:
            assert_never(criterion)


def length(text: str, unit: Unit) -> int:
    match unit:
        case Unit.CHARACTERS:
            return len(text)
        case Unit.WORDS:
            return len(words(text))
        case Unit.SENTENCES:
            return len(sentences(text))
        case Unit.PARAGRAPHS:
            return len(paragraphs(text))
        case _:
            assert_never(unit)


def _miss(target: int, found: int) -> float:
    """`1 - exp(-10 e^2)` with the relative error `e`: 0 at the target, 0.63 a third away, near 1 from a half on."""
    error = (target - found) / target
    return 1 - math.exp(-10 * error * error)


def _describe_content(criterion: MatchContent) -> str:
    verb = f"Do not {criterion.place}" if criterion.negate else criterion.place.capitalize()
    quoted = " or ".join(f'"{word}"' for word in criterion.words)
    return f"{verb} {quoted}."


def _describe_layout(layout: Layout) -> str:
    match layout:
        case Layout.BULLETS:
            return 'Layout: a bullet list of two or more items, each on a line that starts with "- ".'
        case Layout.NUMBERS:
            return 'Layout: a numbered list of two or more items, on lines that start with "1. ", "2. " and so on.'
        case Layout.PLAIN:
            return "Layout: plain text, no bullet list and no numbered list."
        case _:
            assert_never(layout)


def _has_layout(layout: Layout, text: str) -> bool:
    lines = f"\n{text}"
    match layout:
        case Layout.BULLETS:
            return len(_BULLET.findall(lines)) >= LEAST_ITEMS
        case Layout.NUMBERS:
            return len(_NUMBER.findall(lines)) >= LEAST_ITEMS
        case Layout.PLAIN:
            return _BULLET.search(lines) is None and _NUMBER.search(lines) is None
        case _:
            assert_never(layout)


def _has_content(criterion: MatchContent, text: str) -> bool:
    find = re.Pattern.match if criterion.place is Place.START else re.Pattern.search
    return any(find(_pattern(word, criterion.place), text) is not None for word in criterion.words)


@lru_cache(maxsize=1024)  # tasks ask for the same few words again and again
def _pattern(word: str, place: Place) -> re.Pattern[str]:
    """Finds the word, whole: "How" is not found in "However", "?" is found after anything. At the end, where it must be there."""
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    whole = f"{before}{re.escape(word)}{after}"
    match place:
        case Place.START | Place.ANYWHERE:
            pass
        case Place.END:
            whole = rf"{whole}\Z"
        case _:
            assert_never(place)
    return re.compile(whole, re.IGNORECASE)

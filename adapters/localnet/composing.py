"""Sentences of a text chosen by rank, reworded and laid out. Pure.

Rules:
- A sentence is taken once, and never as it stands in the text.
- Chance shakes every choice, so that two miners seldom give the same text.
"""

import random
from collections.abc import Sequence
from typing import assert_never

import attrs

from adapters.localnet.phrasing import decapitalised, reword
from core.criteria import Layout, MatchLength, length
from core.randomness import choice

_LINKS = ("; ", ", and ", ", while ", ", though ", ", and besides, ", "; in turn, ", ", just as ")
_FUNCTION_WORDS = frozenset({"the", "a", "an", "of", "to"})


@attrs.frozen
class Material:
    """Sentences to choose from, the worth of each (higher is better), and the names that occur in them."""

    sentences: tuple[str, ...]
    ranks: tuple[float, ...]
    names: frozenset[str]


def by_rank(material: Material, shake: float, rng: random.Random) -> tuple[int, ...]:
    """Places of all sentences, best first, each rank lowered by a random share of up to `shake` (0..1)."""
    shaken = [rank * (1 - shake * rng.random()) for rank in material.ranks]
    return tuple(sorted(range(len(shaken)), key=lambda place: -shaken[place]))


def fill(material: Material, places: Sequence[int], wanted: MatchLength) -> tuple[int, ...]:
    """The places, in their order, that together come nearest to the wanted length; one at least."""
    chosen: list[int] = []
    filled = 0
    for place in places:
        size = length(material.sentences[place], wanted.unit)
        if not chosen or filled + size / 2 <= wanted.target:
            chosen.append(place)
            filled += size
    return tuple(chosen)


def reworded(material: Material, places: Sequence[int], rng: random.Random) -> tuple[str, ...]:
    return tuple(reword(material.sentences[place], material.names, rng) for place in places)


def joined(first: str, second: str, names: frozenset[str], rng: random.Random) -> str:
    """Two sentences as one."""
    return f"{first.rstrip('.!')}{choice(rng, _LINKS)}{decapitalised(second, names)}"


def in_layout(sentences: Sequence[str], layout: Layout) -> str:
    """The sentences as a list of that kind, or as one paragraph."""
    match layout:
        case Layout.BULLETS:
            return "\n".join(f"- {sentence}" for sentence in sentences)
        case Layout.NUMBERS:
            return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1))
        case Layout.PLAIN:
            return " ".join(sentences)
        case _:
            assert_never(layout)


def clumsy(text: str, share: float, rng: random.Random) -> str:
    """The text without a share of its small words, the first word kept."""
    first, *rest = text.split(" ")
    kept = [word for word in rest if word not in _FUNCTION_WORDS or rng.random() >= share]
    return " ".join((first, *kept))


def garbled(text: str, share: float, rng: random.Random) -> str:
    """The text with a share of its words dropped, and as many swapped with their neighbour; first and last word stay."""
    first, *middle = text.split(" ")
    last = middle.pop() if middle else ""
    kept = [word for word in middle if rng.random() >= share]
    for place in range(len(kept) - 1):
        if rng.random() < share:
            kept[place], kept[place + 1] = kept[place + 1], kept[place]
    return " ".join((first, *kept, last)).strip()

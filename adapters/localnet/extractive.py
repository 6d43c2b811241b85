"""The embedded completion back end: summaries, questions and answers made from the sentences of the prompt, without a model.

Rules:
- Pure: the same prompt, key and quality give the same completion, on every machine. The key is the miner's own.
- A completion is made of the text it is about; it adds words only to link, never facts.
- An answer begins with what is nearest to the question, and never holds a "?"; a question is one question.
"""

import random
from enum import StrEnum
from typing import assert_never

import attrs

from adapters.localnet.asking import DEFAULT_OPENINGS, question_from
from adapters.localnet.composing import (
    Material,
    by_rank,
    clumsy,
    fill,
    garbled,
    in_layout,
    joined,
    reworded,
)
from adapters.localnet.ranking import centrality, closed, closeness, names_in, sentences_of
from adapters.localnet.reading import Reading, read_prompt
from core.completions import MOST_QUESTION_WORDS
from core.criteria import Layout, MatchLength, Unit, penalty
from core.randomness import between, choice, generator
from core.types import TaskType

_DRAFTS = 8
_DEFAULT_LENGTH = MatchLength(80, Unit.WORDS)
_DEFAULT_QUESTION_LENGTH = MatchLength(18, Unit.WORDS)
_CHARACTERS_A_WORD = 6
_LEAST_QUESTION_WORDS = 4
# A question takes one sentence or two, so chance must reach further than in a text of many.
_QUESTION_SHAKE = 0.9


class Quality(StrEnum):
    """How well an honest miner works."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@attrs.frozen
class Manner:
    """What a quality comes to.

    Attributes:
        aim: power to which the worth of a sentence is raised: 1 seeks the centre, 0 takes any, -1 the edge.
        shake: share of a sentence's worth that chance takes.
        drafts: texts written, of which the one that keeps most criteria is given.
        heed: chance that a criterion of layout or opening is heeded.
        least, most: percent of the wanted length that is aimed at.
        clumsy: share of the small words that are left out.
        garbled: share of all words that are dropped or swapped.
    """

    aim: int
    shake: float
    drafts: int
    heed: float
    least: int
    most: int
    clumsy: float = 0.0
    garbled: float = 0.0


_MANNERS = {
    Quality.GOOD: Manner(aim=1, shake=0.5, drafts=_DRAFTS, heed=1, least=95, most=105),
    Quality.FAIR: Manner(aim=0, shake=1, drafts=1, heed=0.5, least=45, most=80, clumsy=0.5),
    Quality.POOR: Manner(aim=-1, shake=0.3, drafts=1, heed=0, least=10, most=30, garbled=0.08),
}


def complete(prompt: str, *, key: int, quality: Quality = Quality.GOOD) -> str:
    """A completion of the prompt; "" where the prompt holds no text to work with."""
    reading = read_prompt(prompt)
    material = _material(reading)
    if not material.sentences:
        return ""
    manner = _MANNERS[quality]
    material = attrs.evolve(material, ranks=tuple((0.1 + rank) ** manner.aim for rank in material.ranks))
    drafts = [
        _draft(reading, material, manner, generator(key, quality, prompt, number))
        for number in range(manner.drafts)
    ]
    return min(drafts, key=lambda text: sum(penalty(criterion, text) for criterion in reading.criteria))


def _material(reading: Reading) -> Material:
    found = sentences_of(reading.text)
    statements = tuple(sentence for sentence in found if "?" not in sentence)
    if not statements and reading.text.strip():
        statements = (closed(" ".join(reading.text.replace("?", ".").split())),)
    if reading.task_type is TaskType.ANSWER and reading.question:
        central = centrality(statements)
        near = closeness(statements, reading.question)
        ranks = tuple(near[i] + central[i] / (1 + 10 * max(central)) for i in range(len(statements)))
    else:
        ranks = centrality(statements)
    return Material(statements, ranks, names_in(statements))


def _draft(reading: Reading, material: Material, manner: Manner, rng: random.Random) -> str:
    match reading.task_type:
        case TaskType.SUMMARY:
            text = _summary(reading, material, manner, rng)
        case TaskType.QUESTION:
            text = _question(reading, material, manner, rng)
        case TaskType.ANSWER:
            text = _answer(reading, material, manner, rng)
        case _:
            assert_never(reading.task_type)
    if manner.clumsy:
        text = clumsy(text, manner.clumsy, rng)
    return garbled(text, manner.garbled, rng) if manner.garbled else text


def _aim(wanted: MatchLength, manner: Manner, rng: random.Random) -> MatchLength:
    percent = between(rng, manner.least, manner.most)
    return attrs.evolve(wanted, target=max(1, round(wanted.target * percent / 100)))


def _summary(reading: Reading, material: Material, manner: Manner, rng: random.Random) -> str:
    wanted = _aim(reading.length(_DEFAULT_LENGTH), manner, rng)
    places = sorted(fill(material, by_rank(material, manner.shake, rng), wanted))
    layout = reading.layout if rng.random() < manner.heed else Layout.PLAIN
    return in_layout(reworded(material, places, rng), layout)


def _question(reading: Reading, material: Material, manner: Manner, rng: random.Random) -> str:
    wanted = reading.length(_DEFAULT_QUESTION_LENGTH)
    if wanted.unit is Unit.CHARACTERS:
        wanted = MatchLength(max(1, wanted.target // _CHARACTERS_A_WORD), Unit.WORDS)
    words = min(MOST_QUESTION_WORDS, max(_LEAST_QUESTION_WORDS, _aim(wanted, manner, rng).target))
    heeds = bool(reading.openings) and rng.random() < manner.heed
    opening = choice(rng, reading.openings if heeds else DEFAULT_OPENINGS)
    statements = reworded(material, by_rank(material, _QUESTION_SHAKE, rng), rng)
    return question_from(statements, opening, words, material.names, rng)


def _answer(reading: Reading, material: Material, manner: Manner, rng: random.Random) -> str:
    wanted = _aim(reading.length(_DEFAULT_LENGTH), manner, rng)
    places = fill(material, by_rank(material, manner.shake, rng), wanted)
    sentences = reworded(material, places, rng)
    if len(sentences) > 1:
        sentences = (joined(sentences[0], sentences[1], material.names, rng), *sentences[2:])
    return in_layout(sentences, Layout.PLAIN).replace("?", ".")

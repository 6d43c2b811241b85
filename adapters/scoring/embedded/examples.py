"""What the models learn from: prompts about corpus texts, and completions of known quality.

Rules:
- Prompts are built by the core's own task builders, so their wording is the one that miners and models see.
- Grades, higher is better: 3 good, 2 fair, 1 poor, 0 bad. Good, fair and poor are what the honest miners of the local network
  give; the bad kinds are written here.
- Everything follows from the generator: the same seed, the same examples.
"""

import random
from collections.abc import Collection, Mapping, Sequence

import attrs

from adapters.contexts.corpus import read_articles
from adapters.localnet.extractive import Quality, complete
from adapters.scoring.embedded.bad import BAD_KINDS, Surroundings
from core.completions import scored_text
from core.randomness import below, choice, generator, sample
from core.tasks import Task, answer_task, draw_context_text, question_task, summary_task
from core.types import TaskType

HELD_OUT_EVERY = 6
GRADES: Mapping[str, int] = {"good": 3, "fair": 2, "poor": 1}


@attrs.frozen
class Completion:
    """A completion as received, the part of it that is scored, the kind it is made to be, and its grade."""

    received: str
    text: str
    kind: str
    grade: int


@attrs.frozen
class Example:
    """A task, and completions of every kind."""

    task: Task
    completions: tuple[Completion, ...]


def thinned(
    example: Example, bad: int, rng: random.Random, always: Collection[str] = ()
) -> tuple[Completion, ...]:
    """For a quicker lesson: the honest completions, those of the kinds `always`, and `bad` of the others."""
    kept = tuple(c for c in example.completions if c.grade or c.kind in always)
    others = [c for c in example.completions if c not in kept]
    return (*kept, *sample(rng, others, min(bad, len(others))))


def articles(*, held_out: bool) -> tuple[str, ...]:
    """The texts that models are trained on, or those they are measured on."""
    texts = [article.text for article in read_articles()]
    return tuple(text for i, text in enumerate(texts) if (i % HELD_OUT_EVERY == 0) == held_out)


def examples(seed: int, count: int, *, held_out: bool = False, per_grade: int = 1) -> tuple[Example, ...]:
    """`count` tasks in turn about texts at random; `per_grade` honest completions of each quality.

    What was bad about some of a question is trimmed away before it is scored: those are left out.
    """
    texts = articles(held_out=held_out)
    return tuple(_example(texts, generator(seed, "example", i), i, per_grade) for i in range(count))


def _example(texts: Sequence[str], rng: random.Random, turn: int, per_grade: int) -> Example:
    here = below(rng, len(texts))
    there = (here + 1 + below(rng, len(texts) - 1)) % len(texts)
    text, other = (draw_context_text(texts[i], rng) for i in (here, there))
    types = tuple(TaskType)
    task_type = types[turn % len(types)]
    task, summary = _task(task_type, text, rng)
    around = Surroundings(
        prompt=task.prompt(),
        text=summary,
        honest=_honest(task, "good", rng),
        elsewhere=_honest(_task(task_type, other, rng)[0], "good", rng),
        other_task=_honest(_other_task(task_type, text, summary, rng), "good", rng),
    )
    given = [
        (_honest(task, kind, rng), kind, grade) for kind, grade in GRADES.items() for _ in range(per_grade)
    ]
    given += [(make(around, rng), kind, 0) for kind, make in BAD_KINDS.items()]
    completions = (Completion(text, scored_text(task_type, text), kind, grade) for text, kind, grade in given)
    trivial = scored_text(task_type, around.honest)
    return Example(task, tuple(c for c in completions if c.text and (c.grade or c.text != trivial)))


def _task(task_type: TaskType, text: str, rng: random.Random) -> tuple[Task, str]:
    """A task of that type in a forward about `text`, and the text that its prompt shows."""
    summarise = summary_task(text, rng)
    if task_type is TaskType.SUMMARY:
        return summarise, text
    summary = _honest(summarise, choice(rng, ("good", "good", "fair")), rng)
    ask = question_task(summary, (), 0, rng)
    question = _honest(ask, "good", rng)
    if task_type is TaskType.ANSWER:
        return answer_task(question, summary, 0, rng), summary
    if below(rng, 2):
        ask = question_task(summary, (question,), 1, rng)
    return ask, summary


def _other_task(task_type: TaskType, text: str, summary: str, rng: random.Random) -> Task:
    """What a miner that mixes tasks up answers instead.

    A summary and an answer look alike, so those two are never taken for each other.
    """
    if task_type is TaskType.QUESTION:
        return summary_task(choice(rng, (text, summary)), rng)
    return question_task(summary, (), 0, rng)


def _honest(task: Task, kind: str, rng: random.Random) -> str:
    return complete(task.prompt(), key=below(rng, 2**31), quality=Quality(kind))

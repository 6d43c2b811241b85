"""The same question is asked once: completions that are equal, behind equal prompts, share one answer."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from adapters.scoring.batch import Batch
from adapters.scoring.packing.texts import distinct

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Pair = tuple[str, str]


def once(
    steps: Sequence[Batch], before: Callable[[Batch], K], judge: Callable[[list[tuple[K, str]]], Sequence[V]]
) -> list[list[V]]:
    """Per step one value per completion.

    Args:
        steps: judged together.
        before: what of a step matters to the value of its completions.
        judge: is given the different (what matters, completion) of all steps, and gives one value for each.
    """
    pairs, places = distinct([(before(step), text) for step in steps for text in step.completions])
    values, place = judge(pairs), iter(places)
    return [[values[next(place)] for _ in step.completions] for step in steps]


def once_per_prompt(steps: Sequence[Batch], judge: Callable[[list[Pair]], Sequence[V]]) -> list[list[V]]:
    """Per step one value per completion; `judge` is given the different (prompt, completion) of all steps."""
    return once(steps, lambda step: step.prompt, judge)

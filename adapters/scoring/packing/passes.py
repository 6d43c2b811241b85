"""Texts in groups of a limited number of tokens; where memory does not suffice, in smaller ones.

Rules:
- Short texts come first and together, so that padding, where there is any, stays small.
- Out of memory halves the limit, for good, and the group that failed is tried again in parts. One text alone that fails is an error.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from adapters.scoring.packing.texts import Text

T = TypeVar("T")


class Budget:
    """Most tokens of one pass; a text with more of them goes alone."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    def halve(self) -> None:
        self.tokens = max(1, self.tokens // 2)


def in_passes(
    texts: Sequence[Text],
    budget: Budget,
    size: Callable[[Sequence[Text]], int],
    run: Callable[[list[int]], Sequence[T]],
) -> list[T]:
    """One value per text, in their order.

    `size` is the number of tokens that a group takes, and `run` what a group, told as places among `texts`, gives.
    """
    values: dict[int, T] = {}
    waiting = deque(sorted(range(len(texts)), key=lambda i: len(texts[i].ids)))
    while waiting:
        group = _next_group(texts, waiting, budget, size)
        try:
            values.update(zip(group, run(group), strict=True))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or len(group) == 1:
                raise
            budget.halve()
            waiting.extendleft(reversed(group))
    return [values[i] for i in range(len(texts))]


def _next_group(
    texts: Sequence[Text], waiting: deque[int], budget: Budget, size: Callable[[Sequence[Text]], int]
) -> list[int]:
    group = [waiting.popleft()]
    while waiting and size([texts[i] for i in (*group, waiting[0])]) <= budget.tokens:
        group.append(waiting.popleft())
    return group


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out, on a GPU or on the CPU (which has no error class of its own for it)."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)

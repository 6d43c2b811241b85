"""What every reward function and mask is given, and what each of them is.

Rules:
- Completions come from strangers: every text is cut to `MAX_CHARS` before anything looks at it.
- A value that is no finite number is told as None (unscored), never as a default.
"""

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

import attrs

from core.types import RawMask, RawReward, TaskType

# Ten times the longest answer that a task asks for (200 words), and about 4000 tokens: more costs time, not knowledge.
MAX_CHARS = 16_384

Raw_co = TypeVar("Raw_co", covariant=True)


@attrs.frozen
class Batch:
    """The completions of one step, with the prompt as sent and the task's base text."""

    task_type: TaskType
    prompt: str
    base_text: str
    completions: tuple[str, ...]


def batch_of(task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]) -> Batch:
    """A batch whose texts are at most `MAX_CHARS` long."""
    return Batch(
        task_type, prompt[:MAX_CHARS], base_text[:MAX_CHARS], tuple(text[:MAX_CHARS] for text in completions)
    )


class Component(Protocol[Raw_co]):
    """A reward function (`RawReward`) or a mask (`RawMask`). Blocking; called from one thread at a time.

    Attributes:
        name: as weights and flags name it.
    """

    name: str

    def judge(self, steps: Sequence[Batch]) -> Sequence[Raw_co]:
        """One verdict per step, in their order. All steps are judged at once where that is quicker; none changes another's."""
        ...


RewardFunction = Component[RawReward]
Mask = Component[RawMask]


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def raw_reward(name: str, values: Sequence[float]) -> RawReward:
    """A reward function's verdict whose values are all measured, where they are finite."""
    told = tuple(finite(value) for value in values)
    return RawReward(name, told, tuple(value is not None for value in told))


def mask_of(name: str, found: Sequence[str | None]) -> RawMask:
    """A mask's verdict from what it found: "" keeps a completion, a reason masks it, None could not judge it."""
    values = tuple(None if reason is None else int(not reason) for reason in found)
    return RawMask(name, values, tuple(reason or "" for reason in found))

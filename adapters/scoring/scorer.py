"""The `Scorer` port: reward functions and masks, one after the other in one worker thread, away from the event loop.

Rules:
- Importing this module loads neither torch nor transformers; `open_scorer` does, in the worker thread.
- What has no weight, and a mask that is off, is never loaded.
- One at a time: the functions have state (history, counts). A step that was given up stops at its next function, and the next
  step waits for that.
- A function or mask that fails is listed in `unscored` with its reason. It never gets a default score.
"""

import os
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

from adapters.scoring.batch import Batch, Mask, RewardFunction, batch_of
from adapters.scoring.settings import EMBEDDED, ScoringSettings
from core.types import RawMask, RawReward, TaskType
from effects.ports import Verdict

T = TypeVar("T")


class LocalScorer:
    """Judges on this machine.

    Args:
        rewards, masks: what judges, in the order in which it is told.
    """

    def __init__(self, rewards: Sequence[RewardFunction], masks: Sequence[Mask]) -> None:
        self._rewards, self._masks = tuple(rewards), tuple(masks)
        self._limiter: anyio.CapacityLimiter | None = None
        self._lock = Lock()

    async def score(
        self, *, task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]
    ) -> Verdict:
        """Judge the completions of one step; raises nothing but cancellation."""
        batch = batch_of(task_type, prompt, base_text, completions)
        self._limiter = self._limiter or anyio.CapacityLimiter(1)
        return await anyio.to_thread.run_sync(
            self._judge, batch, abandon_on_cancel=True, limiter=self._limiter
        )

    def _judge(self, batch: Batch) -> Verdict:
        unscored: list[tuple[str, str]] = []
        with self._lock:
            rewards = [_attempt(function.name, function.score, batch, unscored) for function in self._rewards]
            masks = [_attempt(mask.name, mask.judge, batch, unscored) for mask in self._masks]
        return Verdict(
            rewards=tuple(raw for raw in rewards if isinstance(raw, RawReward)),
            masks=tuple(raw for raw in masks if isinstance(raw, RawMask)),
            unscored=tuple(unscored),
        )


def _attempt(
    name: str, judge: Callable[[Batch], T], batch: Batch, unscored: list[tuple[str, str]]
) -> T | None:
    """The verdict, or None with the reason noted in `unscored`."""
    anyio.from_thread.check_cancelled()
    try:
        return judge(batch)
    except Exception as error:  # noqa: BLE001 - a model may raise anything; the step goes on without it
        unscored.append((name, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"))
        return None


async def open_scorer(
    settings: ScoringSettings = EMBEDDED, *, rewards: Collection[str], masks: Collection[str]
) -> LocalScorer:
    """Load what `rewards` and `masks` name, and nothing else.

    Raises `Fault`, naming the flag, for a model that cannot be loaded.
    """
    return await anyio.to_thread.run_sync(
        _load, settings, tuple(rewards), tuple(masks), abandon_on_cancel=True
    )


def _load(settings: ScoringSettings, rewards: Sequence[str], masks: Sequence[str]) -> LocalScorer:
    import torch

    from adapters.scoring.models import Models

    # One core stays for the event loop: where all are taken, threads that wait for each other spin, and everything crawls.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    models = Models(settings)
    return LocalScorer(
        [models.reward(name) for name in rewards],
        [models.mask(name) for name in masks],
    )

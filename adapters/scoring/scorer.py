"""The `Scorer` port: reward functions and masks in one worker thread, away from the event loop.

Rules:
- Importing this module loads neither torch nor transformers; `open_scorer` does, in a worker thread.
- What has no weight, and a mask that is off, is never loaded.
- Requests that come within `MERGE_S` of each other, or while the thread is busy, are judged together.
- A request that was given up is left out of what has not run yet, and hurts no other.
- What fails for several steps is asked again for each alone. What fails for one is listed in its `unscored`, never given a default.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import attrs

from adapters.scoring.batch import Batch, Component, Mask, RewardFunction, batch_of
from adapters.scoring.settings import EMBEDDED, ScoringSettings
from core.types import RawMask, RawReward, TaskType
from effects.ports import Verdict

log = logging.getLogger(__name__)

T = TypeVar("T")
MERGE_S = 0.003
# A stop takes seconds: a model that is busy for longer is left to end with the program.
CLOSE_S = 4.0


@attrs.define(eq=False)
class _Request:
    batch: Batch
    token: Any
    done: anyio.Event
    given_up: bool = False
    rewards: list[RawReward] = attrs.Factory(list)
    masks: list[RawMask] = attrs.Factory(list)
    unscored: list[tuple[str, str]] = attrs.Factory(list)


class LocalScorer:
    """Judges on this machine; `rewards` and `masks` are told in their order.

    Attributes:
        models: (flag, fingerprint of the weights) of each model that judges.
    """

    def __init__(
        self,
        rewards: Sequence[RewardFunction],
        masks: Sequence[Mask],
        judged: Callable[[], None] = lambda: None,
        models: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.models = models
        self._rewards, self._masks, self._judged = tuple(rewards), tuple(masks), judged
        self._queue: queue.Queue[_Request | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="scorer", daemon=True)
        self._thread.start()

    async def score(
        self, *, task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]
    ) -> Verdict:
        """Judge the completions of one step; raises nothing but cancellation."""
        batch = batch_of(task_type, prompt, base_text, completions)
        request = _Request(batch, anyio.lowlevel.current_token(), anyio.Event())
        self._queue.put(request)
        try:
            await request.done.wait()
        except BaseException:
            request.given_up = True
            raise
        return Verdict(tuple(request.rewards), tuple(request.masks), tuple(request.unscored))

    def close(self) -> bool:
        """Wait for what is being judged, for `CLOSE_S` at most; whether it has ended. Blocking."""
        self._queue.put(None)
        self._thread.join(CLOSE_S)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            requests, is_last = self._more(first)
            self._judge(requests)
            if is_last:
                return

    def _more(self, first: _Request) -> tuple[list[_Request], bool]:
        requests, end_s = [first], time.monotonic() + MERGE_S
        while True:
            try:
                another = self._queue.get(timeout=max(0.0, end_s - time.monotonic()))
            except queue.Empty:
                return requests, False
            if another is None:
                return requests, True
            requests.append(another)

    def _judge(self, requests: list[_Request]) -> None:
        for function in self._rewards:
            for request, raw in _attempt(function, requests):
                request.rewards.append(raw)
        for mask in self._masks:
            for request, verdict in _attempt(mask, requests):
                request.masks.append(verdict)
        for request in requests:
            _answer(request)
        self._judged()


def _attempt(component: Component[T], requests: Sequence[_Request]) -> list[tuple[_Request, T]]:
    """Verdicts of those that are still wanted; why there is none is noted in `unscored`."""
    wanted = [request for request in requests if not request.given_up]
    if not wanted:
        return []
    try:
        return list(zip(wanted, component.judge([request.batch for request in wanted]), strict=True))
    except Exception as error:  # noqa: BLE001 - a model may raise anything; the step goes on without it
        if len(wanted) > 1:
            return [found for request in wanted for found in _attempt(component, [request])]
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        wanted[0].unscored.append((component.name, reason))
        return []


def _answer(request: _Request) -> None:
    if request.given_up:
        return
    try:
        anyio.from_thread.run_sync(request.done.set, token=request.token)
    except RuntimeError:
        # The event loop has ended: nobody waits.
        return


@asynccontextmanager
async def open_scorer(
    settings: ScoringSettings = EMBEDDED,
    *,
    rewards: Collection[str],
    masks: Collection[str],
    folder: Path | None = None,
    tell: Callable[[str], None] = log.warning,
) -> AsyncIterator[LocalScorer]:
    """Load what `rewards` and `masks` name, and nothing else; what they remember is kept in `folder`. `tell` is given, a
    line each, what an operator should know; also from the worker thread.

    Raises `Fault`, naming the flag, for a model that cannot be loaded.
    """
    scorer, close = await anyio.to_thread.run_sync(
        _load, settings, tuple(rewards), tuple(masks), folder, tell, abandon_on_cancel=True
    )
    try:
        yield scorer
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(close)


def _load(
    settings: ScoringSettings,
    rewards: Sequence[str],
    masks: Sequence[str],
    folder: Path | None,
    tell: Callable[[str], None],
) -> tuple[LocalScorer, Callable[[], None]]:
    import torch

    from adapters.scoring.memory import Keeper
    from adapters.scoring.models import Models

    # One core stays for the event loop: where all are taken, threads that wait for each other spin, and everything crawls.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    models = Models(settings, tell)
    functions, judges = [models.reward(name) for name in rewards], [models.mask(name) for name in masks]
    keeper = Keeper(folder, judges, tell) if folder is not None else None
    if keeper is not None:
        keeper.recall()
    judged = (lambda: None) if keeper is None else keeper.judged
    scorer = LocalScorer(functions, judges, judged, tuple(models.fingerprints.items()))

    def close() -> None:
        has_ended = scorer.close()
        if keeper is not None and has_ended:
            keeper.close()
        elif not has_ended:
            tell("scoring did not end in time: what was learned since it was last saved is lost")

    return scorer, close

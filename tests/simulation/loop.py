"""An event loop without a world: time jumps to the next timer, and timers that are due together go off in an order out of the seed.

Rules:
- There are no sockets, threads or signals in it: a loop in which nothing can happen any more says so (`Stalled`) instead of waiting.
- A blocked loop is time that goes by while nothing runs.
"""

import asyncio
import contextvars
import random
from collections.abc import Callable
from typing import Any, TypeVarTuple, Unpack

Ts = TypeVarTuple("Ts")

# Far below every time that anything in a simulation takes.
SHUFFLE_S = 1e-7


class Stalled(RuntimeError):
    """Everything waits, and nothing is left that could end it."""


class _Nothing:
    """Stands for the selector: to wait is to move the clock."""

    def __init__(self, loop: "SeededLoop") -> None:
        self._loop = loop

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise Stalled("everything waits for something that cannot come")
        self._loop.pass_by(timeout_s)
        return []


class SeededLoop(asyncio.BaseEventLoop):
    """The loop of one simulation; its time begins at 0."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._now_s = 0.0
        self._order = random.Random(seed)
        self._selector = _Nothing(self)
        # As far as numbers of seconds are exact after years, so that a timer that is reached is due.
        self._clock_resolution = SHUFFLE_S

    def time(self) -> float:
        return self._now_s

    def pass_by(self, seconds: float) -> None:
        """So much time goes by in which nothing runs."""
        self._now_s += max(0.0, seconds)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        shuffled = when + SHUFFLE_S * self._order.random()
        return super().call_at(shuffled, callback, *args, context=context)

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""

"""The line before the forward: so many requests run, so many wait, and whoever has most priority goes next."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
import attrs

from adapters.axon.limits import AxonLimits
from adapters.axon.refusal import Refused
from core.types import Hotkey

Priority = Callable[[Hotkey, float], float]


def by_waiting_time(_hotkey: Hotkey, waited_s: float) -> float:
    """First come, first served."""
    return waited_s


@attrs.define(eq=False)
class _Waiting:
    hotkey: Hotkey
    since_s: float
    turn: anyio.Event = attrs.field(factory=anyio.Event)
    is_sent_away: bool = False


class Line:
    """Gives out an axon's places; of waiting requests with one priority the earlier goes first."""

    def __init__(self, limits: AxonLimits, priority: Priority = by_waiting_time) -> None:
        self._limits = limits
        self._priority = priority
        self._running = 0
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def place(self, hotkey: Hotkey) -> AsyncIterator[None]:
        """A place for as long as the context lasts.

        Raises:
            Refused: 503, too many wait or this one has waited too long.
        """
        if self._running < self._limits.max_forwards:
            self._running += 1
        else:
            await self._wait(hotkey)
        try:
            yield
        finally:
            self._running -= 1
            self._let_next_in()

    async def _wait(self, hotkey: Hotkey) -> None:
        own = _Waiting(hotkey, anyio.current_time())
        self._waiting.append(own)
        if len(self._waiting) > self._limits.max_waiting:
            self._send_away()
        is_called = False
        try:
            with anyio.move_on_after(self._limits.max_wait_s):
                await own.turn.wait()
                is_called = True
        finally:
            if not is_called and not own.is_sent_away:
                self._leave(own)
        if not is_called or own.is_sent_away:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "busy")

    def _send_away(self) -> None:
        """Let the one with least priority, of equals the latest, wait no longer: nobody can fill the line with requests of his own."""
        last = min(reversed(self._waiting), key=self._priority_of)
        self._waiting.remove(last)
        last.is_sent_away = True
        last.turn.set()

    def _priority_of(self, one: _Waiting) -> float:
        return self._priority(one.hotkey, anyio.current_time() - one.since_s)

    def _leave(self, own: _Waiting) -> None:
        """Give up waiting; whoever was called in that very moment hands its place on."""
        if own in self._waiting:
            self._waiting.remove(own)
        else:
            self._running -= 1
            self._let_next_in()

    def _let_next_in(self) -> None:
        if not self._waiting:
            return
        chosen = max(self._waiting, key=self._priority_of)
        self._waiting.remove(chosen)
        self._running += 1
        chosen.turn.set()

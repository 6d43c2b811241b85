"""Nonces that increase, and uuids of which no two requests on their way to one axon share one.

A v10 axon wants the nonces of one sender and uuid to increase as they arrive, keeps the last one of each for ever, and two requests
on their way at once may overtake each other. So each place among those on their way to one axon has a uuid of its own, taken again
by whoever comes next: a few uuids, however many requests.

Axons refuse what is seconds ahead of their time. So where the clock was set back, nonces go back with it, under new uuids, instead of
being refused by everybody until the clock has caught up; on the wire btauth/1 nonces need no order.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.dendrite.requests import Stamp
from core.types import Hotkey

# Less than the two seconds that a btauth/1 axon grants.
_SET_BACK_NS = 1_000_000_000


class Nonces:
    """The stamps of one hotkey's requests."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._last = 0
        self._uuids: list[str] = []
        self._taken: dict[Hotkey, set[int]] = {}

    @contextmanager
    def place(self, receiver: Hotkey) -> Iterator[Callable[[], Stamp]]:
        """A place among the requests on their way to `receiver`; gives stamps for it, each newer than all before of its uuid."""
        taken = self._taken.setdefault(receiver, set())
        number = next(i for i in range(len(taken) + 1) if i not in taken)
        taken.add(number)
        try:
            yield lambda: Stamp(self._next(), self._uuid(number))
        finally:
            taken.remove(number)
            if not taken:
                del self._taken[receiver]

    def _next(self) -> int:
        now = self._now_ns()
        if now < self._last - _SET_BACK_NS:
            self._last = 0
            self._uuids.clear()
        self._last = max(self._last + 1, now)
        return self._last

    def _uuid(self, number: int) -> str:
        while len(self._uuids) <= number:
            self._uuids.append(str(uuid.uuid4()))
        return self._uuids[number]

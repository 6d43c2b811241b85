"""Nonces that increase, and uuids of which no two requests on their way to one axon share one.

A v10 axon wants the nonces of one sender and uuid to increase as they arrive, keeps the last one of each for ever, and two requests
on their way at once may overtake each other. So each place among those on their way to one axon has a uuid of its own, taken again
by whoever comes next: a few uuids, however many requests.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.dendrite.requests import Stamp
from core.types import Hotkey


class Nonces:
    """The stamps of one hotkey's requests."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._last = 0
        self._uuids: list[str] = []
        self._taken: dict[Hotkey, set[int]] = {}

    @contextmanager
    def place(self, receiver: Hotkey) -> Iterator[Callable[[], Stamp]]:
        """A place among the requests on their way to `receiver`; gives stamps for it, each newer than all before."""
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
        self._last = max(self._last + 1, self._now_ns())
        return self._last

    def _uuid(self, number: int) -> str:
        while len(self._uuids) <= number:
            self._uuids.append(str(uuid.uuid4()))
        return self._uuids[number]

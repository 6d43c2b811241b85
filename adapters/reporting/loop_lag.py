"""How long the event loop is kept from its work: how late it wakes a task that sleeps 10 ms, over and over.

A block that begins while the task sleeps is seen shortened by what was left to sleep: 10 ms at most.
"""

import time
from collections import Counter
from collections.abc import Callable

import anyio
import attrs

INTERVAL_S = 0.01
_BUCKETS_PER_MS = 10
_LAST_BUCKET = 10_000 * _BUCKETS_PER_MS


@attrs.frozen
class Lag:
    """Lateness in milliseconds: the worst, the 99th percentile (rounded up to 0.1 ms), and how often it was measured."""

    max_ms: float = 0.0
    p99_ms: float = 0.0
    samples: int = 0


class LoopLag:
    """Measures from `run` until cancelled. Memory is bounded: counts of lateness in steps of 0.1 ms up to 10 s."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._max_ms = 0.0
        self._counts: Counter[int] = Counter()

    async def run(self) -> None:
        """Measure for ever; to be started as a task and cancelled."""
        while True:
            before_s = self._monotonic_s()
            await anyio.sleep(INTERVAL_S)
            self._take(max(0.0, self._monotonic_s() - before_s - INTERVAL_S) * 1000)

    def _take(self, late_ms: float) -> None:
        self._max_ms = max(self._max_ms, late_ms)
        self._counts[min(int(late_ms * _BUCKETS_PER_MS), _LAST_BUCKET)] += 1

    def lag(self) -> Lag:
        """What was measured so far."""
        samples = self._counts.total()
        rest = samples * 99
        for bucket, count in sorted(self._counts.items()):
            rest -= count * 100
            if rest <= 0:
                return Lag(self._max_ms, min(self._max_ms, (bucket + 1) / _BUCKETS_PER_MS), samples)
        return Lag()

"""Running statistics of raw scores, reckoned value by value (Welford 1962), and the share of a normal population below one.

This shares no code with `core.normalise`, which merges whole batches; what both come to is the same.
"""

import math
from collections.abc import Iterable

# So many values count at most: then older ones fade.
MOST = 3000
# A score beyond is no score.
LARGEST = 1e6


def usable(x: float | None) -> bool:
    """Whether a raw score can be reckoned with."""
    return x is not None and math.isfinite(x) and abs(x) <= LARGEST


class Measured:
    """What one reward function has measured so far."""

    def __init__(self) -> None:
        self._count = 0.0
        self._mean = 0.0
        self._squares = 0.0

    def take(self, values: Iterable[float]) -> None:
        """One step's values, of which none is a sentinel."""
        for x in values:
            self._count += 1
            off = x - self._mean
            self._mean += off / self._count
            self._squares += off * (x - self._mean)
        if self._count > MOST:
            self._squares *= MOST / self._count
            self._count = MOST

    def share_below(self, x: float) -> float:
        """0 to 1; 0 before anything was measured, and without any spread 0, a half or 1."""
        if self._count == 0:
            return 0.0
        spread = math.sqrt(self._squares / self._count)
        if spread == 0:
            return 0.5 if x == self._mean else float(x > self._mean)
        return 0.5 + 0.5 * math.erf((x - self._mean) / (spread * math.sqrt(2)))

"""All chance of a simulation, out of one seed.

Rules:
- Every purpose and every kind of fault has a stream of its own: one fault more or less shifts no other.
- A fault strikes at the how manyth opportunity of its kind (`Strike`); a run can be repeated with some of its strikes only.
"""

import random
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import attrs

from core.randomness import generator
from tests.simulation.kinds import Kind


class Strike(NamedTuple):
    """A fault that happened: of which kind, and at the how manyth opportunity of that kind, counted from 1."""

    kind: Kind
    number: int


@attrs.define
class _Odds:
    """Of one kind: how often it strikes, out of which stream, and how many opportunities there were."""

    rate: float
    random: Callable[[], float]
    opportunities: int = 0


class Dice:
    """Decides what goes wrong.

    Attributes:
        strikes: what went wrong so far, in order.
    """

    def __init__(
        self, seed: int, rates: Mapping[Kind, float], only: Collection[Strike] | None = None
    ) -> None:
        """`rates`: share of a kind's opportunities at which it strikes, none for those left out; `only`: nothing else strikes."""
        self.strikes: list[Strike] = []
        self._seed, self._only = seed, None if only is None else frozenset(only)
        self._streams: dict[str, random.Random] = {}
        self._odds = {
            kind: _Odds(rate, self.of(f"strikes {kind.name}").random) for kind, rate in rates.items() if rate
        }

    def strikes_now(self, kind: Kind, *, possible: bool = True) -> bool:
        """Whether the fault strikes at this opportunity; where it is not `possible` it does not, and nothing is counted."""
        odds = self._odds.get(kind)
        if odds is None or not possible:
            return False
        odds.opportunities += 1
        if odds.random() >= odds.rate:
            return False
        strike = Strike(kind, odds.opportunities)
        if self._only is not None and strike not in self._only:
            return False
        self.strikes.append(strike)
        return True

    def of(self, purpose: str) -> random.Random:
        """The stream of one purpose."""
        stream = self._streams.get(purpose)
        if stream is None:
            stream = self._streams[purpose] = generator(self._seed, "simulation", purpose)
        return stream

    def between(self, purpose: str, low: float, high: float) -> float:
        return low + (high - low) * self.of(purpose).random()

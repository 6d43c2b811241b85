"""From a run that broke a law to the fewest faults that still break one: delta debugging (Zeller and Hildebrandt 2002, "Simplifying and
isolating failure-inducing input").

A fault that is left out shifts no other (see `dice`), but what follows from it does not happen either; so every smaller run is tried for
real, and counts if it breaks any law at all.
"""

from collections.abc import Callable, Sequence
from itertools import chain

from tests.simulation.dice import Strike
from tests.simulation.simulation import Run, simulate

MOST_TRIES = 400


def shrunk(
    found: Run, tell: Callable[[str], None], most_tries: int = MOST_TRIES
) -> tuple[Run, tuple[Strike, ...]]:
    """The smallest run that still breaks a law, and the faults that it needs; `tell` hears how far it is."""
    trying = _Trying(found, tell, most_tries)
    trying.without_what_came_after()
    parts = 2
    while len(trying.needed) >= parts and not trying.is_over:
        parts = 2 if trying.one_part_left_out(parts) else parts * 2
    return trying.run, trying.needed


class _Trying:
    def __init__(self, found: Run, tell: Callable[[str], None], most_tries: int) -> None:
        self.run, self.needed = found, found.strikes
        self._tell, self._left = tell, most_tries

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def without_what_came_after(self) -> None:
        """The forwards that came after the break are not needed, and maybe no fault is."""
        self._try((), self.run.forwards + 1) or self._try(self.needed, self.run.forwards + 1)

    def one_part_left_out(self, parts: int) -> bool:
        """Whether the law is still broken without one of so many parts of the faults."""
        pieces = _split(self.needed, parts)
        return any(
            self._try(tuple(chain.from_iterable(pieces[:i] + pieces[i + 1 :])), self.run.wanted)
            for i in range(len(pieces))
        )

    def _try(self, strikes: tuple[Strike, ...], forwards: int) -> bool:
        if self.is_over:
            return False
        self._left -= 1
        run = simulate(self.run.seed, min(forwards, self.run.wanted), strikes)
        if run.violation is None:
            return False
        self.run, self.needed = run, run.strikes
        self._tell(f"{len(run.strikes)} faults are enough")
        return True


def _split(strikes: Sequence[Strike], parts: int) -> list[Sequence[Strike]]:
    size = -(-len(strikes) // parts)
    return [strikes[i : i + size] for i in range(0, len(strikes), size)]

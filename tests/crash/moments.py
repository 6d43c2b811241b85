"""When to kill: moments that are told from outside, by what the validator has written and by what has reached the chain."""

import random
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from tests.crash.children import Run
from tests.crash.copies import tail_of
from tests.crash.place import Place

LONGEST_LIFE_S = 3.0
FIRST_EVENT_S = 60.0
ARRIVAL_S = 5.0
# From the pool into a block, and back to the validator's journal.
LANDING_S = 0.25
POLL_S = 0.005


class Moment(StrEnum):
    """What a kill is aimed at."""

    START = "at the start"
    ANY = "at any moment"
    COMMIT = "in a commit"
    WEIGHTS = "with weights on their way"


CHOICE = (Moment.START, Moment.ANY, Moment.ANY, Moment.COMMIT, Moment.WEIGHTS)


class Moments:
    """Lets a run live until a random moment.

    Attributes:
        start_s: how long the last start took, until the first event.
    """

    def __init__(self, place: Place, rng: random.Random) -> None:
        self.start_s = 2.0
        self._place, self._rng = place, rng

    def wait(self, run: Run, before: int) -> Moment:
        """Until it is time, or the run has ended by itself. `before` is the last event of earlier runs."""
        moment = self._rng.choice(CHOICE)
        if moment is Moment.START:
            run.ended(self._rng.uniform(0, self.start_s))
        elif self.has_begun(run, before):
            self._aim(run, moment)
        return moment

    def has_begun(self, run: Run, before: int) -> bool:
        """Wait for the run's first event; False where it ended without, or took too long."""
        started_s, journal = time.monotonic(), self._place.journal
        begun = _until(
            run, lambda: (tail := tail_of(journal)) is not None and tail.seq > before, FIRST_EVENT_S
        )
        self.start_s = time.monotonic() - started_s
        return begun

    def _aim(self, run: Run, moment: Moment) -> None:
        if moment is Moment.WEIGHTS:
            arrivals = self._place.arrivals
            _until(run, _changed(arrivals), ARRIVAL_S)
            run.ended(self._rng.uniform(0, LANDING_S))
            return
        run.ended(self._rng.uniform(0, LONGEST_LIFE_S))
        if moment is Moment.COMMIT:
            journal = self._place.journal
            _until(run, _changed(journal.with_name(f"{journal.name}-wal")), LONGEST_LIFE_S, poll_s=0)


def _until(run: Run, happened: Callable[[], bool], timeout_s: float, poll_s: float = POLL_S) -> bool:
    """Wait for it; False where the run ends, or the time is up."""
    deadline_s = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > deadline_s or run.ended(poll_s) is not None:
            return False
    return True


def _changed(path: Path) -> Callable[[], bool]:
    """Whether a file is another than it is now. It is gone where its writer has ended by itself."""

    def look() -> tuple[int, int] | None:
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return found.st_size, found.st_mtime_ns

    was = look()
    return lambda: look() != was

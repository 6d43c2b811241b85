"""Starts a validator over the same folder again and again, kills it at a random moment, and has what is left checked."""

import random
import signal
import time
from collections import Counter

import attrs

from core.pauses import back_off_s
from core.state import WeightsResolving, WeightsSubmitting, WeightsUnresolved
from tests.crash.arrivals import read
from tests.crash.audit import Audit
from tests.crash.checking import JournalCheck
from tests.crash.children import ForkServer, Run
from tests.crash.copies import copied, tail_of
from tests.crash.phases import START_UP, phases
from tests.crash.place import Place
from tests.crash.submissions import Judged, judge

# One kill in so many falls into the start, before the run has written an event.
START_UP_EVERY = 5
LONGEST_LIFE_S = 3.0
LAST_LIFE_S = 12.0
FIRST_EVENT_S = 60.0
POLL_S = 0.005


@attrs.frozen
class Killed:
    """One kill: how long the run had been writing events (0 if it had not begun), and in what it was met."""

    lived_s: float
    phases: frozenset[str]


@attrs.define
class Killer:
    """One validator's folder, and all that was found out about it.

    Attributes:
        check: of the journal.
        judged: of the submissions, as of the last check.
        met: how many kills met which phase.
        problems: what else went wrong, in words.
    """

    place: Place
    server: ForkServer
    rng: random.Random
    check: JournalCheck = attrs.Factory(JournalCheck)
    judged: Judged = Judged()
    met: Counter[str] = attrs.Factory(Counter)
    problems: list[str] = attrs.Factory(list)
    _runs: int = 0
    _start_s: float = 2.0

    @property
    def audit(self) -> Audit:
        return self.check.audit

    def kill(self) -> Killed | None:
        """Start, kill, check; None where what is left cannot be gone on from."""
        before, run = self.check.last_seq, self._start()
        lived_s = self._let_live(run)
        self._expect(run.end(signal.SIGKILL), -signal.SIGKILL)
        if not self._check():
            return None
        met = phases(self.audit.state) if self.check.last_seq > before else frozenset({START_UP})
        self.met.update(met)
        return Killed(lived_s, met)

    def finish(self) -> None:
        """A last run that is left alone, then asked to stop; then everything is checked from the beginning."""
        complete, run = self.audit.counts["forwards_complete"], self._start()
        if self._has_begun(run):
            run.ended(LAST_LIFE_S)
        self._expect(run.end(signal.SIGTERM), 0)
        if self._check() and self.check.end is not None:
            with copied(self.place.journal) as copy:
                self.check.check_all(copy)
        if self.audit.counts["forwards_complete"] == complete:
            self.problems.append("the last run, which was left alone, completed no forward")

    def _start(self) -> Run:
        self._runs += 1
        return self.server.start(self.place.argv, self.place.log(self._runs))

    def _let_live(self, run: Run) -> float:
        """Until a random moment, or until it ends by itself; for how long it had been writing by then."""
        if self.rng.randrange(START_UP_EVERY) == 0:
            run.ended(self.rng.uniform(0, self._start_s))
            return 0.0
        if not self._has_begun(run):
            return 0.0
        began_s = time.monotonic()
        run.ended(self._life_s())
        return time.monotonic() - began_s

    def _has_begun(self, run: Run) -> bool:
        """Wait until the run has written an event."""
        started_s = time.monotonic()
        while time.monotonic() < started_s + FIRST_EVENT_S:
            tail = tail_of(self.place.journal)
            if tail is not None and tail.seq > self.check.last_seq:
                self._start_s = time.monotonic() - started_s
                return True
            if run.ended(POLL_S) is not None:
                return False
        self.problems.append(f"run {self._runs} wrote no event within {FIRST_EVENT_S:g} s")
        return False

    def _life_s(self) -> float:
        """Where the last kill met a submission on its way, often long enough for its fate to be asked for: it is asked for after
        a pause that grows with each start, so short lives alone would never get there.
        """
        random_s = self.rng.uniform(0, LONGEST_LIFE_S)
        weights = self.audit.state.weights
        if not isinstance(weights, WeightsSubmitting | WeightsUnresolved | WeightsResolving):
            return random_s
        attempt = weights.submission.attempt + 1
        is_patient = attempt > 2 or self.rng.random() < 0.5
        return random_s + (back_off_s(attempt) if is_patient else 0)

    def _expect(self, code: int, wanted: int) -> None:
        if code != wanted:
            log = self.place.log(self._runs)
            said = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
            self.problems.append(
                f"run {self._runs} ended with code {code}, not {wanted}: {''.join(said)[:500]}"
            )

    def _check(self) -> bool:
        with copied(self.place.journal) as copy:
            goes_on = self.check.check(copy)
        self.judged = judge(read(self.place.arrivals), self.audit.sent, self.audit.settled)
        return goes_on

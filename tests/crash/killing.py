"""Starts a validator over the same folder again and again, kills it at a random moment, and has what is left checked."""

import signal
from collections import Counter

import attrs

from tests.crash.arrivals import read
from tests.crash.checking import JournalCheck
from tests.crash.children import ForkServer, Run
from tests.crash.copies import copied
from tests.crash.moments import Moment, Moments
from tests.crash.phases import START_UP, phases
from tests.crash.place import Place
from tests.crash.submissions import Judged, judge

LAST_LIFE_S = 12.0


@attrs.frozen
class Killed:
    """One kill: what it was aimed at, and what it met."""

    moment: Moment
    phases: frozenset[str]


@attrs.define
class Killer:
    """One validator's folder, and all that was found out about it.

    Attributes:
        check: of the journal.
        judged: the submissions, as of the last check.
        aimed, met: how many kills were aimed at which moment, and met which phase.
        problems: what else went wrong, in words.
    """

    place: Place
    server: ForkServer
    moments: Moments
    check: JournalCheck = attrs.Factory(JournalCheck)
    judged: Judged = Judged()
    aimed: Counter[str] = attrs.Factory(Counter)
    met: Counter[str] = attrs.Factory(Counter)
    problems: list[str] = attrs.Factory(list)
    _runs: int = 0

    def kill(self) -> Killed | None:
        """Start, kill, check; None where what is left cannot be gone on from."""
        before, run = self.check.last_seq, self._start()
        moment = self.moments.wait(run, before)
        self._end(run, signal.SIGKILL, -signal.SIGKILL)
        if not self._check():
            return None
        met = phases(self.check.audit.state) if self.check.last_seq > before else frozenset({START_UP})
        self.aimed[moment] += 1
        self.met.update(met)
        return Killed(moment, met)

    def finish(self) -> None:
        """A last run that is left alone, then asked to stop; then everything is checked from the beginning."""
        complete, run = self.check.audit.counts["forwards_complete"], self._start()
        if self.moments.has_begun(run, self.check.last_seq):
            run.ended(LAST_LIFE_S)
        self._end(run, signal.SIGTERM, 0)
        if self._check() and self.check.end is not None:
            with copied(self.place.journal) as copy:
                self.check.check_all(copy)
        if self.check.audit.counts["forwards_complete"] == complete:
            self.problems.append("the last run, which was left alone, completed no forward")
        aside = [path.name for path in self.place.folder.rglob("*.bad*")]
        if aside:
            self.problems.append(f"what reward functions or masks remembered was damaged: {', '.join(aside)}")

    def _start(self) -> Run:
        self._runs += 1
        return self.server.start(self.place.argv, self.place.log(self._runs))

    def _end(self, run: Run, number: signal.Signals, wanted: int) -> None:
        code, log = run.end(number), self.place.log(self._runs)
        said = log.read_text(errors="replace") if log.exists() else ""
        if code != wanted or "Traceback" in said:
            last = said.strip().rpartition("\n")[2][:500]
            self.problems.append(
                f"run {self._runs} ended with code {code}, not {wanted}, or in error: {last}"
            )

    def _check(self) -> bool:
        with copied(self.place.journal) as copy:
            goes_on = self.check.check(copy)
        if goes_on:
            audit = self.check.audit
            self.judged = judge(read(self.place.arrivals), audit.sent, audit.settled)
        return goes_on

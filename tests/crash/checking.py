"""What must hold of a journal whenever its validator is dead.

- What was acknowledged is there: every event up to the tail's, and every event that was there at the check before.
- The rows are whole, and today's code decides on each as was decided when it was written.
- The state that the next start goes on from is the fold of the events.
- Nothing was applied twice; see `audit`.
"""

from collections.abc import Mapping
from pathlib import Path

import attrs

from adapters.errors import OperatorError
from adapters.journal.reader import JournalReader
from adapters.journal.snapshots import Snapshot
from adapters.journal.tail import Tail
from adapters.replay.difference import differences
from adapters.replay.verify import verified
from core.config import CoreConfig
from core.state import State
from effects.decision import TOLERANCE
from effects.replay import Folded
from tests.crash.audit import Audit
from tests.crash.copies import is_empty, opened, tail_of


def _of_nothing() -> Audit:
    return Audit(State(CoreConfig("")))


@attrs.define
class JournalCheck:
    """Checks one journal again and again as it grows.

    Attributes:
        end: of the journal at the last check; None before there was an event.
        audit: of all events up to `end`.
        lost: how many events were acknowledged and are not there.
        largest: the largest relative difference between two numbers that count as equal.
        unsaid: how many kills came between a commit and its acknowledgement.
        snapshots: how many were found to be the fold of their events.
        problems: what else is wrong, in words.
    """

    end: Tail | None = None
    audit: Audit = attrs.Factory(_of_nothing)
    lost: int = 0
    largest: float = 0.0
    unsaid: int = 0
    snapshots: int = 0
    problems: list[str] = attrs.Factory(list)

    @property
    def last_seq(self) -> int:
        return 0 if self.end is None else self.end.seq

    def check(self, copy: Path) -> bool:
        """Check all that is new in a copy; whether it can be gone on from."""
        tail = tail_of(copy)
        acknowledged = [each for each in (self.end, tail) if each is not None]
        if not acknowledged and is_empty(copy):
            return True
        try:
            with opened(copy) as reader:
                self.unsaid += (tail.seq if tail else 0) < reader.last_seq
                return self._check(reader, acknowledged)
        except OperatorError as error:
            self.problems.append(str(error))
            return False

    def check_all(self, copy: Path) -> None:
        """Check the whole journal from its first event on, by the product's own way and by an audit of its own."""
        with opened(copy) as reader:
            found = verified(reader)
            if found.found:
                self.problems.append(found.found)
            start = reader.beginning()
            again = Audit(start.state)
            for folded in reader.fold(start):
                again.observe(folded)
        if again.counts != self.audit.counts or again.state != self.audit.state:
            self.problems.append("the whole journal comes to something else than its parts did")

    def _check(self, reader: JournalReader, acknowledged: list[Tail]) -> bool:
        start = reader.start(upto=min(self.last_seq, *(tail.seq for tail in acknowledged)))
        hashes = {row.seq: row.hash for row in reader.rows(start)} | {start.seq: start.entry_hash}
        if not self._is_kept(hashes, reader.last_seq, acknowledged):
            return False
        if self.end is None:
            self.audit = Audit(start.state)
        newest = reader.start()
        goes_on = all(self._follow(folded, newest) for folded in reader.fold(start))
        self.end = Tail(reader.last_seq, hashes[reader.last_seq])
        return goes_on

    def _is_kept(self, hashes: Mapping[int, bytes], last_seq: int, acknowledged: list[Tail]) -> bool:
        missing = max((tail.seq - last_seq for tail in acknowledged), default=0)
        replaced = sum(tail.seq <= last_seq and hashes[tail.seq] != tail.hash for tail in acknowledged)
        lost = max(0, missing) + replaced
        if lost:
            self.problems.append(f"{lost} acknowledged events are lost: the journal ends at event {last_seq}")
        self.lost += lost
        return not lost

    def _follow(self, folded: Folded, newest: Snapshot) -> bool:
        """Hold an entry to its record, and the newest snapshot to it; what was not there at the last check is audited."""
        seq, distance = folded.entry.seq, folded.distance
        if not distance <= TOLERANCE:
            self.problems.append(f"event {seq} is decided otherwise now: {folded.entry.event!r}"[:500])
            return False
        self.largest = max(self.largest, distance)
        if seq == newest.seq:
            self._hold(newest, folded)
        if seq > self.last_seq:
            self.audit.observe(folded)
        return True

    def _hold(self, snapshot: Snapshot, folded: Folded) -> None:
        found = [each for each in differences(snapshot.state, folded.taken.state) if not each.is_rounding]
        self.snapshots += not found
        if found:
            self.problems.append(
                f"the snapshot at event {snapshot.seq} is not what its events lead to: {found[0]}"
            )

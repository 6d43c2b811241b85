"""`step`: walk through a journal event by event, forward and back, with what each changed in the state."""

from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from adapters.errors import OperatorError
from adapters.journal.opening import reading
from adapters.journal.reader import JournalReader
from adapters.journal.snapshots import Snapshot
from adapters.replay.difference import differences
from adapters.replay.table import console, when
from adapters.reporting.text import visible
from effects.replay import Folded

HELP = "Enter or n: next, b: back, a number: go to that event, f: the next event of this forward, s: the whole state, q: end"
MOST_TEXT = 600
MOST_DIFFERENCES = 40
KEPT_EVENTS = 5000
MOST_DIGITS = 20


class Walk:
    """A journal's events by number; those that were met lately are kept, others are folded again from a snapshot."""

    def __init__(self, journal: JournalReader) -> None:
        self._journal = journal
        self._kept: dict[int, Folded] = {}

    @property
    def range(self) -> range:
        return range(self._journal.first_seq, self._journal.last_seq + 1)

    def at(self, seq: int) -> Folded:
        """The event `seq`, which must be in `range`."""
        if seq not in self._kept:
            self._fold_to(seq)
        return self._kept[seq]

    def next_of(self, forward_id: int | None, after: int) -> int | None:
        """The next event for a forward (for no forward, if None); None where there is none."""
        return next(
            (seq for seq in range(after + 1, self.range.stop) if self.at(seq).entry.forward_id == forward_id),
            None,
        )

    def _fold_to(self, seq: int) -> None:
        start = self._before(seq)
        if len(self._kept) > KEPT_EVENTS:
            self._kept.clear()
        for folded in self._journal.fold(start):
            self._kept[folded.entry.seq] = folded
            if folded.entry.seq == seq:
                return

    def _before(self, seq: int) -> Snapshot:
        """A state before the event: that of the event met just before it, or of the last snapshot."""
        before = self._kept.get(seq - 1)
        if before is None:
            return self._journal.start(seq - 1)
        state, at_s = before.taken.state, before.entry.event.at_s
        return Snapshot(seq - 1, at_s, self._journal.hash_of(seq - 1), state)


@attrs.define
class Walker:
    """Where somebody is on a walk."""

    walk: Walk
    seq: int
    tell: Callable[[str], None]

    def show(self) -> None:
        for line in lines_of(self.walk.at(self.seq), self.walk.range.stop - 1):
            self.tell(line)

    def obey(self, command: str) -> bool:
        """Do what was typed; False for the end."""
        folded = self.walk.at(self.seq)
        match command.strip().lower():
            case "q" | "quit":
                return False
            case "" | "n":
                self._go(self.seq + 1)
            case "b":
                self._go(self.seq - 1)
            case "f":
                self._go(self.walk.next_of(folded.entry.forward_id, self.seq))
            case "s":
                self.tell(visible(repr(folded.taken.state), 100_000))
            case number if number.isdecimal() and len(number) <= MOST_DIGITS:
                self._go(int(number))
            case _:
                self.tell(HELP)
        return True

    def _go(self, seq: int | None) -> None:
        if seq is None or seq not in self.walk.range:
            self.tell(f"there are events {self.walk.range.start} to {self.walk.range.stop - 1}")
            return
        self.seq = seq
        self.show()


def step_through(path: Path, *, at: int | None, count: int | None) -> int:
    """Walk from event `at` (the first one kept if left out): `count` events in a row, or as commands on standard input say.

    Raises:
        OperatorError: there is no journal, it is damaged, or holds no such event.
    """
    with reading(path) as journal:
        walk = Walk(journal)
        first = walk.range.start if at is None else at
        if count is not None and count < 1:
            raise OperatorError(f"--count {count}: give 1 or more")
        if first not in walk.range:
            raise OperatorError(
                f"--at {at}: the journal {path} holds events {walk.range.start} to {walk.range.stop - 1}"
            )
        out = console()
        if count is None:
            _converse(Walker(walk, first, out.print))
        else:
            for seq in range(first, min(first + count, walk.range.stop)):
                Walker(walk, seq, out.print).show()
    return 0


def _converse(walker: Walker) -> None:
    walker.tell(HELP)
    walker.show()
    try:
        while walker.obey(input("> ")):
            pass
    except EOFError:
        return


def lines_of(folded: Folded, last_seq: int) -> Iterator[str]:
    """One event: what came, what it changed, what was to be done, what was told."""
    entry, taken = folded.entry, folded.taken
    whose = "" if entry.forward_id is None else f", forward {entry.forward_id}"
    yield f"── event {entry.seq} of {last_seq}{whose}, {when(entry.event.at_s)} UTC"
    yield f"   {visible(repr(entry.event), MOST_TEXT)}"
    changed = list(differences(folded.before, taken.state))
    for difference in changed[:MOST_DIFFERENCES]:
        yield f"   ~ {difference}"
    if len(changed) > MOST_DIFFERENCES:
        yield f"   ~ and {len(changed) - MOST_DIFFERENCES} more"
    for effect in taken.effects:
        yield f"   > {visible(repr(effect), MOST_TEXT)}"
    for record in taken.records:
        yield f"   : {visible(repr(record), MOST_TEXT)}"

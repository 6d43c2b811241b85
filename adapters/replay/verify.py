"""`verify`: fold a recorded journal again, and see that today's code decides what was decided then."""

import time
from collections.abc import Iterator
from pathlib import Path

import attrs
from rich.console import Console

from adapters.journal.opening import reading
from adapters.journal.reader import JournalReader
from adapters.replay.difference import differences, shown
from adapters.replay.progress import followed
from adapters.reporting.text import visible
from core.state import State
from effects.decision import TOLERANCE
from effects.replay import Folded

EXIT_DIFFERS = 1
MOST_SHOWN, MOST_NAME = 2000, 40
MOST_DIFFERENCES = 10


@attrs.define
class Verified:
    """What a verification came to.

    Attributes:
        events, snapshots: how many were compared and found equal.
        largest: the largest relative difference between two numbers that count as equal.
        found: the first difference in words, "" for none.
    """

    events: int = 0
    snapshots: int = 0
    largest: float = 0.0
    found: str = ""


def verify(path: Path) -> int:
    """Replay the journal at `path` and print what came of it; 0 if every decision is equal, else 1.

    Raises:
        OperatorError: there is no journal, nothing in it, or it is damaged.
    """
    console = Console(highlight=False, markup=False)
    began_s = time.monotonic()
    with reading(path) as journal:
        found = verified(journal)
        cut = f", the ones before were cut off at event {journal.first_seq}" if journal.first_seq > 1 else ""
    if found.found:
        console.print(found.found)
        return EXIT_DIFFERS
    console.print(
        f"{found.events} events replayed in {time.monotonic() - began_s:.1f} s{cut}: every decision is equal\n"
        f"{found.snapshots} snapshots are the states that their events lead to\n"
        f"numbers differ by {found.largest:.1g} at most"
    )
    return 0


def verified(journal: JournalReader) -> Verified:
    """Fold all that a journal holds, up to the first difference; with a bar on a terminal."""
    result = Verified()
    total = journal.last_seq - journal.first_seq + 1
    snapshots = dict(journal.snapshot_places())
    for folded in followed(journal.fold(journal.beginning()), "replaying", total):
        distance = folded.distance
        if not distance <= TOLERANCE:
            result.found = _decided_otherwise(folded, journal.last_seq)
            return result
        result.largest = max(result.largest, distance)
        result.events += 1
        if folded.entry.seq in snapshots and not _compare_snapshot(journal, folded, result):
            return result
    return result


def _compare_snapshot(journal: JournalReader, folded: Folded, result: Verified) -> bool:
    """Whether the snapshot at this entry is what the fold came to; one that cannot be read is passed over, as a start would."""
    snapshot = journal.start(folded.entry.seq)
    if snapshot.seq != folded.entry.seq:
        return True
    wrong = [each for each in differences(snapshot.state, folded.taken.state) if not each.is_rounding]
    if not wrong:
        result.snapshots += 1
        return True
    lines = (f"  {difference}" for difference in wrong[:MOST_DIFFERENCES])
    result.found = "\n".join(
        (f"the snapshot at event {snapshot.seq} is not what its events lead to (snapshot -> events):", *lines)
    )
    return False


def _decided_otherwise(folded: Folded, last_seq: int) -> str:
    return "\n".join(
        (
            f"event {folded.entry.seq} of {last_seq} is decided otherwise now:",
            f"  {visible(repr(folded.entry.event), MOST_SHOWN)}",
            "in this state:",
            *(f"  {line}" for line in _state_lines(folded.before)),
            "what today's code makes of it:",
            *(f"  {line}" for line in _taken_lines(folded)),
            "what differs from the record:",
            *(f"  {line}" for line in _decision_lines(folded)),
        )
    )


def _state_lines(state: State) -> Iterator[str]:
    yield f"logic version {state.config.logic_version}, block {state.head}, {len(state.scores)} averages"
    for forward_id, phase in state.forwards.items():
        yield f"forward {forward_id}: {type(phase).__name__}"
    for part in (state.weights, state.sync, state.axon, state.lifecycle):
        yield visible(repr(part), MOST_SHOWN)


def _taken_lines(folded: Folded) -> Iterator[str]:
    for effect in folded.taken.effects:
        yield visible(repr(effect), MOST_SHOWN)
    for difference in list(differences(folded.before, folded.taken.state))[:MOST_DIFFERENCES]:
        yield str(difference)


def _decision_lines(folded: Folded) -> Iterator[str]:
    recorded, today = folded.entry.decision, folded.decision
    if recorded.digest != today.digest or len(recorded.numbers) != len(today.numbers):
        told = visible(recorded.digest, MOST_NAME)
        yield f"what is done or told: digest {told} was recorded, today's is {today.digest}"
        return
    for was, now in zip(recorded.numbers, today.numbers, strict=True):
        if abs(was - now) > TOLERANCE * max(1.0, abs(was), abs(now)):
            yield f"a number: {shown(was)} was recorded, today's is {shown(now)}"

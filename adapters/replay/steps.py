"""The judged steps of a journal, and where a forward stands in it."""

from collections.abc import Iterator
from itertools import takewhile

import attrs

from adapters.errors import OperatorError
from adapters.journal.reader import JournalReader
from adapters.replay.progress import followed
from core.records import Response, StepRecord
from core.types import ForwardId
from effects.replay import Folded


@attrs.frozen
class Judged:
    """One step, with the entry that judged it."""

    folded: Folded
    record: StepRecord

    @property
    def at_s(self) -> float:
        return self.folded.entry.event.at_s


def judged_steps(journal: JournalReader, *, since_s: float = 0.0) -> Iterator[Judged]:
    """Every step that was judged, in order; those before the last snapshot ahead of `since_s` are not folded."""
    # Up to the first that is not: a clock that was set back later makes no event early.
    early = [seq for seq, _ in takewhile(lambda place: place[1] < since_s, journal.snapshot_places())]
    start = journal.start(early[-1]) if early else journal.beginning()
    for folded in followed(journal.fold(start), "replaying", journal.last_seq - start.seq):
        if folded.entry.event.at_s >= since_s:
            yield from _judged(folded)


def steps_of(journal: JournalReader, forward_id: int) -> Iterator[Judged]:
    """The judged steps of one forward, folded from the last snapshot before it.

    Raises:
        OperatorError: the journal holds nothing of it.
    """
    place = journal.seqs_of_forward(forward_id)
    if place is None:
        known = journal.forwards()
        told = f"it holds forwards {known[0]} to {known[1]}" if known else "it holds none"
        raise OperatorError(f"--forward {forward_id}: the journal {journal.path} holds nothing of it; {told}")
    first, last = place
    start = journal.start(first - 1)
    for folded in followed(journal.fold(start), "replaying", last - start.seq):
        yield from (judged for judged in _judged(folded) if judged.record.forward_id == forward_id)
        if folded.entry.seq >= last:
            return


def find(journal: JournalReader, forward_id: int, index: int) -> Judged:
    """One step of a forward.

    Raises:
        OperatorError: it was not judged; names those that were.
    """
    found = {judged.record.index: judged for judged in steps_of(journal, ForwardId(forward_id))}
    if index not in found:
        judged = ", ".join(map(str, found)) or "none"
        raise OperatorError(f"--step {index}: not judged in forward {forward_id}; judged were {judged}")
    return found[index]


def response_of(record: StepRecord, uid: int) -> Response:
    """A miner's part in a step.

    Raises:
        OperatorError: it was not prompted; names those who were.
    """
    found = next((response for response in record.responses if response.target.uid == uid), None)
    if found is None:
        prompted = ", ".join(str(response.target.uid) for response in record.responses)
        raise OperatorError(f"--uid {uid}: not prompted in this step; prompted were {prompted}")
    return found


def _judged(folded: Folded) -> Iterator[Judged]:
    for record in folded.taken.records:
        if isinstance(record, StepRecord):
            yield Judged(folded, record)

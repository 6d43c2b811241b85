"""The validator's journal, read from its first event on: what it decided to send and what it heard of it, and whether it ever stood still."""

from collections.abc import Iterator

import attrs

from adapters.journal.reader import JournalReader
from adapters.replay.verify import verified
from core.effects import SetWeights
from core.events import EffectFailed, WeightsSubmitted
from core.records import ForwardEnded, Notice, Record, StepRecord, WeightsRecord
from core.types import EffectId, WeightsAccepted
from effects.replay import Folded
from tests.faults.windows import Span


@attrs.define
class Sending:
    """One decision to send weights, carried out from `began_s` to `ended_s` (None while it is under way).

    Attributes:
        seq: of the event it was decided on.
        heard: the kind of its completion's result, or why it had none.
        landed: block that it was told of, where it was accepted.
    """

    seq: int
    effect: SetWeights
    began_s: float
    ended_s: float | None = None
    heard: str = ""
    landed: int | None = None


@attrs.define
class Journal:
    """What a journal comes to. All times are Unix seconds.

    Attributes:
        sendings: in order.
        overlapping: sendings that began while the fate of others was open, in words.
        said: notices and ends of submissions, each with its time.
        steps_s, forwards_s: when each step was judged, when each forward was completed.
        events: how many there are.
        longest_gap: between two events; `quiet_steps` between two judged steps.
        differs: what today's code decides otherwise, in words; "" for nothing.
    """

    sendings: list[Sending] = attrs.Factory(list)
    overlapping: list[str] = attrs.Factory(list)
    said: list[tuple[float, str]] = attrs.Factory(list)
    steps_s: list[float] = attrs.Factory(list)
    forwards_s: list[float] = attrs.Factory(list)
    events: int = 0
    longest_gap: Span = Span(0.0, 0.0)
    differs: str = ""
    _last_s: float = 0.0
    _fate_is_open: bool = False

    def said_in(self, span: Span) -> Iterator[str]:
        return (text for at_s, text in self.said if span.begin_s <= at_s <= span.end_s)

    def observe(self, folded: Folded) -> None:
        """Take in the next entry."""
        event = folded.entry.event
        if self.events:
            gap = Span(self._last_s, event.at_s)
            self.longest_gap = max(self.longest_gap, gap, key=lambda span: span.end_s - span.begin_s)
        self.events, self._last_s = self.events + 1, event.at_s
        if isinstance(event, WeightsSubmitted | EffectFailed):
            self._complete(event)
        for record in folded.taken.records:
            self._hear(event.at_s, record)
        for effect in folded.taken.effects:
            if isinstance(effect, SetWeights):
                self._begin(Sending(folded.entry.seq, effect, event.at_s))

    def _begin(self, sending: Sending) -> None:
        if self._fate_is_open:
            self.overlapping.append(f"event {sending.seq}: weights sent while the fate of others was open")
        self._fate_is_open = True
        self.sendings.append(sending)

    def _complete(self, event: WeightsSubmitted | EffectFailed) -> None:
        for sending in self.sendings:
            if sending.effect.effect_id == EffectId(event.effect_id) and sending.ended_s is None:
                sending.ended_s = event.at_s
                sending.heard = _heard(event)
                if isinstance(event, WeightsSubmitted) and isinstance(event.result, WeightsAccepted):
                    sending.landed = int(event.result.block)

    def _hear(self, at_s: float, record: Record) -> None:
        match record:
            case StepRecord():
                self.steps_s.append(at_s)
            case ForwardEnded(complete=True):
                self.forwards_s.append(at_s)
            case WeightsRecord():
                self._fate_is_open = False
                ended = "accepted" if record.accepted else f"not accepted: {record.error}"
                self.said.append((at_s, f"weights {ended}"))
            case Notice():
                self.said.append((at_s, record.text))
            case _:
                pass


def _heard(event: WeightsSubmitted | EffectFailed) -> str:
    return event.reason if isinstance(event, EffectFailed) else type(event.result).__name__


def follow(reader: JournalReader) -> Journal:
    """All of a journal that nobody writes to any more, also held to what was decided as it was written."""
    journal = Journal(differs=verified(reader).found)
    for folded in reader.fold(reader.beginning()):
        journal.observe(folded)
    return journal

"""What the fold of a journal comes to, counted once more: what was decided, what came of it, and whether anything counted twice."""

from collections import Counter

import attrs

from adapters.reporting.recount import Recount
from core.effects import SetWeights
from core.events import Completion, Started
from core.machine import addressee
from core.records import ForwardEnded, ForwardRecovered, ForwardStarted, Record, StepRecord, WeightsRecord
from core.state import Recovered, State
from core.types import EffectId, ForwardId
from effects.replay import Folded


@attrs.frozen
class Sent:
    """A submission of weights that was decided at event `seq`; `block` is the head as it was known then."""

    seq: int
    block: int
    effect: SetWeights


@attrs.frozen
class Settled:
    """What the validator took for the end of a submission, told at event `seq`."""

    seq: int
    block: int
    accepted: bool
    error: str


class Audit:
    """Follows a journal from its first event on.

    Attributes:
        state: after the last event followed.
        counts: what was seen of everything, by name.
        sent, settled: submissions of weights, in order.
        doubled: what was applied twice, in words.
        sent_twice: submissions that were decided while another's fate was open, in words.
    """

    def __init__(self, initial: State) -> None:
        self.state = initial
        self.counts: Counter[str] = Counter()
        self.sent: list[Sent] = []
        self.settled: list[Settled] = []
        self.sent_twice: list[str] = []
        self._doubled: list[str] = []
        self._recount = Recount(initial)
        self._issued: set[EffectId] = set()
        self._completed: set[EffectId] = set()
        self._judged: set[tuple[ForwardId, int]] = set()
        self._is_open = False

    @property
    def doubled(self) -> list[str]:
        return [*self._doubled, *self._recount.result().differences]

    def observe(self, folded: Folded) -> None:
        """Take in the next entry."""
        seq, event = folded.entry.seq, folded.entry.event
        self.counts["events"] += 1
        if isinstance(event, Started):
            self._restart(folded.taken.state)
        if isinstance(event, Completion) and addressee(folded.before, event) is not None:
            self._once(self._completed, event.effect_id, f"event {seq}: effect {event.effect_id} completed")
        for effect in folded.taken.effects:
            self._once(self._issued, effect.effect_id, f"event {seq}: effect {effect.effect_id} decided")
            if isinstance(effect, SetWeights):
                self._send(Sent(seq, int(folded.before.head), effect))
        for record in folded.taken.records:
            self._hear(seq, record)
        self._recount.observe(folded.taken.state, folded.taken.records)
        self.state = folded.taken.state

    def _once(self, seen: set[EffectId], effect_id: EffectId, what: str) -> None:
        if effect_id in seen:
            self._doubled.append(f"{what} a second time")
        seen.add(effect_id)

    def _restart(self, after: State) -> None:
        self.counts["starts"] += 1
        recovered = sum(isinstance(phase, Recovered) for phase in after.forwards.values())
        self.counts["starts_with_recovered_forwards"] += recovered > 0

    def _send(self, sent: Sent) -> None:
        if self._is_open:
            self.sent_twice.append(f"event {sent.seq}: weights sent while the fate of others was open")
        self._is_open = True
        self.sent.append(sent)

    def _hear(self, seq: int, record: Record) -> None:
        match record:
            case ForwardStarted():
                self.counts["forwards"] += 1
            case ForwardRecovered():
                self.counts["forwards_recovered"] += 1
            case ForwardEnded():
                self.counts["forwards_complete"] += record.complete
            case StepRecord():
                self._judge(seq, record)
            case WeightsRecord():
                self._is_open = False
                self.settled.append(Settled(seq, int(record.block), record.accepted, record.error))
            case _:
                pass

    def _judge(self, seq: int, record: StepRecord) -> None:
        self.counts["steps_judged"] += 1
        step = (record.forward_id, record.index)
        if step in self._judged:
            self._doubled.append(f"event {seq}: forward {step[0]} step {step[1]} judged a second time")
        self._judged.add(step)

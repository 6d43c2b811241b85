"""The journal read again: the state is the fold of its events, and today's code must decide as was decided then."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from core.config import CoreConfig
from core.events import Event
from core.machine import addressee, step
from core.state import State
from core.step import Step
from core.types import ForwardId
from effects.decision import TOLERANCE, Decision, decided
from effects.ports import Entry


@attrs.frozen
class Folded:
    """One entry taken in again.

    Attributes:
        before: the state that it met.
        taken: what today's code makes of it.
    """

    entry: Entry
    before: State
    taken: Step

    @property
    def decision(self) -> Decision:
        return decided(self.before, self.entry.event, self.taken)

    @property
    def distance(self) -> float:
        """How far today's decision is from the recorded one; see `Decision.distance`."""
        return self.decision.distance(self.entry.decision)


@attrs.frozen
class Replay:
    """What a fold came to.

    Attributes:
        state: after the last entry that was decided alike.
        entries: how many those were.
        difference: the first entry on which today's code decides otherwise.
    """

    state: State
    entries: int
    difference: Folded | None = None


def take(seq: int, state: State, event: Event) -> tuple[Entry, Step]:
    """One step of the machine, and the entry that keeps it."""
    taken = step(state, event)
    return Entry(seq, event, decided(state, event, taken), forward_of(state, event)), taken


def forward_of(state: State, event: Event) -> ForwardId | None:
    """The forward that an event is for; None where it is for another part, or for nobody."""
    phase = addressee(state, event)
    return next((forward_id for forward_id, running in state.forwards.items() if running is phase), None)


def fold(entries: Iterable[Entry], state: State, configs: Mapping[int, CoreConfig]) -> Iterator[Folded]:
    """Take the entries in one after the other from `state`; `configs` holds the configuration that begins at a `seq`."""
    for entry in entries:
        if entry.seq in configs:
            state = attrs.evolve(state, config=configs[entry.seq])
        taken = step(state, entry.event)
        yield Folded(entry, state, taken)
        state = taken.state


def replay(entries: Iterable[Entry], state: State, configs: Mapping[int, CoreConfig]) -> Replay:
    """Fold `entries` from `state`, up to the first one on which the decision differs."""
    done = Replay(state, 0)
    for folded in fold(entries, state, configs):
        if not folded.distance <= TOLERANCE:
            return attrs.evolve(done, state=folded.before, difference=folded)
        done = Replay(folded.taken.state, done.entries + 1)
    return done

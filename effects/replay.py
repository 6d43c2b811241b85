"""The journal read again: the state is the fold of its events, and today's code must decide as was decided then."""

import hashlib
from collections.abc import Iterable

import attrs

from core.machine import step
from core.state import State
from core.step import Step
from effects.ports import Entry


def digest(taken: Step) -> str:
    """A fingerprint of the effects of one step: equal for equal decisions, on every machine."""
    return hashlib.sha256(repr(taken.effects).encode()).hexdigest()[:16]


@attrs.frozen
class Difference:
    """The first entry on which today's code decides otherwise."""

    entry: Entry
    taken: Step


@attrs.frozen
class Replay:
    """What a fold came to: the last state, how many entries it took, the first difference if any."""

    state: State
    entries: int
    difference: Difference | None = None


def replay(initial: State, entries: Iterable[Entry]) -> Replay:
    """Fold `entries` over `initial`, up to the first one on which the decision differs."""
    state, count = initial, 0
    for entry in entries:
        taken = step(state, entry.event)
        if digest(taken) != entry.digest:
            return Replay(state, count, Difference(entry, taken))
        state, count = taken.state, count + 1
    return Replay(state, count)

"""The journal read again: the state is the fold of its events, and today's code must decide as was decided then."""

import hashlib
from collections.abc import Iterable, Mapping

import attrs

from core.config import CoreConfig
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


def replay(entries: Iterable[Entry], configs: Mapping[int, CoreConfig]) -> Replay:
    """Fold `entries` from the empty state, up to the first one on which the decision differs.

    `configs` holds the configuration from each `seq` on; there is one for the first entry, 1.
    """
    state, count = State(configs[1]), 0
    for entry in entries:
        if entry.seq in configs:
            state = attrs.evolve(state, config=configs[entry.seq])
        taken = step(state, entry.event)
        if digest(taken) != entry.digest:
            return Replay(state, count, Difference(entry, taken))
        state, count = taken.state, count + 1
    return Replay(state, count)

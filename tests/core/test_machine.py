"""The transition table: complete, without contradictions, and the only thing that decides who hears of what."""

import types
from itertools import product
from typing import get_args, get_origin

import attrs
import pytest

from core.events import BlockSeen, ContextDrawn, EffectFailed, Event, Slept, Started, StopRequested
from core.machine import CONSEQUENCES, IGNORED, TRANSITIONS, Ended, addressee, step
from core.state import Phase, State, Stopped
from core.types import Block, EffectId
from tests.core.builders import CONTEXT, config
from tests.core.checks import CheckedMachine, parts
from tests.core.scripted import running


def members(union: object) -> tuple[type, ...]:
    """The classes of a union, nested unions flattened."""
    if isinstance(union, type):
        return (union,)
    assert get_origin(union) is types.UnionType
    return tuple(dict.fromkeys(cls for part in get_args(union) for cls in members(part)))


PHASES, EVENTS = members(Phase), members(Event)


@pytest.mark.parametrize(("phase", "event"), list(product(PHASES, EVENTS)))
def test_every_pair_is_either_handled_or_ignored(phase: type, event: type) -> None:
    """A new phase or event cannot be forgotten: each pair is in the table or in the list of ignored ones, not in both."""
    assert ((phase, event) in TRANSITIONS) != (event in IGNORED[phase])


def test_the_table_knows_no_strangers() -> None:
    """Rows, ignored pairs, targets and consequences name phases and events of the unions only."""
    assert {phase for phase, _ in TRANSITIONS} <= set(PHASES)
    assert {event for _, event in TRANSITIONS} <= set(EVENTS)
    assert IGNORED.keys() == set(PHASES)
    assert set().union(*IGNORED.values()) <= set(EVENTS)
    assert {to for row in TRANSITIONS.values() for to in row.targets} <= {*PHASES, Ended}
    assert CONSEQUENCES.keys() == {*PHASES, Ended}
    assert {to for targets in CONSEQUENCES.values() for to in targets} <= {*PHASES, Ended}


@pytest.mark.parametrize("cls", [*PHASES, *EVENTS, State])
def test_phases_and_events_are_frozen(cls: type) -> None:
    """A handler can change nothing behind the machine's back."""
    assert attrs.has(cls)
    assert cls.__setattr__ is not object.__setattr__


def test_a_completion_that_nothing_waits_for_is_dropped_and_counted() -> None:
    """It changes nothing else, and leads to nothing."""
    state = running().state
    taken = step(state, Slept(1.0, EffectId(999)))
    assert taken.state == attrs.evolve(state, dropped_completions=1)
    assert (taken.effects, taken.records) == ((), ())


def test_a_completion_of_another_kind_is_dropped() -> None:
    """A part that waits for a metagraph takes no context for it."""
    machine = CheckedMachine(State(config()))
    (read,) = machine.step(Started(0.0)).effects
    before = machine.state
    machine.step(ContextDrawn(1.0, read.effect_id, CONTEXT))
    assert machine.state == attrs.evolve(before, dropped_completions=1)


def test_a_completion_goes_to_the_part_that_waits_for_it() -> None:
    """Every waiting part is addressed by the id of its own effect, and by no other."""
    state = running(num_concurrent_forwards=3).state
    for phase in parts(state).values():
        if hasattr(phase, "effect_id"):
            assert addressee(state, EffectFailed(1.0, phase.effect_id, "broken")) is phase


def test_once_stopped_only_a_start_is_heard() -> None:
    """Blocks, further requests and late completions are dropped; a start boots again."""
    machine = running()
    machine.step(StopRequested(1.0, "operator"))
    stopped = machine.state
    machine.step(BlockSeen(2.0, Block(50)))
    machine.step(StopRequested(3.0, "again"))
    machine.step(EffectFailed(4.0, EffectId(2), "cancelled"))
    assert stopped.lifecycle == Stopped("operator")
    assert machine.state == attrs.evolve(stopped, dropped_completions=3)
    assert machine.step(Started(5.0)).effects

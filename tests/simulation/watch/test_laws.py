"""Found: a step that breaks a law of the machine, and an event that is lost in a life or between two."""

from typing import Any

import attrs
import pytest

from core.effects import QueryMiners
from core.events import BlockSeen, Event
from core.state import State
from core.step import Step
from core.types import Block
from tests.simulation.violation import Violation
from tests.simulation.watch.doctoring import find
from tests.simulation.watch.lives import AT_S, Lives


def test_the_laws_of_the_machine_are_watched() -> None:
    """A uid that is prompted twice in a forward is found, across steps and lives."""
    prompted: dict[int, Any] = {}

    def reusing(_: State, __: Event, taken: Step) -> Step:
        effects = tuple(
            attrs.evolve(effect, targets=prompted.setdefault(effect.forward_id, effect.targets))
            if isinstance(effect, QueryMiners)
            else effect
            for effect in taken.effects
        )
        return attrs.evolve(taken, effects=effects)

    assert "no uid is prompted twice in a forward" in find(reusing, num_followup_steps=2)


def test_a_process_begins_with_its_start() -> None:
    """An event that comes before `Started` is found."""
    lives = Lives(1)
    lives.watch.begins(lives.state)
    with pytest.raises(Violation, match="begins with Started"):
        lives.take(BlockSeen(AT_S, Block(3)))


def test_no_event_is_lost_at_a_restart() -> None:
    """A start that goes on from another state than became durable last is found; settings may differ."""
    lives = Lives(2)
    lives.run(200)
    lives.watch.begins(attrs.evolve(lives.state, config=Lives(5).config))
    with pytest.raises(Violation, match="other dropped_completions"):
        lives.watch.begins(attrs.evolve(lives.state, dropped_completions=9999))
    with pytest.raises(Violation, match="a start goes on from other"):
        lives.watch.ended(State(lives.config))


def test_no_event_is_lost_within_a_life() -> None:
    """A step that was taken from another state than the last durable one is found."""
    lives = Lives(2)
    lives.awaited(QueryMiners)
    lives.state = attrs.evolve(lives.state, head=Block(77))
    with pytest.raises(Violation, match="another state"):
        lives._block()

"""One step of the machine while it is being taken: the next state, and what follows from it.

A `Step` is a value; handlers take one and return another. Effects are started only after the event that led to them is durable;
records are told and may be lost.
"""

from collections.abc import Callable
from typing import Any

import attrs

from core.effects import Effect
from core.records import Record
from core.state import State
from core.types import EffectId


@attrs.frozen
class Step:
    """State, effects and records that follow from one event."""

    state: State
    effects: tuple[Effect, ...] = ()
    records: tuple[Record, ...] = ()

    def but(self, **changes: Any) -> "Step":
        """The step with these fields of the state changed."""
        return Step(attrs.evolve(self.state, **changes), self.effects, self.records)

    def do(self, make: Callable[[EffectId], Effect]) -> tuple["Step", EffectId]:
        """The step with one more effect, made with an id of its own, and that id."""
        effect_id = self.state.next_effect
        state = attrs.evolve(self.state, next_effect=EffectId(effect_id + 1))
        return Step(state, (*self.effects, make(effect_id)), self.records), effect_id

    def tell(self, *records: Record) -> "Step":
        """The step with these records told as well."""
        return Step(self.state, self.effects, (*self.records, *records))

"""Each effect is performed once, in the life in which it was decided on, and not before it is durable; each is completed once.

A call is known by its content, since ports know nothing of effects' ids. Effects of equal content are counted.
"""

from collections.abc import Hashable
from typing import Any, assert_never

import attrs

from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.types import EffectId
from tests.simulation.violation import Violation

Call = tuple[Any, ...]


def call_of(effect: Effect) -> Call:
    """The port call that performs the effect."""
    match effect:
        case DrawContext():
            return ("draw", effect.key)
        case QueryMiners():
            return ("query", effect.targets, effect.synapse, effect.query_timeout_s)
        case ScoreCompletions():
            return ("score", effect.task_type, effect.prompt, effect.base_text, effect.completions)
        case ReadMetagraph():
            return ("metagraph",)
        case SetWeights():
            return ("set_weights", effect.weights, effect.version_key, effect.owners)
        case ReadLastUpdate():
            return ("last_update",)
        case ServeAxon():
            return ("serve_axon",)
        case Sleep():
            return ("sleep", effect.seconds)
        case other:
            assert_never(other)


@attrs.define
class _Alike:
    """Effects of one content: so many are to be performed, so many have been and are not completed."""

    call: Call
    waiting: int = 0
    performed: int = 0


class Performing:
    """The effects of one life.

    Attributes:
        under_way: durable and not completed, by id.
    """

    def __init__(self) -> None:
        self.under_way: dict[EffectId, Effect] = {}
        self._alike: dict[Hashable, list[_Alike]] = {}
        self._by_id: dict[EffectId, _Alike] = {}

    def begins(self, effect: Effect) -> None:
        """The effect is durable: from now on it may be performed."""
        call = call_of(effect)
        found = self._find(call)
        if found is None:
            found = _Alike(call)
            self._alike.setdefault(_handle(call), []).append(found)
        found.waiting += 1
        self._by_id[effect.effect_id] = found
        self.under_way[effect.effect_id] = effect

    def performs(self, call: Call) -> None:
        """A port is being called."""
        found = self._find(call)
        if found is None or found.waiting == 0:
            raise Violation(f"{told(call)} is performed, but no durable effect is left that asks for it")
        found.waiting -= 1
        found.performed += 1

    def completes(self, effect_id: EffectId, event: str) -> Effect:
        """The effect's completion is taken in; the effect."""
        effect, alike = self.under_way.pop(effect_id, None), self._by_id.pop(effect_id, None)
        if effect is None or alike is None:
            raise Violation(f"{event} completes effect {effect_id}, which is not under way in this life")
        if alike.performed == 0:
            raise Violation(
                f"{event} completes effect {effect_id}, but {told(alike.call)} was never performed"
            )
        alike.performed -= 1
        if alike.performed == alike.waiting == 0:
            self._forget(alike)
        return effect

    def ends(self) -> None:
        """The process is gone, and every effect with it."""
        self.under_way.clear()
        self._alike.clear()
        self._by_id.clear()

    def _find(self, call: Call) -> _Alike | None:
        alike = self._alike.get(_handle(call), ())
        return next((found for found in alike if found.call == call), None)

    def _forget(self, alike: _Alike) -> None:
        handle = _handle(alike.call)
        rest = [other for other in self._alike[handle] if other is not alike]
        if rest:
            self._alike[handle] = rest
        else:
            del self._alike[handle]


def told(call: Call) -> str:
    """A call in a word or two, without the texts in it."""
    match call:
        case ("query", targets, *_):
            return f"query of uids {[target.uid for target in targets]}"
        case ("score", task_type, _, _, completions):
            return f"score of {len(completions)} completions ({task_type.value})"
        case ("set_weights", weights, *_):
            return f"set_weights for uids {[uid for uid, _ in weights]}"
        case (name, *rest):
            return " ".join([str(name), *(str(part) for part in rest)])
        case _:
            return "a call without a name"


def _handle(call: Call) -> Hashable:
    """What tells most calls apart, and is quickly hashed: of long ones the prompt alone."""
    match call:
        case ("query", _, synapse, _):
            return ("query", synapse.messages)
        case ("score", _, prompt, _, _):
            return ("score", prompt)
        case ("set_weights", *_):
            return "set_weights"
        case _:
            return call

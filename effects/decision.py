"""What was decided on an event, in a form that a replay can compare: a digest of all but the numbers, and the numbers.

Rules:
- It covers the effects, the phase of every part, each hotkey's reward and average where a step was judged, the statistics and the
  scores that ended; at a start all scores, so that what a restart went on from is on record too.
- Numbers stand beside the digest, since another platform's `erf` and `sqrt` may differ in the last bit.
- Words for people (notices, reasons) are not in it: they may be changed without deciding otherwise.
"""

import hashlib
from collections.abc import Iterator
from enum import Enum
from typing import Any

import attrs

from core.events import Event, Started
from core.records import StepRecord
from core.state import State
from core.step import Step
from core.types import ADDED_LATER

# Relative to the larger of the two, and of 1.
TOLERANCE = 1e-12


@attrs.frozen
class Decision:
    """The fingerprint of one step of the machine.

    Attributes:
        digest: of everything but floats; equal for equal decisions, on every machine.
        numbers: the floats, in the order in which they stand in what was decided.
    """

    digest: str
    numbers: tuple[float, ...] = ()

    def distance(self, other: "Decision") -> float:
        """How far apart they are: 0 if equal, infinite if they differ in more than numbers, else the largest relative difference."""
        if self.digest != other.digest or len(self.numbers) != len(other.numbers):
            return float("inf")
        pairs = zip(self.numbers, other.numbers, strict=True)
        return max((_distance(a, b) for a, b in pairs), default=0.0)


def decided(before: State, event: Event, taken: Step) -> Decision:
    """What `event` led to."""
    numbers: list[float] = []
    rest = _without_numbers(tuple(_told(before, event, taken)), numbers)
    return Decision(hashlib.sha256(repr(rest).encode()).hexdigest()[:16], tuple(numbers))


def _distance(a: float, b: float) -> float:
    if a == b:
        return 0.0
    difference = abs(a - b) / max(1.0, abs(a), abs(b))
    return min(float("inf"), difference)


def _told(before: State, event: Event, taken: Step) -> Iterator[Any]:
    after = taken.state
    yield taken.effects
    yield tuple((forward_id, type(phase).__name__) for forward_id, phase in after.forwards.items())
    yield tuple(type(phase).__name__ for phase in (after.weights, after.sync, after.axon, after.lifecycle))
    yield from (_judged(record) for record in taken.records if isinstance(record, StepRecord))
    if isinstance(event, Started):
        yield tuple(sorted(after.scores.items()))
        yield tuple(sorted(after.normalisers.items()))
    if after.normalisers is not before.normalisers:
        yield tuple(sorted(after.normalisers.items()))
    if after.scores is not before.scores:
        yield tuple(sorted(before.scores.keys() - after.scores.keys()))


def _judged(record: StepRecord) -> Any:
    responses = ((r.target.hotkey, r.counted, r.reward, r.after) for r in record.responses)
    return (record.forward_id, record.index, record.best_uid, *responses)


def _without_numbers(value: Any, numbers: list[float]) -> Any:
    """The value as plain tuples, each float moved into `numbers`."""
    if isinstance(value, float):
        numbers.append(value)
        return None
    if isinstance(value, tuple):
        return tuple(_without_numbers(item, numbers) for item in value)
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        return (type(value).__name__, *(_without_numbers(told, numbers) for told in _fields(value)))
    return value


def _fields(value: Any) -> Iterator[Any]:
    """What the fields hold. One that was added later tells its name too, and nothing where it is as if it were not there."""
    for field in attrs.fields(type(value)):
        held = getattr(value, field.name)
        if not field.metadata.get(ADDED_LATER):
            yield held
        elif held != field.default:
            yield (field.name, held)

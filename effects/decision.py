"""What was decided on an event, in a form that a replay can compare: a digest of all but the numbers, and the numbers.

Rules:
- It covers the effects, the phase of every part, each hotkey's reward and average where a step was judged, the statistics and the
  scores that ended; at a start all scores, so that what a restart went on from is on record too.
- Numbers stand beside the digest, since another platform's `erf` and `sqrt` may differ in the last bit.
- Words for people (notices, reasons) are not in it: they may be changed without deciding otherwise.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from operator import attrgetter
from typing import Any

import attrs

from core.events import Event, Started
from core.records import StepRecord
from core.state import State
from core.step import Step
from core.types import ADDED_LATER, Hotkey

# Relative to the larger of the two, and of 1.
TOLERANCE = 1e-12

# Makes plain tuples of a value of one class, its floats moved into the list.
_Way = Callable[[Any, list[float]], Any]
_PLAIN = frozenset((int, str, bool, type(None)))


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
    rest = _without_numbers(_told(before, event, taken), numbers)
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
        yield _ended(before, after)


def _ended(before: State, after: State) -> tuple[Hotkey, ...]:
    """Whose score ended. A step only adds scores: looking for it then would cost by all hotkeys, not by those of the step."""
    if after.metagraph is before.metagraph and len(after.scores) >= len(before.scores):
        return ()
    return tuple(sorted(before.scores.keys() - after.scores.keys()))


def _judged(record: StepRecord) -> Any:
    responses = ((r.target.hotkey, r.counted, r.reward, r.after) for r in record.responses)
    return (record.forward_id, record.index, record.best_uid, *responses)


def _without_numbers(values: Iterable[object], numbers: list[float]) -> tuple[Any, ...]:
    """The values as plain tuples, each float moved into `numbers`."""
    return tuple([item if (kind := type(item)) in _PLAIN else _WAYS[kind](item, numbers) for item in values])


def _way_of(kind: type) -> _Way:
    if issubclass(kind, float):
        return lambda value, numbers: numbers.append(value)
    if issubclass(kind, tuple):
        return _without_numbers
    if issubclass(kind, Enum):
        return lambda value, _: value._value_
    return _way_of_fields(kind) if attrs.has(kind) else lambda value, _: value


def _way_of_fields(kind: type) -> _Way:
    """Tells the class's name, and what the fields hold.

    A field that was added later comes last, with its name, and tells nothing where it is as if it were not there.
    """
    fields = attrs.fields(kind)
    first = _reader([field.name for field in fields if not field.metadata.get(ADDED_LATER)])
    later = [(field.name, field.default) for field in fields if field.metadata.get(ADDED_LATER)]

    def tell(value: Any, numbers: list[float]) -> tuple[Any, ...]:
        told = (kind.__name__, *_without_numbers(first(value), numbers))
        for name, default in later:
            if (held := getattr(value, name)) != default:
                told += _without_numbers(((name, held),), numbers)
        return told

    return tell


def _reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads these attributes of a value."""
    return (
        attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, name) for name in names)
    )


class _Ways(dict[type, _Way]):
    """Per class what there is to do. That is asked some hundred times an event, so each class is looked at once."""

    def __missing__(self, kind: type) -> _Way:
        way = self[kind] = _way_of(kind)
        return way


_WAYS = _Ways()

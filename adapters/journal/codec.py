"""Events to JSON and back, exactly: what is read equals what was written.

Rules:
- The kinds are the classes of `core.events.Event`, by name; no other is written or read.
- Text may be anything a miner can send, lone surrogates too: JSON is escaped down to ASCII.
- A number that JSON has no form for (NaN, infinity) is refused when written, never changed.
"""

import json
from typing import Any, get_args

import attrs
import msgspec

from core.events import Event, WeightsSubmitted
from core.types import EffectId, WeightsResult

KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
RESULTS: dict[str, type[WeightsResult]] = {kind.__name__: kind for kind in get_args(WeightsResult)}


@attrs.frozen
class _Submitted:
    """`WeightsSubmitted` as it is written: the class of its result by name, as msgspec tags no attrs classes."""

    at_s: float
    effect_id: EffectId
    result_kind: str
    result: dict[str, Any]


class NotAnEvent(Exception):
    """What was read is no event that this program knows."""


def encode(event: Event) -> tuple[str, str]:
    """The event's kind and its body, one line of ASCII.

    Raises:
        ValueError: it holds NaN or an infinity; a bug of whoever made it.
    """
    fields = msgspec.to_builtins(event)
    if isinstance(event, WeightsSubmitted):
        fields["result_kind"] = type(event.result).__name__
    return type(event).__name__, json.dumps(fields, allow_nan=False, separators=(",", ":"))


def decode(kind: str, body: str) -> Event:
    """The event that `encode` was given.

    Raises:
        NotAnEvent: an unknown kind, or a body that is not of its kind.
    """
    if kind not in KINDS:
        raise NotAnEvent(f"unknown kind {kind!r}")
    try:
        fields = json.loads(body)
        if KINDS[kind] is WeightsSubmitted:
            return _weights_submitted(fields)
        return msgspec.convert(fields, KINDS[kind])
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise NotAnEvent(f"no {kind}: {error}") from None


def _weights_submitted(fields: Any) -> WeightsSubmitted:
    written = msgspec.convert(fields, _Submitted)
    result = msgspec.convert(written.result, RESULTS[written.result_kind])
    return WeightsSubmitted(written.at_s, written.effect_id, result)

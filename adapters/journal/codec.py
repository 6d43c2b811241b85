"""The core's values to JSON and back, exactly: what is read equals what was written.

Rules:
- Which of several classes a value is of is written beside it, by the class's name; no other name is read.
- Text may be anything a miner can send: where it holds lone surrogates, which UTF-8 has no form for, JSON is escaped down to ASCII.
- A number that JSON has no form for (NaN, infinity) is refused when written, never changed.
"""

import json
import math
from typing import Any, TypeVar, get_args

import msgspec
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from core.criteria import Criterion
from core.events import Event
from core.state import AxonPhase, ForwardPhase, Lifecycle, SyncPhase, WeightsPhase
from core.types import WeightsResult

T = TypeVar("T")

KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}

_converter = make_converter(forbid_extra_keys=True, detailed_validation=False)
for _union in (Criterion, WeightsResult, ForwardPhase, WeightsPhase, SyncPhase, AxonPhase, Lifecycle):
    configure_tagged_union(_union, _converter, tag_name="kind")


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} has no form in JSON")
    return number


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} has no form in JSON")


_converter.register_unstructure_hook(float, _finite)

# What JSON and cattrs raise for what is not of its form.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RecursionError, ForbiddenExtraKeysError)


class Malformed(Exception):
    """What was read is nothing that this program wrote."""


def to_json(value: Any) -> bytes:
    """An attrs value as one line.

    Raises:
        ValueError: it holds NaN or an infinity; a bug of whoever made it.
    """
    fields = _converter.unstructure(value)
    try:
        return msgspec.json.encode(fields)
    except UnicodeEncodeError:
        return json.dumps(fields, separators=(",", ":")).encode("ascii")


def from_json(body: bytes, kind: type[T]) -> T:
    """The value of class `kind` that `to_json` was given.

    Raises:
        Malformed: it is no such value.
    """
    try:
        return _converter.structure(json.loads(body, parse_constant=_refuse), kind)
    except _MALFORMED as error:
        raise Malformed(f"no {kind.__name__}: {error}") from None


def encode(event: Event) -> tuple[str, bytes]:
    """The event's kind and its body; see `to_json`."""
    return type(event).__name__, to_json(event)


def decode(kind: str, body: bytes) -> Event:
    """The event that `encode` was given.

    Raises:
        Malformed: an unknown kind, or a body that is not of its kind.
    """
    if kind not in KINDS:
        raise Malformed(f"unknown kind {kind!r}")
    return from_json(body, KINDS[kind])

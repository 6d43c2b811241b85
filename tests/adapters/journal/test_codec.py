"""Events as they are written down."""

import math
from typing import get_args

import pytest
from hypothesis import given

from adapters.journal.codec import KINDS, NotAnEvent, decode, encode
from core.events import Event, Started
from tests.adapters.journal.strategies import events


@given(events)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    """Whatever its kind and whatever is in it, and in plain ASCII on one line."""
    kind, body = encode(event)
    assert decode(kind, body) == event
    assert body.isascii()
    assert "\n" not in body


def test_the_kinds_are_the_events() -> None:
    """A new event class is written without further ado, and nothing else is."""
    assert set(KINDS.values()) == set(get_args(Event))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_without_a_form_is_refused(number: float) -> None:
    """JSON has no NaN: written as something else, it would come back as something else."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(Started(at_s=number))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Unheard", "{}"),
        ("Started", "{}"),
        ("Started", '{"at_s": "noon"}'),
        ("Started", "[]"),
        ("Started", "{"),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1}'),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1, "result_kind": "Perhaps", "result": {}}'),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1, "result_kind": "WeightsUnknown", "result": 3}'),
        (
            "WeightsSubmitted",
            '{"at_s": 1.0, "effect_id": "a", "result_kind": "WeightsUnknown", "result": {"reason": ""}}',
        ),
    ],
)
def test_what_is_no_event_is_told(kind: str, body: str) -> None:
    """A body of the wrong form is never taken for an event."""
    with pytest.raises(NotAnEvent):
        decode(kind, body)

"""Events as they are written down."""

import math
from typing import get_args

import pytest
from hypothesis import given

from adapters.journal.codec import KINDS, Malformed, decode, encode, from_json, to_json
from core.events import Event, Started
from core.state import State
from tests.adapters.journal.strategies import events
from tests.core.walk import Walk


@given(events)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    """Whatever its kind and whatever is in it, on one line."""
    kind, body = encode(event)
    assert decode(kind, body) == event
    assert b"\n" not in body


def test_the_kinds_are_the_events() -> None:
    """A new event class is written without further ado, and nothing else is."""
    assert set(KINDS.values()) == set(get_args(Event))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_without_a_form_is_refused(number: float) -> None:
    """JSON has no NaN: written as something else, it would come back as something else."""
    with pytest.raises(ValueError, match="has no form in JSON"):
        encode(Started(at_s=number))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("Unheard", "{}"),
        ("Started", "{}"),
        ("Started", '{"at_s": "noon"}'),
        ("Started", "[]"),
        ("Started", "{"),
        ("Started", '{"at_s": 1.0, "more": 1}'),
        ("Started", "[" * 100_000),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1}'),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1, "result": {}}'),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1, "result": 3}'),
        ("WeightsSubmitted", '{"at_s": 1.0, "effect_id": 1, "result": {"kind": "Perhaps"}}'),
        (
            "WeightsSubmitted",
            '{"at_s": 1.0, "effect_id": "a", "result": {"kind": "WeightsUnknown", "reason": ""}}',
        ),
    ],
)
def test_what_is_no_event_is_told(kind: str, body: str) -> None:
    """A body of the wrong form is never taken for an event."""
    with pytest.raises(Malformed):
        decode(kind, body.encode())


@pytest.mark.parametrize("seed", range(5))
def test_every_state_comes_back_as_it_was(seed: int) -> None:
    """Every phase that a long walk comes through, to the last bit; the order of forwards too."""
    for _, taken in Walk(seed).steps(150):
        again = from_json(to_json(taken.state), State)
        assert again == taken.state
        assert list(again.forwards) == list(taken.state.forwards)


def test_what_is_no_state_is_told() -> None:
    """A snapshot of another form is not taken for one of today's."""
    with pytest.raises(Malformed):
        from_json(b'{"config": 1}', State)

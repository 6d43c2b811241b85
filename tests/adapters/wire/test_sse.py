"""Server-sent events: however a stream is written and cut, it holds the same events."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.wire.sse import DEFAULT_NAME, EventReader, ServerEvent, encode_event

CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
LINES = st.text(CHARS, max_size=20)
NAMES = st.text(CHARS, min_size=1, max_size=8).filter(lambda name: not name.startswith(" "))
EVENTS = st.lists(
    st.builds(
        ServerEvent, st.just(DEFAULT_NAME) | NAMES, st.lists(LINES, min_size=1, max_size=3).map("\n".join)
    ),
    max_size=5,
)
# What a reader passes over: comments, fields that mean nothing here, an event without data.
NOISE = st.sampled_from([":", ": a comment", "id: 7", "retry: 1000", "unknown", "datax: 1"])
CUTS = st.lists(st.integers(0, 400), max_size=8)


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[ServerEvent], bytes]:
    """Events, and one of the many ways to write them."""
    events = draw(EVENTS)
    lines = [line for event in events for line in draw(written(event))]
    ends = draw(st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(lines), max_size=len(lines)))
    return events, "".join(line + end for line, end in zip(lines, ends, strict=True)).encode()


@st.composite
def written(draw: st.DrawFn, event: ServerEvent) -> list[str]:
    fields = [draw(field("data", line)) for line in event.data.split("\n")]
    if event.name != DEFAULT_NAME:
        fields.insert(draw(st.integers(0, len(fields))), draw(field("event", event.name)))
    for noise in draw(st.lists(NOISE, max_size=3)):
        fields.insert(draw(st.integers(0, len(fields))), noise)
    return [*fields, ""]


def field(name: str, value: str) -> st.SearchStrategy[str]:
    """A line; the space behind the colon may be left out where the value does not begin with one."""
    spaced = f"{name}: {value}"
    return st.just(spaced) if value.startswith(" ") else st.sampled_from([spaced, f"{name}:{value}"])


def read(pieces: Sequence[bytes]) -> list[ServerEvent]:
    reader = EventReader()
    return [event for piece in pieces for event in reader.feed(piece)]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


@given(streams(), CUTS)
@example(([ServerEvent(DEFAULT_NAME, "🌍")], "data: 🌍\r\n\r\n".encode()), [7, 8, 9, 11, 12])
def test_cuts_change_nothing(stream: tuple[list[ServerEvent], bytes], places: list[int]) -> None:
    """The events that were written are read, in whichever pieces the bytes come."""
    events, data = stream
    assert read(cut(data, places)) == events


@given(streams())
def test_a_byte_at_a_time(stream: tuple[list[ServerEvent], bytes]) -> None:
    """A cut between any two bytes, inside of a character and between CR and LF too, changes nothing."""
    events, data = stream
    assert read([data[place : place + 1] for place in range(len(data))]) == events


@given(st.lists(st.tuples(LINES, st.just(DEFAULT_NAME) | NAMES)))
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    """Encoding and reading give the events back."""
    data = b"".join(encode_event(data, name) for data, name in pairs)
    assert read([data]) == [ServerEvent(name, data) for data, name in pairs]


def test_an_event_is_told_with_its_last_byte() -> None:
    """Nothing is told before the empty line, and nothing is held back after it."""
    reader = EventReader()
    assert [reader.feed(piece) for piece in (b"data: a\n", b"data: b\n", b"\n")] == [
        [],
        [],
        [ServerEvent(DEFAULT_NAME, "a\nb")],
    ]


@pytest.mark.parametrize("data", [b"\n\n\n", b"event: end\n\n", b": data: x\n\n", b"data: x\n", b"data: x"])
def test_no_event_without_data_and_an_end(data: bytes) -> None:
    """Empty lines, comments, a name alone and what was not ended are no events."""
    assert read([data]) == []


def test_a_name_is_of_one_event() -> None:
    """A name does not pass on to the next event, not even where its own event had no data."""
    assert read([b"event: end\n\ndata: x\n\nevent: end\ndata: y\n\ndata: z\n\n"]) == [
        ServerEvent(DEFAULT_NAME, "x"),
        ServerEvent("end", "y"),
        ServerEvent(DEFAULT_NAME, "z"),
    ]


@pytest.mark.parametrize("data", [b"data: \xff\n\n", b"data: \xe2\x98\n\n", b"\xed\xa0\x80: x\n\n"])
def test_what_is_no_utf_8_is_an_error(data: bytes) -> None:
    """Bytes that are no text are not read as some other text."""
    with pytest.raises(UnicodeDecodeError):
        read([data])


@pytest.mark.parametrize("places", [[], [1], [2], [3], [4, 9]])
def test_a_byte_order_mark_is_no_part_of_the_first_event(places: list[int]) -> None:
    """One that begins the stream is skipped, as the format says; an event that it hid would be lost in silence."""
    data = b"\xef\xbb\xbf" + encode_event("first") + encode_event("second")
    assert read(cut(data, places)) == [
        ServerEvent(DEFAULT_NAME, "first"),
        ServerEvent(DEFAULT_NAME, "second"),
    ]


def test_an_empty_name_is_none() -> None:
    """An `event` line that names nothing leaves the event what it would be without."""
    assert read([b"event:\ndata: text\n\n"]) == [ServerEvent(DEFAULT_NAME, "text")]

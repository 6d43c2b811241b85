"""What counts as a legal window, as reachable, and as landed."""

from collections.abc import Sequence

import attrs
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.chronicle import BlockLine
from tests.faults.place import BLOCK_TIME_S
from tests.faults.windows import REACHABLE_S, WINDOW_BLOCKS, Span, Window, windows

FIRST = 100


def _chain(*last_updates: int) -> list[BlockLine]:
    """Blocks from `FIRST` on whose state has these last updates."""
    return [
        BlockLine(FIRST + place, (FIRST + place) * BLOCK_TIME_S, last_update, WINDOW_BLOCKS, True, 0)
        for place, last_update in enumerate(last_updates)
    ]


def _found(lines: Sequence[BlockLine], *outages: Span) -> list[Window]:
    return list(windows(lines, outages))


def _legal_from(block: int) -> int:
    """The last update after which weights may be in the block after that one."""
    return block + 1 - WINDOW_BLOCKS


def test_a_window_opens_with_the_distance_and_closes_with_the_landing() -> None:
    """Its blocks are the first after which weights are legal, and the one that has them."""
    before = _legal_from(FIRST + 2)
    found = _found(_chain(before, before, before, before, FIRST + 4, FIRST + 4))
    assert [(window.opened, window.closed, window.landed) for window in found] == [
        (FIRST + 2, FIRST + 4, FIRST + 4)
    ]


def test_weights_that_do_not_come_miss_one_window_for_each_distance() -> None:
    """Two distances without a landing are two windows missed, if no outage was on."""
    found = _found(_chain(*[_legal_from(FIRST)] * (2 * WINDOW_BLOCKS + 1)))
    assert [window.is_missed for window in found] == [True, True]


def test_a_landing_that_a_reorganisation_made_void_is_none() -> None:
    """The window goes on over it, to the landing that stands."""
    before = _legal_from(FIRST)
    lines = _chain(before, FIRST + 1, FIRST + 1)
    lines += _chain(*[before] * 5, FIRST + 5)[1:]
    assert [window.landed for window in _found(lines)] == [FIRST + 5]


def test_an_outage_excuses_what_it_covers_and_nothing_else() -> None:
    """A window that leaves less than the seconds that count on end was not reachable; one that leaves more is missed."""
    lines = _chain(*[_legal_from(FIRST)] * (WINDOW_BLOCKS + 1))
    begin_s, end_s = lines[0].at_s, lines[-1].at_s
    covered = Span(begin_s + REACHABLE_S / 2, end_s - REACHABLE_S / 2)
    late = Span(begin_s + REACHABLE_S, end_s)
    assert [window.is_missed for window in _found(lines, covered)] == [False]
    assert [window.is_missed for window in _found(lines, late)] == [True]
    assert all(window.had_outage for window in (*_found(lines, covered), *_found(lines, late)))


def test_weights_that_landed_were_never_out_of_reach() -> None:
    """A landing counts also where an outage was on all the time."""
    found = _found(_chain(_legal_from(FIRST), FIRST + 1), Span(0, 1e6))
    assert [(window.was_reachable, window.is_missed) for window in found] == [(True, False)]


def test_a_window_ends_where_weights_are_not_legal_any_more() -> None:
    """Without the permit, or under a key above ours, there is none."""
    lines = _chain(*[_legal_from(FIRST)] * 6)
    for unfit in ({"permit": False}, {"version_key": 1_000_000}):
        found = _found([*lines[:3], *(attrs.evolve(line, **unfit) for line in lines[3:])])
        assert [(window.opened, window.closed) for window in found] == [(FIRST, FIRST + 3)]
        assert [(window.is_cut_short, window.is_missed) for window in found] == [(True, False)]


_spans = st.tuples(st.integers(-5, 25), st.integers(0, 12)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


@given(st.lists(_spans, max_size=6))
def test_the_longest_free_part_is_what_counting_seconds_finds(others: list[Span]) -> None:
    """Held against a count of whole seconds that no other covers."""
    longest = current = 0
    for second in range(20):
        is_covered = any(other.begin_s < second + 1 and second < other.end_s for other in others)
        current = 0 if is_covered else current + 1
        longest = max(longest, current)
    points = [other for other in others if other.begin_s < other.end_s]
    assert Span(0, 20).free_of(points) == longest

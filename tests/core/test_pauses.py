"""Waiting before trying again."""

from hypothesis import given
from hypothesis import strategies as st

from core.pauses import LONGEST_S, back_off_s


def test_the_first_pauses_double() -> None:
    """1, 2, 4 seconds, and so on."""
    assert [back_off_s(attempt) for attempt in range(4)] == [1.0, 2.0, 4.0, 8.0]


@given(st.integers(0, 10**9))
def test_no_pause_is_longer_than_a_minute(attempt: int) -> None:
    """However often it failed, and without overflow."""
    assert 1 <= back_off_s(attempt) <= back_off_s(attempt + 1) <= LONGEST_S == 60

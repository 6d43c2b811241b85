"""Statistics that are reckoned value by value are those of all values, up to their cap."""

from statistics import NormalDist, fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulation.watch.measured import MOST, Measured


@given(st.lists(st.lists(st.floats(-1e3, 1e3), max_size=8), max_size=8), st.floats(-1e3, 1e3))
def test_statistics_are_those_of_all_values(batches: list[list[float]], x: float) -> None:
    """Value by value the statistics come to what the whole of the values has."""
    measured = Measured()
    for batch in batches:
        measured.take(batch)
    values = [value for batch in batches for value in batch]
    if not values:
        assert measured.share_below(x) == 0
    elif len(set(values)) == 1:
        assert measured.share_below(values[0]) == 0.5
    elif (spread := pstdev(values)) > 1e-3:
        expected = NormalDist(fmean(values), spread).cdf(x)
        assert measured.share_below(x) == pytest.approx(expected, abs=1e-8)


def test_statistics_fade_beyond_their_cap() -> None:
    """So many values count at most: a new level is the only one that is left after some time."""
    measured = Measured()
    measured.take([0.0] * MOST)
    for _ in range(100):
        measured.take([9.0, 11.0] * 200)
    assert measured.share_below(10.0) == pytest.approx(0.5, abs=0.01)

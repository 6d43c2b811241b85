"""Running normalisation: batches add up, and every finite input has a defined outcome."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.normalise import COUNT_CAP, Normaliser

RAW = st.floats(-1e6, 1e6)
BATCHES = st.lists(st.lists(RAW, max_size=8), max_size=12)


def merged(batches: list[list[float]]) -> Normaliser:
    normaliser = Normaliser()
    for batch in batches:
        normaliser = normaliser.merge(batch)
    return normaliser


@given(BATCHES)
def test_batches_add_up_to_the_whole(batches: list[list[float]]) -> None:
    """Mean and population variance are those of all values at once, recounted in fractions."""
    values = [Fraction(x) for batch in batches for x in batch]
    normaliser = merged(batches)
    assert normaliser.count == len(values)
    if values:
        mean = sum(values) / len(values)
        variance = sum((x - mean) ** 2 for x in values) / len(values)
        scale = max(1.0, *(abs(float(x)) for x in values))
        assert math.isclose(normaliser.mean, mean, rel_tol=1e-9, abs_tol=1e-9 * scale)
        assert math.isclose(normaliser.variance, variance, rel_tol=1e-9, abs_tol=1e-9 * scale**2)


@given(BATCHES, RAW)
def test_the_outcome_is_always_a_share(batches: list[list[float]], x: float) -> None:
    """Whatever came before, a finite score becomes a number from 0 to 1, never NaN."""
    assert 0 <= merged(batches).normalise(x) <= 1


@given(BATCHES, RAW, RAW)
def test_order_is_kept(batches: list[list[float]], x: float, y: float) -> None:
    """A higher raw score never gets less."""
    normaliser = merged(batches)
    low, high = sorted((x, y))
    assert normaliser.normalise(low) <= normaliser.normalise(high)


def test_without_a_measurement_a_score_is_worth_nothing() -> None:
    """It can only be a sentinel."""
    assert Normaliser().normalise(3.0) == 0.0


@pytest.mark.parametrize(("x", "share"), [(1.9, 0.0), (2.0, 0.5), (2.1, 1.0)])
@pytest.mark.parametrize("batch", [[2.0], [2.0, 2.0, 2.0]])
def test_zero_variance_is_defined(batch: list[float], x: float, share: float) -> None:
    """One value, or equal ones: 0.5 at the mean, else all or nothing."""
    assert Normaliser().merge(batch).normalise(x) == share


def test_a_variance_too_small_for_a_deviation_is_zero() -> None:
    """The smallest numbers that a float holds divide nothing by nothing."""
    assert Normaliser(3, 2.0, 5e-324).normalise(2.0) == 0.5
    assert Normaliser(3, 2.0, 5e-324).normalise(3.0) == 1.0


def test_one_deviation_above_the_mean() -> None:
    """Two values: mean 0, population deviation 1; the normal distribution has 84.13 % below +1."""
    assert Normaliser().merge([-1.0, 1.0]).normalise(1.0) == pytest.approx(0.841344746)


def test_an_empty_batch_changes_nothing() -> None:
    """A step that measured nothing leaves the statistics alone."""
    normaliser = Normaliser().merge([1.0, 5.0])
    assert normaliser.merge([]) is normaliser


def test_old_scores_fade() -> None:
    """The count is capped, so that what is new moves the mean for ever."""
    normaliser = Normaliser().merge([0.0] * 10_000)
    assert normaliser.count == COUNT_CAP
    for _ in range(2 * COUNT_CAP):
        normaliser = normaliser.merge([1.0])
    assert normaliser.mean == pytest.approx(1 - math.exp(-2), abs=0.01)


@pytest.mark.parametrize("value", [0.1, 0.7, -11.3, 3.8566131003])
@pytest.mark.parametrize("counts", [(3,), (7, 1), (1, 3), (3, 10, 17)])
def test_equal_scores_are_at_the_mean(value: float, counts: tuple[int, ...]) -> None:
    """However their sum is rounded: no variance, and each is half way. Before logic version 5 rounding could leave some."""
    normaliser = Normaliser()
    for count in counts:
        normaliser = normaliser.merge([value] * count)
    assert (normaliser.variance, normaliser.normalise(value)) == (0, 0.5)


def test_old_journals_keep_what_rounding_left() -> None:
    """By the rule of before, three equal scores could be below their own mean."""
    old = Normaliser().merge([0.1] * 3, equal_has_no_variance=False)
    assert old.variance > 0
    assert old.normalise(0.1) < 0.2

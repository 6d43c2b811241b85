"""Weights as the chain takes them."""

import math
from collections.abc import Mapping
from itertools import pairwise, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.quantise import FULL, padded, quantised
from core.types import Row, Uid

ONE = 1 << 32
WEIGHTS = st.dictionaries(st.integers(0, 1023).map(Uid), st.floats(1e-12, 1.0), min_size=1, max_size=60)
SIZES = (1, 2, 3, 64, 256, 1024)


def chain_accepts(row: Row, limit_u16: int) -> bool:
    """The chain's own check in its own arithmetic (I32F32): largest share of the sum at most the limit over 65535."""
    values = [value for _, value in row]
    largest = max(values) * ONE * ONE // (sum(values) * ONE)
    return limit_u16 == FULL or largest <= limit_u16 * ONE // FULL


def falling(count: int) -> Mapping[Uid, float]:
    """Weights that fall by a tenth each, so that the first have nearly all."""
    return {Uid(uid): 0.9**uid for uid in range(count)}


@given(WEIGHTS)
def test_without_a_limit_the_largest_is_65535_and_all_are_in_proportion(weights: dict[Uid, float]) -> None:
    """Each value is its share of the largest, rounded to nearest; what rounds to 0 is left out."""
    row, top = quantised(weights, FULL), max(weights.values())
    assert row is not None
    given_values = dict(row)
    assert max(given_values.values()) == FULL
    assert list(given_values) == sorted(given_values)
    for uid, weight in weights.items():
        assert abs(given_values.get(uid, 0) - weight / top * FULL) <= 0.5


@given(WEIGHTS, st.integers(1, FULL))
def test_what_is_sent_keeps_the_limit_by_the_chains_own_check(
    weights: dict[Uid, float], limit_u16: int
) -> None:
    """To the last unit; and only where so few uids cannot keep it, there is nothing to send."""
    row = quantised(weights, limit_u16)
    assert (row is None) == (len(weights) * limit_u16 < FULL)
    if row is not None:
        assert chain_accepts(row, limit_u16)
        assert max(value for _, value in row) == FULL


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("times", [1.0, 1.001, 1.5, 10.0])
def test_a_tight_limit_is_kept_for_any_number_of_uids(count: int, times: float) -> None:
    """From a limit that only equal shares keep to one that hardly binds, for 1 to 1024 uids with most of the weight on few."""
    limit_u16 = min(FULL, math.ceil(FULL / count * times))
    row = quantised(falling(count), limit_u16)
    assert row is not None
    assert chain_accepts(row, limit_u16)


@pytest.mark.parametrize("limit_u16", [2_000, 4_000, 6_400])
def test_clipping_takes_from_the_largest_alone(limit_u16: int) -> None:
    """The cut ones are equal, the others keep their proportions, and the cut ones have all that the limit lets them have."""
    weights = falling(40)
    row = dict(quantised(weights, limit_u16) or ())
    total = sum(row.values())
    cut = [uid for uid, value in row.items() if value == FULL]
    kept = [uid for uid in row if uid not in cut]
    assert cut == sorted(weights)[: len(cut)]
    assert FULL / total == pytest.approx(limit_u16 / FULL, rel=1e-3)
    for first, second in pairwise(kept[:6]):
        assert row[second] / row[first] == pytest.approx(0.9, abs=0.005)


@pytest.mark.parametrize(
    ("weights", "limit_u16"),
    [
        ({7: 4e-05, 3: 5e-05, 6: 0.7075000172582991, 8: 0.06728652724760886, 0: 0.5}, 31_060),
        ({5: 9e-05, 2: 8e-05, 4: 0.7561462741500011, 6: 0.5, 3: 3e-05, 7: 0.5}, 25_501),
    ],
)
def test_what_rounding_has_lost_lifts_nobody_past_another(weights: dict[int, float], limit_u16: int) -> None:
    """It goes back to the largest that have room; a unit more on a small one would make it more than the next."""
    row = dict(quantised({Uid(uid): weight for uid, weight in weights.items()}, limit_u16) or ())
    for (low, less), (high, more) in permutations(weights.items(), 2):
        assert less >= more or row[Uid(low)] <= row[Uid(high)]


@given(WEIGHTS, st.integers(1, FULL))
@example({Uid(8): 0.8397, Uid(1): 0.3761, Uid(4): 0.5, Uid(3): 0.5, Uid(2): 3e-05}, 20_036)
@example({Uid(8): 0.1198, Uid(2): 6e-05, Uid(1): 6e-05}, 30_829)
def test_the_order_in_which_weights_come_does_not_matter(weights: dict[Uid, float], limit_u16: int) -> None:
    """Also between equals: the last unit goes to the lower uid."""
    backwards = dict(reversed(weights.items()))
    assert quantised(backwards, limit_u16) == quantised(weights, limit_u16)


def test_no_distribution_over_too_few_uids_is_made_up() -> None:
    """Three uids cannot each have at most a quarter."""
    assert quantised({Uid(1): 1.0, Uid(2): 1.0, Uid(3): 1.0}, FULL // 4) is None
    assert quantised({Uid(uid): 1.0 for uid in range(4)}, -(-FULL // 4)) is not None


@given(WEIGHTS, st.integers(0, 2000), st.integers(1, 1024))
def test_missing_entries_are_explicit_zeros(weights: dict[Uid, float], least: int, size: int) -> None:
    """Until there are as many as wanted, or as there are uids; nothing that was there changes."""
    row = tuple((uid, value) for uid, value in quantised(weights, FULL) or () if uid < size)
    filled = padded(row, least, [Uid(uid) for uid in range(size)])
    assert len(filled) == max(len(row), min(least, size))
    assert [uid for uid, _ in filled] == sorted({uid for uid, _ in filled})
    assert tuple(entry for entry in filled if entry[1]) == row

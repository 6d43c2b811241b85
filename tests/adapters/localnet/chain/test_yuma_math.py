"""The numbers below Yuma Consensus, against the results of subtensor's own tests (pallets/subtensor/src/tests/math.rs)."""

import math
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain.fixed import MOST_EXPONENT, ONE, U16_MAX, exp, quotient
from adapters.localnet.chain.yuma.bonds import stored_bonds
from adapters.localnet.chain.yuma.liquid import Speeds, liquid_row
from adapters.localnet.chain.yuma.median import consensus, weighted_median
from adapters.localnet.chain.yuma.stakes import validator_permits
from adapters.localnet.chain.yuma.weights import bond_weights


def fixed(value: float) -> int:
    return round(value * ONE)


def single(value: float) -> float:
    """The value as a 32-bit float holds it: so some of the chain's tests write their inputs."""
    held: float = struct.unpack("f", struct.pack("f", value))[0]
    return held


@pytest.mark.parametrize(
    ("steepness", "inputs", "expected"),
    [
        (3_000, (0.4, 0.5, 0.6), (0.0474258729, 0.5, 0.952574127)),
        (
            4_000,
            tuple(single(tenth / 10) for tenth in range(11)),
            (
                0.0000000019,
                0.0000001125,
                0.0000061442,
                0.0003353502,
                0.017986214,
                0.5,
                0.9820138067,
                0.9996646498,
                0.9999938558,
                0.9999998875,
                0.9999999981,
            ),
        ),
    ],
)
def test_the_sigmoid_is_the_chains_to_the_last_bit(
    steepness: int, inputs: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    """Between the bounds 0 and 1, liquid alpha is the sigmoid that `test_math_sigmoid_safe` records."""
    speeds = Speeds(0, U16_MAX, steepness)

    assert [speeds[fixed(value)] for value in inputs] == [fixed(value) for value in expected]


def test_exponents_are_kept_within_twenty() -> None:
    """Beyond 20 on either side nothing changes any more; 0 gives 1 (`test_math_exp_safe`)."""
    assert exp(0) == ONE
    assert exp(MOST_EXPONENT + ONE) == exp(MOST_EXPONENT) == exp(2**63)
    assert exp(-MOST_EXPONENT - ONE) == exp(-MOST_EXPONENT) == exp(-(2**63))


@given(st.integers(-12 * ONE, 12 * ONE))
def test_the_exponential_is_close_to_the_true_one(x: int) -> None:
    """Thirty-one terms and 32 binary places are enough up to 12; below 0 the last place is what is lost."""
    assert exp(x) / ONE == pytest.approx(math.exp(x / ONE), rel=1e-5, abs=2 / ONE)


def test_e_itself_has_23_binary_places() -> None:
    """The chain takes e from a table that is coarser than its numbers, and so jumps there."""
    assert exp(ONE) == math.floor(math.e * 2**23) << 9
    assert exp(ONE - 1) > exp(ONE)


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(7, 2, 3.5), (-7, 2, -3.5), (7, -2, -3.5), (-7, -2, 3.5), (1, 0, 0), (-1, 0, 0)]
)
def test_a_negative_quotient_has_the_size_of_the_positive_one(a: int, b: int, expected: float) -> None:
    """Division goes towards zero, whatever the signs."""
    assert quotient(a, b) == fixed(expected)
    assert quotient(-1, 3) == -quotient(1, 3)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            (0.1, 0.2, 3, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12),
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
            (0.19, 0.38, 1, 0.436, 0.545, 0.6539, 0.763, 0.8719, 0.981, 1, 1, 1),
        ),
        (
            (0.001, 0.002, 0.003, 0.004, 0.05, 0.006, 0.007, 0.008, 0.009, 0.01, 0.011, 0.012),
            (0.1, 0.2, 3, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11, 0.12),
            (0.0109, 0.0218, 0.3027, 0.0076, 0.05, 0.0114, 0.0133, 0.0152, 0.017, 0.019, 0.0209, 0.0227),
        ),
        ((1, 0, 0, 0), (0, 0, 2, 0), (0.9, 0, 0.2, 0)),
    ],
)
def test_bonds_move_by_their_speed_up_to_one(
    old: Sequence[float], new: Sequence[float], expected: Sequence[float]
) -> None:
    """A tenth of the new and nine of the old, never more than 1 (`test_math_mat_ema_alpha`, `test_math_sparse_mat_ema_alpha`)."""
    tenth = Speeds(U16_MAX // 10, U16_MAX // 10, 1_000)
    past, row = (dict(enumerate(map(fixed, values))) for values in (old, new))

    moved = liquid_row(row, past, [0] * len(new), tenth)

    assert [moved.get(uid, 0) / ONE for uid in row] == pytest.approx(expected, abs=1e-3)


def test_where_the_weight_is_gone_the_bond_is_gone() -> None:
    """A bond without an entry in the row leaves nothing, as in the last case of `test_math_sparse_mat_ema_alpha`."""
    tenth = Speeds(U16_MAX // 10, U16_MAX // 10, 1_000)

    assert liquid_row({}, {0: ONE}, [0], tenth) == {}


def test_the_speed_does_not_see_entries_behind_a_higher_uid() -> None:
    """In a row out of order the chain overlooks the later entry when it decides on the speed, and moves the bond all the same."""
    speeds = Speeds(U16_MAX // 10, U16_MAX * 9 // 10, 1_000)
    half = ONE // 2

    ordered = liquid_row({1: half, 2: half}, {}, [0] * 3, speeds)
    reversed_row = liquid_row({2: half, 1: half}, {}, [0] * 3, speeds)

    assert reversed_row[2] == ordered[2]
    assert reversed_row[1] == speeds[0] * half >> 32
    assert ordered[1] == speeds[half] * half >> 32
    assert list(reversed_row) == [2, 1]


@given(
    low=st.integers(0, U16_MAX),
    high=st.integers(0, U16_MAX),
    steepness=st.integers(0, 32_767),
    distances=st.tuples(st.integers(0, ONE), st.integers(0, ONE)),
)
def test_speed_lies_between_its_bounds_and_grows_with_distance(
    low: int, high: int, steepness: int, distances: tuple[int, int]
) -> None:
    """Who is further away moves at least as fast; the last bits of the exponential apart."""
    low, high = sorted((low, high))
    near, far = sorted(distances)
    speeds = Speeds(low, high, steepness)

    assert (low << 32) // U16_MAX <= speeds[near] <= (high << 32) // U16_MAX
    assert speeds[near] <= speeds[far] + 2**12


@pytest.mark.parametrize(
    ("stake", "scores", "expected"),
    [
        ((), (), 0),
        ((1,), (1,), 1),
        ((0.49, 0, 0.51), (0.5, 0.7, 1), 1),
        ((0, 0.49, 0.51), (0.5, 0.7, 1), 1),
        ((0, 0.49, 0, 0.51), (0.5, 0.5, 1, 1), 1),
        ((0, 0.49, 0, 0.51, 0), (0.5, 0.5, 1, 1, 0.5), 1),
    ],
)
def test_more_medians_are_the_chains(
    stake: tuple[float, ...], scores: tuple[float, ...], expected: float
) -> None:
    """The rest of `test_math_weighted_median`: nobody, one voter, voters without stake in every place."""
    found = weighted_median([fixed(x) for x in stake], [fixed(x) for x in scores], fixed(0.51))

    assert found == fixed(expected)


def test_nobody_agrees_where_nobody_votes() -> None:
    """Without stake, consensus is 0 everywhere (`test_math_weighted_median_col_sparse`)."""
    assert consensus([0, 0], [{0: ONE}, {1: ONE}], fixed(0.5)) == (0, 0)
    assert consensus([], [], fixed(0.5)) == ()


@pytest.mark.parametrize(
    ("values", "most", "expected"),
    [
        (range(1, 11), 0, ""),
        (range(1, 11), 5, "5 6 7 8 9"),
        (range(1, 11), 10, "0 1 2 3 4 5 6 7 8 9"),
        (range(1, 11), 100, "0 1 2 3 4 5 6 7 8 9"),
        (range(10, 0, -1), 5, "0 1 2 3 4"),
        ((9, 1, 8, 2, 7, 3, 6, 4, 5, 4), 5, "0 2 4 6 8"),
        ((1, 1, 2, 3, 4, 5, 5, 5, 5, 6), 5, "5 6 7 8 9"),
        ((1, 1, 2, 3, 5, 5, 5, 5, 4, 6), 4, "5 6 7 9"),
    ],
)
def test_permits_go_to_the_largest_shares(values: Sequence[int], most: int, expected: str) -> None:
    """The largest, and of equal ones those with the higher uids (`test_math_is_topk`)."""
    permits = validator_permits(values, most)

    assert [uid for uid, permit in enumerate(permits) if permit] == [int(uid) for uid in expected.split()]


@given(
    given_weights=st.lists(st.integers(0, ONE), min_size=4, max_size=4),
    median=st.lists(st.integers(0, ONE), min_size=4, max_size=4),
    penalty=st.integers(1, U16_MAX - 1),
)
def test_a_penalty_in_between_gives_weights_in_between(
    given_weights: list[int], median: list[int], penalty: int
) -> None:
    """Weights that bonds grow on lie between the clipped and the given ones, and only positive ones stay (`test_math_interpolate_sparse`)."""
    row = dict(enumerate(given_weights))
    cut = {uid: min(value, median[uid]) for uid, value in row.items()}

    (between,) = bond_weights([row], [cut], penalty)

    assert all(cut[uid] <= between.get(uid, 0) <= value for uid, value in row.items())
    assert all(value > 0 for value in between.values())
    assert bond_weights([row], [cut], 0) == [row]
    assert bond_weights([row], [cut], U16_MAX) == [cut]


def test_bonds_are_stored_for_who_has_a_permit() -> None:
    """Fractions become u16, rounded down; a row without a permit is emptied."""
    assert stored_bonds([{1: ONE}, {0: ONE // 2}], (False, True)) == ({}, {0: 32_767})

"""Largest shares of weights."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.chain.limits import FULL, clipped, fits
from core.types import Uid

weight_sets = st.dictionaries(st.integers(0, 255).map(Uid), st.floats(1e-6, 1.0), min_size=1, max_size=64)


@given(weight_sets, st.integers(1, FULL))
def test_clipped_weights_keep_the_limit_where_any_weights_can(weights: dict[Uid, float], limit: int) -> None:
    """As long as equal weights would keep the limit, clipped ones do, in the integers that the chain gets."""
    if fits(dict.fromkeys(weights, 1.0), limit):
        assert fits(clipped(weights, limit), limit)


@given(weight_sets, st.integers(1, FULL))
def test_clipping_keeps_uids_and_their_order(weights: dict[Uid, float], limit: int) -> None:
    """No uid is lost or gained, and none overtakes another."""
    bounded = clipped(weights, limit)
    assert bounded.keys() == weights.keys()
    ranked = sorted(weights, key=lambda uid: weights[uid])
    assert all(bounded[low] <= bounded[high] for low, high in pairwise(ranked))


def test_what_lies_above_the_limit_goes_to_the_others_in_proportion() -> None:
    """With a limit of one half, a weight of nine tenths becomes a half, and the others keep their ratio."""
    bounded = clipped({Uid(0): 0.9, Uid(1): 0.075, Uid(2): 0.025}, FULL // 2)
    total = sum(bounded.values())
    assert abs(bounded[Uid(0)] / total - 0.5) < 1e-3
    assert abs(bounded[Uid(1)] / bounded[Uid(2)] - 3) < 1e-9


def test_weights_within_the_limit_are_left_alone() -> None:
    """What fits is sent as it is."""
    weights = {Uid(3): 0.5, Uid(4): 0.5}
    assert clipped(weights, FULL) == weights
    assert clipped(weights, FULL // 2 + 1) == weights

"""Which faults a seed brings."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.chain.faults import ALL_KINDS
from tests.faults.plan import BRIEF_LENGTH_S, LONGEST_AIM_MS, at_random, each_once

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_every_kind_comes_in_every_round(seed: int) -> None:
    """Three rounds hold each kind three times, the same for the same seed, some of them aimed."""
    strokes = list(islice(at_random(seed), 3 * len(ALL_KINDS)))
    for begin in range(0, len(strokes), len(ALL_KINDS)):
        assert {type(stroke.fault) for stroke in strokes[begin : begin + len(ALL_KINDS)]} == set(ALL_KINDS)
    assert strokes == list(islice(at_random(seed), len(strokes)))
    assert all(stroke.pause_s >= 0 for stroke in strokes)
    aims = [stroke.after_arrival_s for stroke in strokes if stroke.after_arrival_s is not None]
    assert 0 < len(aims) < len(strokes)
    assert max(aims) <= LONGEST_AIM_MS / 1_000


@given(SEEDS)
def test_a_brief_run_has_each_kind_once(seed: int) -> None:
    """None of them lasts longer than there is time."""
    strokes = list(each_once(seed))
    assert sorted(type(stroke.fault).__name__ for stroke in strokes) == sorted(
        kind.__name__ for kind in ALL_KINDS
    )
    assert all(stroke.lasts_s <= BRIEF_LENGTH_S for stroke in strokes)

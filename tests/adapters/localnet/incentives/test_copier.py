"""What a weight copier sets, from what it sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.incentives.copier import Seen, copied
from core.types import Uid

uids = st.integers(0, 9).map(Uid)
rows = st.dictionaries(uids, st.floats(0.001, 1.0), max_size=10)
seen = st.lists(st.builds(Seen, stake=st.floats(0.0, 1000.0), weights=rows), max_size=6)


def row(**weights: float) -> dict[Uid, float]:
    return {Uid(int(name[1:])): weight for name, weight in weights.items()}


def test_the_median_is_what_most_stake_supports() -> None:
    """Per uid the largest weight that more than half of all stake gives at least."""
    others = [Seen(1.0, row(u1=0.2)), Seen(1.0, row(u1=0.4)), Seen(1.0, row(u1=0.6))]
    assert copied(others) == row(u1=0.4)
    assert copied([*others, Seen(2.0, row(u1=0.9))]) == row(u1=0.6)


def test_one_validator_is_copied_as_it_is() -> None:
    """Where one validator alone shows weights, they are the copy."""
    assert copied([Seen(5.0, row(u1=0.25, u2=0.75))]) == row(u1=0.25, u2=0.75)


def test_a_colluders_weight_is_no_consensus() -> None:
    """What a minority gives to a uid that nobody else weighs must not be copied."""
    honest = [Seen(1.0, row(u1=0.5, u2=0.5)) for _ in range(3)]
    assert copied([*honest, Seen(1.0, row(u7=1.0))]) == row(u1=0.5, u2=0.5)


def test_disagreement_is_copied_as_the_mean() -> None:
    """Where no uid has a majority the copy must be the stake-weighted mean."""
    others = [Seen(1.0, row(u1=1.0)), Seen(3.0, row(u2=0.5, u3=0.5)), Seen(3.0, row(u4=1.0))]
    assert copied(others) == pytest.approx({1: 1 / 7, 2: 1.5 / 7, 3: 1.5 / 7, 4: 3 / 7})


def test_nothing_to_see_is_nothing_to_copy() -> None:
    """Nobody, nobody with weights, nobody with stake: no weights at all."""
    assert copied([]) == {}
    assert copied([Seen(1.0, {})]) == {}
    assert copied([Seen(0.0, row(u1=1.0))]) == {}


@given(seen)
def test_a_copy_is_within_what_was_seen(others: list[Seen]) -> None:
    """Weights must be positive, for uids that somebody weighs, and never above the largest that anybody gives."""
    for uid, weight in copied(others).items():
        given_to_it = [other.weights.get(uid, 0.0) for other in others if other.stake > 0]
        assert 0 < weight <= max(given_to_it) * (1 + 1e-9)


@given(seen)
def test_whoever_shows_weights_is_copied(others: list[Seen]) -> None:
    """There must be a copy exactly where somebody with stake shows weights."""
    assert bool(copied(others)) == any(other.stake > 0 and other.weights for other in others)

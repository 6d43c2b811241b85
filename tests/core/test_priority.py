"""Which waiting request is answered next."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.callers import Callers, callers_of
from core.priority import largest_stake_tao, priority, priority_of, stake_share
from core.types import Hotkey
from tests.core.builders import OWN, metagraph

PATIENCE_S = 4.0
SHARES = st.floats(0, 1)
TIMES = st.floats(0, 1e6)


def staked(*stakes_tao: float) -> Callers:
    """Hotkeys hk1, hk2.. with these stakes."""
    graph = metagraph(range(1, len(stakes_tao) + 1), registered=False)
    neurons = tuple(
        attrs.evolve(neuron, stake_tao=stake) for neuron, stake in zip(graph.neurons, stakes_tao, strict=True)
    )
    return callers_of(attrs.evolve(graph, neurons=neurons))


def order(callers: Callers, waiting: list[tuple[Hotkey, float]]) -> list[tuple[Hotkey, float]]:
    """Who is answered after whom, if each goes when it has the highest priority; (hotkey, when it came)."""
    left, now_s, gone = list(waiting), 1e4, []
    largest = largest_stake_tao(callers)
    while left:
        chosen = max(left, key=lambda one: priority_of(callers, largest, one[0], now_s - one[1], PATIENCE_S))
        left.remove(chosen)
        gone.append(chosen)
        now_s += 1
    return gone


@given(SHARES, SHARES, TIMES)
def test_more_stake_goes_first_among_those_who_came_together(
    one: float, other: float, waited_s: float
) -> None:
    """With equal waiting time priority never falls with stake."""
    low, high = sorted((one, other))
    assert priority(high, waited_s, PATIENCE_S) >= priority(low, waited_s, PATIENCE_S)


@given(
    st.lists(st.floats(0, 1e9), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 7), st.floats(0, 30)), min_size=2, max_size=20, unique=True),
)
def test_nobody_is_passed_by_who_came_later_than_the_bound(
    stakes: list[float], waiting: list[tuple[int, float]]
) -> None:
    """Whatever the stakes: a request is answered before all that came more than the patience after it. Nobody starves."""
    gone = order(staked(*stakes), [(Hotkey(f"hk{who}"), came_s) for who, came_s in waiting])
    for place, (_, came_s) in enumerate(gone):
        assert all(came_s <= later_s + PATIENCE_S + 1e-6 for _, later_s in gone[place + 1 :])


def test_stake_is_worth_as_much_waiting_as_its_share() -> None:
    """Half of the largest stake passes a stranger who came up to half the patience earlier, and none who came before that."""
    callers = staked(1000.0, 500.0)
    half, stranger = Hotkey("hk2"), Hotkey("nobody")
    assert order(callers, [(stranger, 0.0), (half, 1.9)])[0][0] == half
    assert order(callers, [(stranger, 0.0), (half, 2.1)])[0][0] == stranger


@pytest.mark.parametrize(
    ("stake_tao", "largest_tao", "share"),
    [(0, 0, 0), (5, 0, 0), (5, 10, 0.5), (0.1, 0.4, 0.25), (20, 10, 1), (-1, 10, 0)],
)
def test_a_share_is_between_none_and_all(stake_tao: float, largest_tao: float, share: float) -> None:
    """Also of a subnet without stake, and of stakes that a newer reading shows above the largest."""
    assert stake_share(stake_tao, largest_tao) == share


def test_before_anything_is_known_waiting_alone_counts() -> None:
    """Without a metagraph all callers are equal."""
    assert largest_stake_tao({}) == 0
    assert priority_of(None, 0.0, OWN, 2.0, PATIENCE_S) == priority_of(
        None, 0.0, Hotkey("x"), 2.0, PATIENCE_S
    )

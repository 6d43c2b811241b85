"""A weight belongs to a hotkey, whatever uid it holds."""

from collections.abc import Mapping, Sequence

import attrs
from hypothesis import given
from hypothesis import strategies as st

from core.state import State
from core.submission import Terms, row_for
from core.types import Block, Hotkey, Limits, WeightsRefused
from core.weights import vector
from tests.core.builders import OWN, config
from tests.incentive.judging import BOUNDED, SHARES, graph_of

AT_S = 1_000.0
Shuffled = tuple[Mapping[Hotkey, float], Sequence[Hotkey], Sequence[Hotkey]]


def _shuffled(scores: Mapping[Hotkey, float]) -> st.SearchStrategy[Shuffled]:
    order = st.permutations(list(scores))
    return st.tuples(st.just(scores), order, order)


# Averages, and two orders in which their hotkeys may have the uids.
SHUFFLED = st.dictionaries(
    st.integers(1, 60).map(lambda i: Hotkey(f"hk{i}")), SHARES, min_size=1, max_size=12
).flatmap(_shuffled)


def weights(scores: Mapping[Hotkey, float], hotkeys: Sequence[Hotkey]) -> dict[Hotkey, float]:
    state = State(config(), graph_of(hotkeys), scores=scores)
    owner = {neuron.uid: neuron.hotkey for neuron in state.metagraph.neurons}
    return {owner[uid]: weight for uid, weight in vector(state)}


def row(
    scores: Mapping[Hotkey, float], hotkeys: Sequence[Hotkey], limits: Limits
) -> dict[Hotkey, int] | WeightsRefused:
    """What is sent, by hotkey, without what is filled up with 0."""
    shares = vector(State(config(), graph_of(hotkeys), scores=scores))
    terms = attrs.evolve(TERMS, limits=limits, hotkeys=(OWN, *hotkeys))
    owners = [terms.hotkeys[uid] for uid, _ in shares]
    found = row_for(shares, owners, terms, version_key=0, now_s=AT_S)
    if isinstance(found, WeightsRefused):
        return found
    return {terms.hotkeys[uid]: value for uid, value in found if value}


@BOUNDED
@given(SHUFFLED)
def test_permuting_uids_permutes_weights(shuffled: Shuffled) -> None:
    """Each hotkey keeps its weight to the last bit."""
    scores, one, another = shuffled
    assert weights(scores, one) == weights(scores, another)


@BOUNDED
@given(SHUFFLED, st.integers(0, 20))
def test_permuting_uids_permutes_the_row(shuffled: Shuffled, least: int) -> None:
    """So it is with what is sent; uids that fill up a row have nothing."""
    scores, one, another = shuffled
    limits = Limits(Block(1), min_allowed_weights=least)
    assert row(scores, one, limits) == row(scores, another, limits)


@BOUNDED
@given(SHUFFLED, st.integers(5_000, 65_535))
def test_under_a_limit_only_rounding_goes_by_uid(shuffled: Shuffled, limit_u16: int) -> None:
    """What rounding has lost is put back on the largest, of equals on the lowest uid: the values are the same, and whose they are
    changes by no more than that: half a unit for each that has a weight, and one.
    """
    scores, one, another = shuffled
    limits = Limits(Block(1), max_weight_u16=limit_u16)
    here, there = row(scores, one, limits), row(scores, another, limits)
    if isinstance(here, WeightsRefused) or isinstance(there, WeightsRefused):
        assert here == there
        return
    assert sorted(here.values()) == sorted(there.values())
    assert here.keys() == there.keys()
    assert all(abs(here[hotkey] - there[hotkey]) <= len(here) / 2 + 1 for hotkey in here)


TERMS = Terms(
    limits=Limits(Block(1)), at_s=AT_S, hotkeys=(), own_uid=graph_of([]).neurons[0].uid, has_permit=True
)

"""Whoever takes a uid starts at 0, and so does whoever comes back."""

from collections.abc import Mapping

import attrs
from hypothesis import given
from hypothesis import strategies as st

from core.effects import ReadMetagraph
from core.events import BlockSeen, MetagraphRead
from core.types import Block, Hotkey, Uid
from core.weights import vector
from tests.core.builders import metagraph
from tests.core.checks import CheckedMachine
from tests.core.scripted import running
from tests.incentive.judging import BOUNDED

# Few hotkeys and few uids, so that hotkeys are replaced, move, leave and come back often.
HOTKEYS = st.sampled_from([f"hk{i}" for i in range(1, 7)])
REGISTERED = st.dictionaries(st.integers(1, 5), HOTKEYS, max_size=5).filter(
    lambda found: len(set(found.values())) == len(found)
)


def read(machine: CheckedMachine, registered: Mapping[int, str]) -> None:
    """Let the chain be seen a checkpoint later, with these hotkeys by uid."""
    machine.step(BlockSeen(1.0, Block(machine.state.head + 100)))
    (asked,) = (effect for effect in machine.under_way.values() if isinstance(effect, ReadMetagraph))
    graph = metagraph(registered, hotkeys=registered, block=machine.state.head)
    machine.step(MetagraphRead(2.0, asked.effect_id, graph))


def give_everybody_a_score(machine: CheckedMachine) -> None:
    """As if each that is registered had earned, the later ones more."""
    hotkeys = [neuron.hotkey for neuron in machine.state.metagraph.neurons[1:]]
    scores = {hotkey: 0.1 * i for i, hotkey in enumerate(hotkeys, start=1)}
    machine.state = attrs.evolve(machine.state, scores=scores)


@BOUNDED
@given(st.lists(REGISTERED, min_size=2, max_size=6))
def test_who_was_not_there_starts_at_zero(graphs: list[dict[int, str]]) -> None:
    """Whoever stays keeps its score, whatever uid it moves to; all others have none, and no weight."""
    machine = running(metagraph(graphs[0], hotkeys=graphs[0]))
    for graph in graphs:
        was = dict(machine.state.scores)
        read(machine, graph)
        kept = {hotkey: score for hotkey, score in was.items() if hotkey in graph.values()}
        assert machine.state.scores == kept
        assert {graph[uid] for uid, _ in vector(machine.state)} == kept.keys()
        give_everybody_a_score(machine)


def test_who_comes_back_starts_at_zero() -> None:
    """To have been there, at the same uid and with the best score, counts for nothing after one reading without it."""
    machine = running(metagraph([1, 2]))
    give_everybody_a_score(machine)
    assert machine.state.scores[Hotkey("hk2")] == 0.2
    read(machine, {1: "hk1", 2: "new"})
    assert machine.state.scores == {"hk1": 0.1}
    read(machine, {1: "hk1", 2: "hk2"})
    assert machine.state.scores == {"hk1": 0.1}
    assert vector(machine.state) == ((Uid(1), 1.0),)

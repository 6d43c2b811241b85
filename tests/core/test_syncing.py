"""Reading the metagraph, and what changes with it."""

import attrs
import pytest

from core.config import NeuronConfig
from core.effects import DrawContext, ReadMetagraph, ServeAxon, Sleep
from core.events import AxonServed, BlockSeen, EffectFailed, MetagraphRead, Slept, Started
from core.records import MetagraphChanged, Notice
from core.state import AxonIdle, Running, State, Stopped, SyncIdle, SyncReading
from core.syncing import is_due, replaced
from core.types import Block, Hotkey, Metagraph, Wire
from core.version import LOGIC_VERSION
from tests.core.builders import config, metagraph
from tests.core.checks import CheckedMachine
from tests.core.scripted import expect, records, running


def read_again(machine: CheckedMachine, graph: Metagraph) -> tuple[MetagraphChanged, ...]:
    """Let the metagraph grow old, be read, and be found as given."""
    block = Block(machine.state.head + 100)
    (read,) = machine.step(BlockSeen(1.0, block)).effects
    taken = machine.step(MetagraphRead(2.0, read.effect_id, attrs.evolve(graph, block=block)))
    return tuple(records([taken], MetagraphChanged))


def test_the_first_reading_opens_the_program() -> None:
    """It is asked for at the start; then the axon is published and the first forward begins."""
    machine = CheckedMachine(State(config()))
    (read,) = machine.step(Started(0.0)).effects
    taken = machine.step(MetagraphRead(1.0, expect(read, ReadMetagraph).effect_id, metagraph([1], block=7)))
    assert [type(effect) for effect in taken.effects] == [ServeAxon, DrawContext]
    assert (machine.state.lifecycle, machine.state.head) == (Running(), 7)


def test_the_axon_can_stay_unserved() -> None:
    """`axon_off`: its address is not published."""
    machine = CheckedMachine(State(config(NeuronConfig(axon_off=True))))
    (read,) = machine.step(Started(0.0)).effects
    taken = machine.step(MetagraphRead(1.0, read.effect_id, metagraph([1])))
    assert [type(effect) for effect in taken.effects] == [DrawContext]


def test_an_axon_that_cannot_be_published_is_no_reason_to_stop() -> None:
    """It is told, and prompting goes on; success is silent."""
    for failure in (True, False):
        machine = CheckedMachine(State(config()))
        (read,) = machine.step(Started(0.0)).effects
        serve, _ = machine.step(MetagraphRead(1.0, read.effect_id, metagraph([1]))).effects
        taken = machine.step(
            EffectFailed(2.0, serve.effect_id, "fee") if failure else AxonServed(2.0, serve.effect_id)
        )
        assert [n.is_warning for n in records([taken], Notice)] == [True] * failure
        assert (machine.state.axon, machine.state.lifecycle) == (AxonIdle(is_due=failure), Running())


@pytest.mark.parametrize(("logic_version", "offered"), [(3, False), (4, True), (LOGIC_VERSION, True)])
def test_an_address_that_was_not_taken_is_offered_with_the_next_metagraph(
    logic_version: int, offered: bool
) -> None:
    """Until the chain takes it; by the logic of before it was offered once."""
    machine = CheckedMachine(State(attrs.evolve(config(), logic_version=logic_version)))
    (read,) = machine.step(Started(0.0)).effects
    serve, _ = machine.step(MetagraphRead(1.0, read.effect_id, metagraph([1]))).effects
    (notice,) = records([machine.step(EffectFailed(2.0, serve.effect_id, "too soon"))], Notice)
    assert ("again" in notice.text) is offered
    (read,) = machine.step(BlockSeen(3.0, Block(400))).effects
    again = machine.step(MetagraphRead(4.0, read.effect_id, metagraph([1], block=400))).effects
    assert [type(effect) for effect in again] == [ServeAxon] * offered
    if offered:
        machine.step(AxonServed(5.0, again[0].effect_id))
        (read,) = machine.step(BlockSeen(6.0, Block(800))).effects
        assert machine.step(MetagraphRead(7.0, read.effect_id, metagraph([1], block=800))).effects == ()


@pytest.mark.parametrize(("age", "reads"), [(99, 0), (100, 1), (257, 1)])
def test_an_old_metagraph_is_read_again(age: int, reads: int) -> None:
    """After `checkpoint_block_length` blocks, or as soon after that as a block is seen; once."""
    machine = running(metagraph([1, 2], block=10))
    taken = machine.step(BlockSeen(1.0, Block(10 + age)))
    assert [type(effect) for effect in taken.effects] == [ReadMetagraph] * reads
    assert machine.step(BlockSeen(2.0, Block(11 + age))).effects == () or not reads


def test_blocks_never_go_back() -> None:
    """An older head, as after a change of endpoint, is not believed."""
    machine = running(metagraph([1, 2], block=10))
    machine.step(BlockSeen(1.0, Block(4)))
    assert machine.state.head == 10


def test_a_metagraph_from_behind_the_head_does_not_turn_it_back() -> None:
    """Blocks go by while it is being read."""
    machine = running(metagraph([1, 2], block=10))
    (read,) = machine.step(BlockSeen(1.0, Block(110))).effects
    machine.step(BlockSeen(2.0, Block(115)))
    machine.step(MetagraphRead(3.0, read.effect_id, metagraph([1, 2], block=110)))
    assert (machine.state.head, machine.state.metagraph.block) == (115, 110)


def test_scores_go_with_their_hotkeys() -> None:
    """Replaced and removed uids lose their score, those who stay keep it; replaced uids are told."""
    machine = running(metagraph(range(1, 5)))
    machine.state = attrs.evolve(machine.state, scores={Hotkey(f"hk{uid}"): 0.5 for uid in range(1, 5)})
    (changed,) = read_again(machine, metagraph([1, 2, 4, 9], hotkeys={2: "newcomer"}))
    assert changed.replaced == (2,)
    assert machine.state.scores == {"hk1": 0.5, "hk4": 0.5}


def test_wires_go_with_their_hotkeys() -> None:
    """What worked for who is gone says nothing of who came, and is not kept for ever."""
    machine = running(metagraph(range(1, 4)))
    machine.state = attrs.evolve(machine.state, wires={Hotkey(f"hk{uid}"): Wire.V10 for uid in (1, 2, 3)})
    read_again(machine, metagraph([1, 2], hotkeys={2: "newcomer"}))
    assert machine.state.wires == {"hk1": Wire.V10}


@pytest.mark.parametrize(("accepted", "due"), [(0, False), (1, True), (2, False)])
def test_weights_are_confirmed_some_blocks_after_their_own(accepted: int, due: bool) -> None:
    """Six of them; who never set weights has none to confirm."""
    state = State(config(), metagraph=metagraph([1], block=3), head=Block(7), accepted=Block(accepted))
    assert is_due(state) is due


def test_new_and_removed_uids_are_not_replaced_ones() -> None:
    """Only a uid that is in both metagraphs can have changed hands."""
    before, after = metagraph([1, 2, 3]), metagraph([2, 3, 4], hotkeys={3: "other"})
    assert replaced(before, after) == (3,)


def test_a_reading_that_fails_is_repeated_for_ever() -> None:
    """With growing pauses, told each time; the forwards go on meanwhile."""
    machine = running(metagraph([1, 2], block=10))
    (read,) = machine.step(BlockSeen(1.0, Block(110))).effects
    pauses = []
    for _ in range(8):
        taken = machine.step(EffectFailed(2.0, read.effect_id, "connection lost"))
        (sleep,) = (expect(effect, Sleep) for effect in taken.effects)
        pauses.append(sleep.seconds)
        assert "connection lost" in records([taken], Notice)[0].text
        (read,) = machine.step(Slept(3.0, sleep.effect_id)).effects
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    machine.step(MetagraphRead(4.0, read.effect_id, metagraph([1, 2], block=120)))
    assert machine.state.sync == SyncIdle()


def test_blocks_do_not_cut_a_pause_short() -> None:
    """While a failed reading waits, new heads ask for nothing; a start does."""
    machine = running(metagraph([1, 2], block=10))
    (read,) = machine.step(BlockSeen(1.0, Block(110))).effects
    machine.step(EffectFailed(2.0, read.effect_id, "connection lost"))
    assert machine.step(BlockSeen(3.0, Block(111))).effects == ()
    machine.step(Started(4.0))
    assert isinstance(machine.state.sync, SyncReading)


def test_a_validator_that_is_not_registered_stops_and_says_so() -> None:
    """At the start or later; the operator must mend it."""
    machine = running(metagraph([1, 2]))
    read_again(machine, metagraph([1, 2], registered=False))
    stopped = machine.state.lifecycle
    assert isinstance(stopped, Stopped)
    assert stopped.failed
    assert "hotkey own is not registered" in stopped.reason
    assert machine.state.forwards == {}

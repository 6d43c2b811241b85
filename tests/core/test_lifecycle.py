"""Starting, running out of forwards, waiting for the epoch that pays, stopping."""

import attrs
import pytest

from core.effects import DrawContext, ReadMetagraph, SetWeights, Sleep
from core.events import BlockSeen, EffectFailed, MetagraphRead, Started, StopRequested, WeightsSubmitted
from core.records import ForwardEnded, Notice
from core.state import Booting, Draining, Recovered, Running, State, Stopped, WeightsSubmitting
from core.types import Block, ForwardId, WeightsAccepted, WeightsRefused
from core.version import LOGIC_VERSION
from tests.core.builders import config, metagraph
from tests.core.checks import CheckedMachine
from tests.core.scripted import advance, expect, play, records, running, waiting_effect

MINERS = range(1, 28)


def set_weights(machine: CheckedMachine) -> SetWeights:
    (effect,) = (e for e in machine.under_way.values() if isinstance(e, SetWeights))
    return effect


def accept(machine: CheckedMachine, block: int) -> None:
    machine.step(WeightsSubmitted(9.0, set_weights(machine).effect_id, WeightsAccepted(Block(block))))


def is_draining(machine: CheckedMachine) -> bool:
    return isinstance(machine.state.lifecycle, Draining)


def see_block(machine: CheckedMachine, block: int, last_epoch: int) -> None:
    """A block goes by; whoever asks for the metagraph finds it with this epoch, and our weights in it."""
    for effect in machine.step(BlockSeen(10.0, Block(block))).effects:
        if isinstance(effect, ReadMetagraph):
            updated = machine.state.accepted
            graph = metagraph(MINERS, block=block, last_epoch=last_epoch, last_update=updated)
            machine.step(MetagraphRead(11.0, effect.effect_id, graph))


def test_forwards_fill_the_room_there_is() -> None:
    """As many as `num_concurrent_forwards`, and a new one for each that ends."""
    machine = running(metagraph(MINERS), num_concurrent_forwards=3)
    assert list(machine.state.forwards) == [0, 1, 2]
    play(machine, 1)
    assert list(machine.state.forwards) == [0, 2, 3]


def test_nothing_begins_before_the_metagraph_is_known() -> None:
    """Blocks alone start no forward."""
    machine = CheckedMachine(State(config()))
    machine.step(Started(0.0))
    machine.step(BlockSeen(1.0, Block(5)))
    assert (machine.state.lifecycle, machine.state.forwards, machine.state.head) == (Booting(), {}, 5)


def test_after_max_forwards_the_program_ends_when_its_weights_are_through() -> None:
    """Not before: a submission on its way is waited for."""
    machine = running(metagraph(MINERS), max_forwards=2)
    play(machine, 0)
    accept(machine, 1)
    machine.state = attrs.evolve(machine.state, head=Block(200))
    play(machine, 1)
    assert is_draining(machine)
    machine.step(BlockSeen(5.0, Block(201)))
    assert isinstance(machine.state.weights, WeightsSubmitting)
    accept(machine, 201)
    assert machine.state.lifecycle == Stopped("done")


def test_a_refused_last_submission_is_not_waited_for() -> None:
    """Without `await_epoch` the program does not outlive its forwards for a retry."""
    machine = running(metagraph(MINERS), max_forwards=1)
    play(machine, 0)
    effect_id = set_weights(machine).effect_id
    machine.step(WeightsSubmitted(9.0, effect_id, WeightsRefused("SettingWeightsTooFast", passing=True)))
    assert machine.state.lifecycle == Stopped("done")


def test_a_resting_place_does_not_hold_up_the_end() -> None:
    """A last forward that ended early has nothing to rest for."""
    machine = running(metagraph([]), max_forwards=1)
    play(machine, 0)
    assert machine.state.lifecycle == Stopped("done")


def test_await_epoch_waits_for_the_epoch_that_pays() -> None:
    """An epoch before the last weights does not count; the first one after them does."""
    machine = running(metagraph(MINERS), max_forwards=1, await_epoch=True)
    play(machine, 0)
    accept(machine, 5)
    see_block(machine, 6, last_epoch=0)
    see_block(machine, 19, last_epoch=5)
    assert is_draining(machine)
    see_block(machine, 21, last_epoch=20)
    assert machine.state.lifecycle == Stopped("done")


def test_final_weights_are_set_as_soon_as_the_rate_limit_allows() -> None:
    """Weights from before the last forward's end are not the final ones."""
    machine = running(metagraph(MINERS), max_forwards=2, await_epoch=True)
    play(machine, 0)
    accept(machine, 1)
    see_block(machine, 3, last_epoch=0)
    play(machine, 1)
    see_block(machine, 10, last_epoch=0)
    assert not machine.under_way
    see_block(machine, 11, last_epoch=0)
    accept(machine, 12)
    see_block(machine, 21, last_epoch=20)
    assert machine.state.lifecycle == Stopped("done")


def test_weights_of_the_block_of_the_last_forward_are_not_the_final_ones() -> None:
    """They were decided on before it ended: no epoch pays by them, and others are set."""
    machine = running(metagraph(MINERS), max_forwards=2, await_epoch=True)
    play(machine, 0)
    accept(machine, 1)
    play(machine, 1)
    see_block(machine, 6, last_epoch=5)
    assert is_draining(machine)
    see_block(machine, 11, last_epoch=5)
    assert machine.state.metagraph.last_epoch == 5
    accept(machine, 12)
    assert is_draining(machine)


@pytest.mark.parametrize("await_epoch", [True, False])
def test_final_weights_are_set_at_once_where_the_rate_limit_allows(await_epoch: bool) -> None:
    """With the last forward's end, though no epoch length has passed; and only where an epoch is waited for."""
    machine = running(metagraph(MINERS), max_forwards=2, await_epoch=await_epoch)
    play(machine, 0)
    accept(machine, 1)
    see_block(machine, 50, last_epoch=0)
    last = play(machine, 1)[-1]
    assert [type(effect) for effect in last.effects] == [SetWeights] * await_epoch
    assert isinstance(machine.state.lifecycle, Draining if await_epoch else Stopped)


def test_waiting_for_an_epoch_does_not_cut_a_pause_short() -> None:
    """A metagraph that could not be read is read again after its pause, whatever blocks come."""
    machine = running(metagraph(MINERS), max_forwards=1, await_epoch=True)
    play(machine, 0)
    accept(machine, 5)
    (read,) = machine.step(BlockSeen(10.0, Block(6))).effects
    (pause,) = machine.step(EffectFailed(11.0, read.effect_id, "connection lost")).effects
    expect(pause, Sleep)
    assert machine.step(BlockSeen(12.0, Block(7))).effects == ()


def test_who_is_not_registered_any_more_has_no_weights_to_lose() -> None:
    """That the program stops is told, and no more."""
    machine = running(metagraph(MINERS))
    machine.state = attrs.evolve(machine.state, accepted=Block(44))
    (read,) = machine.step(BlockSeen(1.0, Block(150))).effects
    gone = metagraph(MINERS, block=150, registered=False)
    taken = machine.step(MetagraphRead(2.0, read.effect_id, gone))
    assert isinstance(machine.state.lifecycle, Stopped)
    assert records([taken], Notice) == []


def test_waiting_for_an_epoch_has_an_end() -> None:
    """Rate limit, two tempos and a margin later (10 + 2 * 20 + 20 blocks) it is given up."""
    machine = running(metagraph(MINERS), max_forwards=1, await_epoch=True)
    play(machine, 0)
    accept(machine, 5)
    see_block(machine, 70, last_epoch=0)
    assert is_draining(machine)
    see_block(machine, 71, last_epoch=0)
    assert machine.state.lifecycle == Stopped("done")


@pytest.mark.parametrize("switched_off", [True, False])
def test_nothing_is_awaited_where_no_weights_can_come(switched_off: bool) -> None:
    """Weights switched off, or no score above 0: the program ends with its forwards."""
    graph = metagraph(MINERS if switched_off else [])
    machine = running(graph, max_forwards=1, await_epoch=True, disable_set_weights=switched_off)
    play(machine, 0)
    assert machine.state.lifecycle == Stopped("done")


def test_a_stop_drops_what_is_in_flight() -> None:
    """Every running forward is told as ended; the state keeps none, and asks for nothing more."""
    machine = running(metagraph(MINERS), num_concurrent_forwards=2)
    taken = machine.step(StopRequested(3.0, "SIGTERM"))
    ended = records([taken], ForwardEnded)
    assert [(e.forward_id, e.complete, e.reason) for e in ended] == [
        (0, False, "stopped"),
        (1, False, "stopped"),
    ]
    assert (taken.effects, machine.state.forwards) == ((), {})
    assert machine.state.lifecycle == Stopped("SIGTERM")


@pytest.mark.parametrize("before", [Booting(), Running(), Draining(Block(1), Block(9)), Stopped("done")])
def test_a_start_begins_anew_over_any_state(before: Booting | Running | Draining | Stopped) -> None:
    """Forwards of before are dropped and told, scores stay, ids go on."""
    machine = running(metagraph(MINERS))
    play(machine, 0)
    machine.state = attrs.evolve(machine.state, lifecycle=before)
    scores, next_effect = machine.state.scores, machine.state.next_effect
    taken = machine.step(Started(30.0))
    assert [e.reason for e in records([taken], ForwardEnded)] == ["restart"]
    assert expect(taken.effects[0], ReadMetagraph).effect_id == next_effect
    assert (machine.state.lifecycle, machine.state.forwards) == (Booting(), {})
    assert machine.state.scores == scores


@pytest.mark.parametrize(("logic_version", "reasons"), [(1, ["restart"]), (2, []), (LOGIC_VERSION, [])])
def test_answers_that_are_recorded_outlive_a_restart(logic_version: int, reasons: list[str]) -> None:
    """A forward that was being scored waits for the metagraph and goes on; by the first logic every forward ended."""
    machine = running(metagraph(MINERS))
    advance(machine, 2)
    core_config = attrs.evolve(machine.state.config, logic_version=logic_version)
    machine.state = attrs.evolve(machine.state, config=core_config)
    taken = machine.step(Started(30.0))
    assert [e.reason for e in records([taken], ForwardEnded)] == reasons
    assert [type(phase) for phase in machine.state.forwards.values()] == ([] if reasons else [Recovered])


def test_forward_ids_go_on_after_a_restart() -> None:
    """A forward that was dropped is not begun again: its uids were prompted already."""
    machine = running(metagraph(MINERS))
    machine.step(Started(30.0))
    (read,) = machine.under_way.values()
    machine.step(MetagraphRead(31.0, read.effect_id, metagraph(MINERS)))
    assert expect(waiting_effect(machine, 1), DrawContext).forward_id == ForwardId(1)


def test_a_late_failure_of_a_dropped_effect_is_nothing() -> None:
    """What was under way before the restart is cancelled; should it still report, it is dropped."""
    machine = running(metagraph(MINERS))
    (draw,) = machine.under_way.values()
    machine.step(Started(30.0))
    machine.step(EffectFailed(31.0, draw.effect_id, "cancelled"))
    assert machine.state.dropped_completions == 1

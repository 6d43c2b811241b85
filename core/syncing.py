"""Reading the metagraph, and what changes with it: who is registered, whose score ends, whether we are still there.

Read at the start, every `checkpoint_block_length` blocks, some blocks after our weights were accepted (to see that they stayed), and
after a hint that we were deregistered. A reading that fails is repeated with back-off, for ever: without a chain the validator keeps
scoring.
"""

from core.effects import ReadMetagraph, ServeAxon, Sleep
from core.events import AxonServed, EffectFailed, MetagraphRead, Slept
from core.pauses import back_off_s
from core.records import MetagraphChanged, Notice
from core.scores import keep_registered
from core.state import (
    AxonIdle,
    AxonServing,
    Booting,
    Running,
    State,
    Stopped,
    SyncBackingOff,
    SyncIdle,
    SyncReading,
)
from core.step import Step
from core.types import Metagraph, Uid
from core.version import FOLLOWS_THE_CHAIN

READ_TIMEOUT_S = 60.0
SERVE_TIMEOUT_S = 120.0
# Blocks after which the chain does not take another way any more: it is final some three blocks behind its head.
CONFIRM_BLOCKS = 6


def read(step: Step, attempt: int = 0) -> Step:
    """Ask for the metagraph, unless it is being asked for already."""
    if isinstance(step.state.sync, SyncReading):
        return step
    step, effect_id = step.do(lambda effect_id: ReadMetagraph(effect_id, READ_TIMEOUT_S))
    return step.but(sync=SyncReading(effect_id, attempt))


def is_due(state: State) -> bool:
    """Whether the metagraph has grown old, or weights that were accepted since have had time to stay or to go."""
    age_blocks = state.head - state.metagraph.block
    is_old = age_blocks >= state.config.neuron.checkpoint_block_length
    return isinstance(state.sync, SyncIdle) and (is_old or _has_weights_to_confirm(state))


def _has_weights_to_confirm(state: State) -> bool:
    return (
        state.config.logic_version >= FOLLOWS_THE_CHAIN
        and state.accepted > 0
        and state.metagraph.block < state.accepted + CONFIRM_BLOCKS <= state.head
    )


def replaced(before: Metagraph, after: Metagraph) -> tuple[Uid, ...]:
    """Uids whose hotkey changed from one metagraph to the other."""
    was = {neuron.uid: neuron.hotkey for neuron in before.neurons}
    return tuple(
        neuron.uid for neuron in after.neurons if was.get(neuron.uid, neuron.hotkey) != neuron.hotkey
    )


def on_read(step: Step, _: SyncReading, event: MetagraphRead) -> Step:
    state, metagraph = step.state, event.metagraph
    changed = replaced(state.metagraph, metagraph)
    step = step.but(
        sync=SyncIdle(),
        metagraph=metagraph,
        head=max(state.head, metagraph.block),
        scores=keep_registered(state.scores, metagraph),
        wires=keep_registered(state.wires, metagraph),
    ).tell(MetagraphChanged(metagraph, changed))
    if all(neuron.hotkey != state.own_hotkey for neuron in metagraph.neurons):
        reason = f"hotkey {state.own_hotkey} is not registered (any more): register it and start again"
        return step.but(lifecycle=Stopped(reason, failed=True))
    if isinstance(state.lifecycle, Booting):
        return _open(step)
    is_due = isinstance(state.lifecycle, Running) and isinstance(state.axon, AxonIdle) and state.axon.is_due
    return _serve(step) if is_due else step


def _open(step: Step) -> Step:
    step = step.but(lifecycle=Running())
    return step if step.state.config.neuron.axon_off else _serve(step)


def _serve(step: Step) -> Step:
    step, effect_id = step.do(lambda effect_id: ServeAxon(effect_id, SERVE_TIMEOUT_S))
    return step.but(axon=AxonServing(effect_id))


def on_read_failed(step: Step, phase: SyncReading, event: EffectFailed) -> Step:
    pause_s = back_off_s(phase.attempt)
    step, effect_id = step.do(lambda effect_id: Sleep(effect_id, pause_s + READ_TIMEOUT_S, pause_s))
    notice = f"the metagraph could not be read ({event.reason}): trying again in {pause_s:g} s"
    return step.but(sync=SyncBackingOff(effect_id, phase.attempt + 1)).tell(Notice(notice, is_warning=True))


def on_backed_off(step: Step, phase: SyncBackingOff, _: Slept | EffectFailed) -> Step:
    return read(step, phase.attempt)


def on_axon_served(step: Step, _: AxonServing, __: AxonServed) -> Step:
    return step.but(axon=AxonIdle())


def on_axon_failed(step: Step, _: AxonServing, event: EffectFailed) -> Step:
    is_due = step.state.config.logic_version >= FOLLOWS_THE_CHAIN
    what_now = "trying again with the next metagraph" if is_due else "going on without it"
    notice = f"the axon's address could not be published ({event.reason}): {what_now}"
    return step.but(axon=AxonIdle(is_due)).tell(Notice(notice, is_warning=True))

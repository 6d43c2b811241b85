"""The program as a whole: starting, blocks going by, running out of forwards, stopping.

Rules:
- `upkeep` follows every event: it begins forwards while there is room, and ends the program when nothing is left to wait for.
- A stop drops what is in flight. Nothing is lost by that: a weight submission on its way is looked up at the next start.
"""

from collections.abc import Mapping
from typing import assert_never

from core import forwards, syncing, weights
from core.events import BlockSeen, MetagraphRead, Started, StopRequested
from core.records import ForwardEnded
from core.state import (
    AxonIdle,
    Booting,
    Draining,
    ForwardPhase,
    Lifecycle,
    Recovered,
    Resting,
    Running,
    Scoring,
    State,
    Stopped,
    SyncIdle,
    SyncReading,
    WeightsBackingOff,
    WeightsIdle,
    WeightsResolving,
    WeightsSubmitting,
    WeightsUnresolved,
)
from core.step import Step
from core.types import Block, ForwardId
from core.version import RECOVERS_ANSWERED

# Blocks beyond rate limit and epoch that the last weights have to be paid before waiting ends.
DRAIN_MARGIN_BLOCKS = 20


def on_started(step: Step, _: Lifecycle, __: Started) -> Step:
    """First start, or a start over what the journal holds: no effect is under way, whatever the state says.

    What has its answers goes on with them; whatever else was under way ends.
    """
    keeps = step.state.config.logic_version >= RECOVERS_ANSWERED
    step = _drop_forwards(step, "restart", _recovered(step.state) if keeps else {}).but(
        lifecycle=Booting(), sync=SyncIdle(), axon=AxonIdle(), first_forward=step.state.next_forward
    )
    return weights.resume(syncing.read(step))


def on_stop(step: Step, _: Lifecycle, event: StopRequested) -> Step:
    return step.but(lifecycle=Stopped(event.reason))


def on_block(step: Step, _: Booting | Running, event: BlockSeen) -> Step:
    step = step.but(head=max(step.state.head, event.block))
    if isinstance(step.state.lifecycle, Running):
        step = weights.on_block(step)
    return syncing.read(step) if syncing.is_due(step.state) else step


def on_block_draining(step: Step, phase: Draining, event: BlockSeen) -> Step:
    """The final weights may have become possible; whether an epoch has paid by them is read at each block.

    Once accepted they are not sent again: a newer block of acceptance would push the epoch that pays further off.
    """
    step = step.but(head=max(step.state.head, event.block))
    if not step.state.config.neuron.await_epoch:
        return step
    if step.state.accepted <= phase.since:
        step = weights.consider(step, is_final=True)
    return syncing.read(step) if isinstance(step.state.sync, SyncIdle) else step


def on_metagraph(step: Step, phase: SyncReading, event: MetagraphRead) -> Step:
    """Who is there is known anew, and so is what of our weights is."""
    step = syncing.on_read(step, phase, event)
    return step if isinstance(step.state.lifecycle, Stopped) else weights.on_metagraph(step, event.effect_id)


def upkeep(step: Step) -> Step:
    """What is done after every event."""
    match step.state.lifecycle:
        case Running():
            return _run(step)
        case Draining() as draining:
            return step.but(lifecycle=Stopped("done")) if _is_drained(step.state, draining) else step
        case Stopped():
            return _drop_forwards(step, "stopped")
        case Booting():
            return step
        case other:
            assert_never(other)


def _run(step: Step) -> Step:
    for phase in step.state.forwards.values():
        if isinstance(phase, Recovered):
            step = forwards.recover(step, phase)
    neuron = step.state.config.neuron
    while _wants_more(step.state) and len(step.state.forwards) < neuron.num_concurrent_forwards:
        step = forwards.start(step)
    if _wants_more(step.state) or not all(
        isinstance(phase, Resting) for phase in step.state.forwards.values()
    ):
        return step
    return upkeep(_drain(step))


def _wants_more(state: State) -> bool:
    limit = state.config.neuron.max_forwards
    return limit == 0 or state.next_forward - state.first_forward < limit


def _drain(step: Step) -> Step:
    state = step.state
    wait_blocks = (
        state.metagraph.weights_rate_limit_blocks + 2 * state.metagraph.tempo_blocks + DRAIN_MARGIN_BLOCKS
    )
    draining = Draining(state.head, Block(state.head + wait_blocks))
    step = step.but(lifecycle=draining)
    return weights.consider(step, is_final=True) if state.config.neuron.await_epoch else step


def _is_drained(state: State, draining: Draining) -> bool:
    match state.weights:
        case WeightsSubmitting() | WeightsUnresolved() | WeightsResolving():
            return False
        case WeightsIdle() | WeightsBackingOff():
            return not state.config.neuron.await_epoch or _is_paid(state, draining)
        case other:
            assert_never(other)


def _is_paid(state: State, draining: Draining) -> bool:
    """Whether an epoch has paid by the final weights, or there is nothing to wait for."""
    hopeless = (
        state.config.neuron.disable_set_weights or not weights.vector(state) or state.head >= draining.until
    )
    return hopeless or draining.since < state.accepted < state.metagraph.last_epoch


def _recovered(state: State) -> Mapping[ForwardId, ForwardPhase]:
    """The forwards that have their answers, waiting to be scored."""
    return {
        forward_id: Recovered(phase.answered)
        for forward_id, phase in state.forwards.items()
        if isinstance(phase, Scoring | Recovered)
    }


def _drop_forwards(step: Step, reason: str, kept: Mapping[ForwardId, ForwardPhase] | None = None) -> Step:
    """End every forward but the `kept` ones."""
    kept = kept or {}
    dropped = [
        forward_id
        for forward_id, phase in step.state.forwards.items()
        if forward_id not in kept and not isinstance(phase, Resting)
    ]
    ended = (ForwardEnded(forward_id, complete=False, reason=reason) for forward_id in dropped)
    return step.tell(*ended).but(forwards=kept)

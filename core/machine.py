"""The machine: one table says what every phase does with every event.

Rules:
- Everything that decides is reached from this table; nothing else changes state.
- A completion goes to the phase that waits for its effect. One that nothing waits for (any more) is dropped and counted.
- `Started`, `BlockSeen` and `StopRequested` go to the lifecycle.
- Once stopped, only `Started` is heard.
- Each row names the phases its part may be in afterwards (`Ended`: the forward is gone). What an event does to the other parts is
  in `CONSEQUENCES`. The diagrams in the docs are drawn from both, and tests hold the handlers to them.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs

from core import forwards, lifecycle, syncing, weights
from core.events import (
    AxonServed,
    BlockSeen,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    Event,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    Started,
    StopRequested,
    WeightsSubmitted,
)
from core.state import (
    AxonIdle,
    AxonServing,
    Booting,
    Draining,
    DrawingContext,
    Phase,
    Querying,
    Recovered,
    Resting,
    Running,
    Scoring,
    State,
    Stopped,
    SyncBackingOff,
    SyncIdle,
    SyncReading,
    WeightsBackingOff,
    WeightsIdle,
    WeightsResolving,
    WeightsSubmitting,
    WeightsUnresolved,
)
from core.step import Step
from core.types import EffectId

P = TypeVar("P")
E = TypeVar("E")


class Ended:
    """Stands in the table for a forward that is gone."""


@attrs.frozen
class Transition:
    """What is done, and in which phases the part may be afterwards."""

    handler: Callable[[Step, Any, Any], Step]
    targets: tuple[type, ...]


Row = tuple[tuple[type, type], Transition]


def on(phase: type[P], event: type[E], handler: Callable[[Step, P, E], Step], *targets: type) -> Row:
    """One row of the table; its types are checked against the handler's."""
    return (phase, event), Transition(handler, targets)


TRANSITIONS: Mapping[tuple[type, type], Transition] = dict(
    (
        # a forward
        on(DrawingContext, ContextDrawn, forwards.on_context_drawn, Querying, Resting),
        on(DrawingContext, EffectFailed, forwards.on_context_failed, Resting),
        on(Querying, MinersAnswered, forwards.on_answered, Scoring, Querying, Resting, Ended),
        on(Querying, EffectFailed, forwards.on_query_failed, Resting),
        on(Scoring, CompletionsScored, forwards.on_scored, Querying, Resting, Ended),
        on(Scoring, EffectFailed, forwards.on_score_failed, Resting),
        on(Resting, Slept, forwards.on_rested, Ended),
        on(Resting, EffectFailed, forwards.on_rested, Ended),
        # the weights
        on(
            WeightsSubmitting,
            WeightsSubmitted,
            weights.on_submitted,
            WeightsIdle,
            WeightsBackingOff,
            WeightsUnresolved,
        ),
        on(WeightsSubmitting, EffectFailed, weights.on_submit_failed, WeightsUnresolved),
        on(WeightsUnresolved, Slept, weights.on_unresolved_slept, WeightsResolving),
        on(WeightsUnresolved, EffectFailed, weights.on_unresolved_slept, WeightsResolving),
        on(
            WeightsResolving,
            LastUpdateRead,
            weights.on_last_update_read,
            WeightsIdle,
            WeightsUnresolved,
            WeightsBackingOff,
        ),
        on(WeightsResolving, EffectFailed, weights.on_ask_failed, WeightsUnresolved),
        on(WeightsBackingOff, Slept, weights.on_backed_off, WeightsIdle, WeightsSubmitting),
        on(WeightsBackingOff, EffectFailed, weights.on_backed_off, WeightsIdle, WeightsSubmitting),
        # the metagraph
        on(SyncReading, MetagraphRead, lifecycle.on_metagraph, SyncIdle, SyncReading),
        on(SyncReading, EffectFailed, syncing.on_read_failed, SyncBackingOff),
        on(SyncBackingOff, Slept, syncing.on_backed_off, SyncReading),
        on(SyncBackingOff, EffectFailed, syncing.on_backed_off, SyncReading),
        # the axon
        on(AxonServing, AxonServed, syncing.on_axon_served, AxonIdle),
        on(AxonServing, EffectFailed, syncing.on_axon_failed, AxonIdle),
        # the program
        on(Booting, Started, lifecycle.on_started, Booting),
        on(Booting, BlockSeen, lifecycle.on_block, Booting),
        on(Booting, StopRequested, lifecycle.on_stop, Stopped),
        on(Running, Started, lifecycle.on_started, Booting),
        on(Running, BlockSeen, lifecycle.on_block, Running),
        on(Running, StopRequested, lifecycle.on_stop, Stopped),
        on(Draining, Started, lifecycle.on_started, Booting),
        on(Draining, BlockSeen, lifecycle.on_block_draining, Draining, Stopped),
        on(Draining, StopRequested, lifecycle.on_stop, Stopped),
        on(Stopped, Started, lifecycle.on_started, Booting),
    )
)

_PROGRAM = frozenset((Started, BlockSeen, StopRequested))
_COMPLETIONS = frozenset(
    (
        ContextDrawn,
        MinersAnswered,
        CompletionsScored,
        MetagraphRead,
        AxonServed,
        WeightsSubmitted,
        LastUpdateRead,
        Slept,
        EffectFailed,
    )
)

# Pairs that are dropped. Events of the program never reach the parts; a part that waits takes the completions that its effect can
# have and no other; a part that is idle waits for nothing; the lifecycle takes no completion.
IGNORED: Mapping[type, frozenset[type]] = {
    DrawingContext: _PROGRAM | _COMPLETIONS - {ContextDrawn, EffectFailed},
    Querying: _PROGRAM | _COMPLETIONS - {MinersAnswered, EffectFailed},
    Scoring: _PROGRAM | _COMPLETIONS - {CompletionsScored, EffectFailed},
    Recovered: _PROGRAM | _COMPLETIONS,
    Resting: _PROGRAM | _COMPLETIONS - {Slept, EffectFailed},
    WeightsIdle: _PROGRAM | _COMPLETIONS,
    WeightsSubmitting: _PROGRAM | _COMPLETIONS - {WeightsSubmitted, EffectFailed},
    WeightsUnresolved: _PROGRAM | _COMPLETIONS - {Slept, EffectFailed},
    WeightsResolving: _PROGRAM | _COMPLETIONS - {LastUpdateRead, EffectFailed},
    WeightsBackingOff: _PROGRAM | _COMPLETIONS - {Slept, EffectFailed},
    SyncIdle: _PROGRAM | _COMPLETIONS,
    SyncReading: _PROGRAM | _COMPLETIONS - {MetagraphRead, EffectFailed},
    SyncBackingOff: _PROGRAM | _COMPLETIONS - {Slept, EffectFailed},
    AxonIdle: _PROGRAM | _COMPLETIONS,
    AxonServing: _PROGRAM | _COMPLETIONS - {AxonServed, EffectFailed},
    Booting: _COMPLETIONS,
    Running: _COMPLETIONS,
    Draining: _COMPLETIONS,
    Stopped: _COMPLETIONS | {BlockSeen, StopRequested},
}

# Where else a part may go while an event is for another part: a start, a stop, a forward's end and what the metagraph shows reach
# further than the part that hears of them.
CONSEQUENCES: Mapping[type, tuple[type, ...]] = {
    Ended: (DrawingContext,),
    DrawingContext: (Ended,),
    Querying: (Ended,),
    Scoring: (Recovered, Ended),
    Recovered: (Scoring, Ended),
    Resting: (Ended,),
    WeightsIdle: (WeightsIdle, WeightsSubmitting),
    WeightsSubmitting: (WeightsUnresolved,),
    WeightsUnresolved: (WeightsUnresolved,),
    WeightsResolving: (WeightsUnresolved, WeightsResolving),
    WeightsBackingOff: (WeightsIdle,),
    SyncIdle: (SyncReading,),
    SyncReading: (SyncReading,),
    SyncBackingOff: (SyncReading,),
    AxonIdle: (AxonIdle, AxonServing),
    AxonServing: (AxonIdle,),
    Booting: (Running, Stopped),
    Running: (Draining, Stopped),
    Draining: (Stopped,),
    Stopped: (),
}


def step(state: State, event: Event) -> Step:
    """What follows from `event`: the next state, the effects to carry out, the records to tell."""
    phase = addressee(state, event)
    transition = None if phase is None else TRANSITIONS.get((type(phase), type(event)))
    if transition is None:
        return Step(attrs.evolve(state, dropped_completions=state.dropped_completions + 1))
    return lifecycle.upkeep(transition.handler(Step(state), phase, event))


def addressee(state: State, event: Event) -> Phase | None:
    """The phase that `event` is for; None for a completion that nothing waits for."""
    if isinstance(event, Started | BlockSeen | StopRequested):
        return state.lifecycle
    if isinstance(state.lifecycle, Stopped):
        return None
    return _waiting_for(state, event.effect_id)


def _waiting_for(state: State, effect_id: EffectId) -> Phase | None:
    parts: tuple[Phase, ...] = (*state.forwards.values(), state.weights, state.sync, state.axon)
    return next((phase for phase in parts if getattr(phase, "effect_id", None) == effect_id), None)

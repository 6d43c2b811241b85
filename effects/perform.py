"""One effect, one port call, one event.

Whatever goes wrong in the world becomes `EffectFailed`; so does running out of the effect's time. Anything else that a port raises is
a bug, and passes.
"""

from typing import assert_never

import anyio
import attrs

from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.events import (
    AxonServed,
    Completion,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    WeightsSubmitted,
)
from effects.ports import Chain, Clock, Contexts, Dendrite, Fault, Scorer


@attrs.frozen
class Ports:
    """The world, as the runner knows it."""

    dendrite: Dendrite
    chain: Chain
    scorer: Scorer
    contexts: Contexts
    clock: Clock


async def perform(effect: Effect, ports: Ports) -> Completion:
    """Carry `effect` out within its time; its one completion."""
    with anyio.move_on_after(effect.timeout_s):
        try:
            return await _call(effect, ports)
        except Fault as fault:
            return EffectFailed(ports.clock.now_s(), effect.effect_id, str(fault))
    reason = f"not done within {effect.timeout_s:g} s"
    return EffectFailed(ports.clock.now_s(), effect.effect_id, reason, timed_out=True)


async def _call(effect: Effect, ports: Ports) -> Completion:
    now_s, effect_id = ports.clock.now_s, effect.effect_id
    match effect:
        case DrawContext():
            context = await ports.contexts.draw(effect.key)
            return ContextDrawn(now_s(), effect_id, context)
        case QueryMiners():
            outcomes = await ports.dendrite.query(
                effect.targets, effect.synapse, timeout_s=effect.query_timeout_s
            )
            return MinersAnswered(now_s(), effect_id, outcomes)
        case ScoreCompletions():
            return await _score(effect, ports)
        case ReadMetagraph():
            metagraph = await ports.chain.metagraph()
            return MetagraphRead(now_s(), effect_id, metagraph)
        case ServeAxon():
            await ports.chain.serve_axon()
            return AxonServed(now_s(), effect_id)
        case SetWeights():
            result = await ports.chain.set_weights(effect.weights, effect.version_key, effect.owners)
            return WeightsSubmitted(now_s(), effect_id, result)
        case ReadLastUpdate():
            block = await ports.chain.last_update()
            return LastUpdateRead(now_s(), effect_id, block)
        case Sleep():
            await ports.clock.sleep(effect.seconds)
            return Slept(now_s(), effect_id)
        case other:
            assert_never(other)


async def _score(effect: ScoreCompletions, ports: Ports) -> CompletionsScored:
    verdict = await ports.scorer.score(
        task_type=effect.task_type,
        prompt=effect.prompt,
        base_text=effect.base_text,
        completions=effect.completions,
    )
    return CompletionsScored(
        ports.clock.now_s(), effect.effect_id, verdict.rewards, verdict.masks, verdict.unscored
    )

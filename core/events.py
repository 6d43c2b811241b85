"""What happened, as values: the only way anything gets into the core. Each carries the time (`at_s`, Unix seconds).

Rules:
- A completion carries the id of the effect it completes; whatever went wrong on the way is `EffectFailed`.
- No event holds an exception, a handle or anything else that cannot be written down.
"""

import attrs

from core.types import (
    Block,
    Context,
    EffectId,
    Metagraph,
    Outcome,
    RawMask,
    RawReward,
    WeightsAccepted,
    WeightsRefused,
    WeightsUnknown,
)


@attrs.frozen
class Started:
    """The program started, or started again over what the journal holds."""

    at_s: float


@attrs.frozen
class BlockSeen:
    """The chain has a new head."""

    at_s: float
    block: Block


@attrs.frozen
class StopRequested:
    """The operator wants the program to end; what is in flight is dropped."""

    at_s: float
    reason: str


@attrs.frozen
class ContextDrawn:
    at_s: float
    effect_id: EffectId
    context: Context


@attrs.frozen
class MinersAnswered:
    """One outcome per target, in the targets' order."""

    at_s: float
    effect_id: EffectId
    outcomes: tuple[Outcome, ...]


@attrs.frozen
class CompletionsScored:
    """Raw verdicts, one value per completion in each; `unscored` says (name, why) of each that could not run."""

    at_s: float
    effect_id: EffectId
    rewards: tuple[RawReward, ...]
    masks: tuple[RawMask, ...]
    unscored: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class MetagraphRead:
    at_s: float
    effect_id: EffectId
    metagraph: Metagraph


@attrs.frozen
class AxonServed:
    at_s: float
    effect_id: EffectId


@attrs.frozen
class WeightsSubmitted:
    at_s: float
    effect_id: EffectId
    result: WeightsAccepted | WeightsRefused | WeightsUnknown


@attrs.frozen
class LastUpdateRead:
    """Block of our last weight set as the chain has it; 0 for never."""

    at_s: float
    effect_id: EffectId
    block: Block


@attrs.frozen
class Slept:
    at_s: float
    effect_id: EffectId


@attrs.frozen
class EffectFailed:
    """The effect did not succeed, or ran out of its time (`timed_out`)."""

    at_s: float
    effect_id: EffectId
    reason: str
    timed_out: bool = False


Completion = (
    ContextDrawn
    | MinersAnswered
    | CompletionsScored
    | MetagraphRead
    | AxonServed
    | WeightsSubmitted
    | LastUpdateRead
    | Slept
    | EffectFailed
)
Event = Started | BlockSeen | StopRequested | Completion

"""What should be done, as values. The core returns them; the runner carries them out through ports.

Rules:
- Every effect has an id and exactly one completion event, failure and timeout included.
- An effect says how long it may take; the runner ends it then with `EffectFailed`.
"""

import attrs

from core.types import ADDED_LATER, EffectId, ForwardId, Hotkey, Prompting, Target, TaskType, Uid


@attrs.frozen
class DrawContext:
    """Draw a text to talk about. `key` picks it: the same key and the same corpus give the same text."""

    effect_id: EffectId
    timeout_s: float
    forward_id: ForwardId
    key: int


@attrs.frozen
class QueryMiners:
    """Prompt these miners, each within `query_timeout_s`; `timeout_s` bounds the whole call."""

    effect_id: EffectId
    timeout_s: float
    forward_id: ForwardId
    targets: tuple[Target, ...]
    synapse: Prompting
    query_timeout_s: float


@attrs.frozen
class ScoreCompletions:
    """Run reward functions and masks over the cleaned completions of one step.

    Attributes:
        prompt: as sent; what reward functions see.
        base_text: the task's base text; what `relevance` and the verbatim rule of `blacklist` see.
        completions: cleaned and, in follow-ups, trimmed; never empty.
    """

    effect_id: EffectId
    timeout_s: float
    forward_id: ForwardId
    task_type: TaskType
    prompt: str
    base_text: str
    completions: tuple[str, ...]


@attrs.frozen
class ReadMetagraph:
    effect_id: EffectId
    timeout_s: float


@attrs.frozen
class ServeAxon:
    """Publish our axon's address on chain, unless it stands there already."""

    effect_id: EffectId
    timeout_s: float


@attrs.frozen
class SetWeights:
    """Set these weights on chain: (uid, weight) by uid, weights positive and summing to 1.

    Attributes:
        owners: whose scores the weights are, one hotkey per weight: who has lost the uid by the time of sending gets nothing.
    """

    effect_id: EffectId
    timeout_s: float
    weights: tuple[tuple[Uid, float], ...]
    version_key: int
    owners: tuple[Hotkey, ...] = attrs.field(default=(), metadata={ADDED_LATER: True})


@attrs.frozen
class ReadLastUpdate:
    """Ask the chain in which block our weights were last set."""

    effect_id: EffectId
    timeout_s: float


@attrs.frozen
class Sleep:
    effect_id: EffectId
    timeout_s: float
    seconds: float


Effect = (
    DrawContext
    | QueryMiners
    | ScoreCompletions
    | ReadMetagraph
    | ServeAxon
    | SetWeights
    | ReadLastUpdate
    | Sleep
)

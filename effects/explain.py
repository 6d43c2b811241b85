"""Why a miner got its reward: every number from raw output to moving average, out of one folded entry."""

import math

import attrs

from core.events import CompletionsScored
from core.normalise import Normaliser
from core.penalties import Penalty
from core.records import Response, StepRecord
from core.types import OK, ForwardId, Hotkey, TaskType, Uid, Wire, WireReason
from effects.replay import Folded


@attrs.frozen
class FunctionPart:
    """What one reward function had to do with it.

    Attributes:
        raw: as the function gave it, None where it could not score.
        measured: False for a sentinel, which never enters the statistics.
        statistics: the running ones, this step taken in.
        normalised: share of a normal population below `raw`, 0..1.
        weight: as configured.
        share: the weight's part among the functions that scored this completion, 0..1.
    """

    name: str
    raw: float | None
    measured: bool
    statistics: Normaliser
    normalised: float | None
    weight: float
    share: float


@attrs.frozen
class MaskPart:
    """What one mask said: 1 to keep, 0 to mask, None where it could not judge. `is_on`: whether it counts."""

    name: str
    value: int | None
    reason: str
    is_on: bool


@attrs.frozen
class Explanation:
    """One miner's part in one step. The reward is `weighted * masked * penalty`, or has no parts where there was no answer.

    Attributes:
        seq: of the journal's entry that decided it.
        code, message, process_time_s, completion, scored, wire: see `core.records.Response`.
        first_wire, wire_reason: the wire that was tried first, and why.
        weighted: sum of share * normalised.
        masked: product of the masks that are on.
        penalty: product of the penalties' factors.
        alpha: share of the newest reward in the average.
        verdict: in words, what made the reward what it is.
    """

    seq: int
    at_s: float
    forward_id: ForwardId
    index: int
    task_type: TaskType
    uid: Uid
    hotkey: Hotkey
    prompt: str
    code: int
    message: str
    process_time_s: float
    completion: str
    scored: str | None
    functions: tuple[FunctionPart, ...]
    weighted: float | None
    masks: tuple[MaskPart, ...]
    masked: int | None
    penalties: tuple[Penalty, ...]
    penalty: float
    reward: float | None
    counted: bool
    alpha: float
    before: float
    after: float
    verdict: str
    wire: Wire | None
    first_wire: Wire
    wire_reason: WireReason


def explain(folded: Folded, record: StepRecord, response: Response) -> Explanation:
    """Of one response of a step that `folded` judged."""
    functions = _functions(folded, record, response.row)
    masks = _masks(folded, record, response.row)
    on = [mask.value for mask in masks if mask.is_on]
    scored = [part.share * part.normalised for part in functions if part.normalised is not None]
    return Explanation(
        seq=folded.entry.seq,
        at_s=folded.entry.event.at_s,
        forward_id=record.forward_id,
        index=record.index,
        task_type=record.task_type,
        uid=response.target.uid,
        hotkey=response.target.hotkey,
        prompt=record.prompt,
        code=response.code,
        message=response.message,
        process_time_s=response.process_time_s,
        completion=response.completion,
        scored=response.scored,
        functions=functions,
        weighted=math.fsum(scored) if scored else None,
        masks=masks,
        masked=None if response.row is None or None in on else int(all(on)),
        penalties=response.penalties,
        penalty=math.prod(penalty.applied for penalty in response.penalties),
        reward=response.reward,
        counted=response.counted,
        alpha=folded.before.config.neuron.moving_average_alpha,
        before=response.before,
        after=response.after,
        verdict=_verdict(response, masks, has_score=bool(scored)),
        wire=response.wire,
        first_wire=response.target.wires[0],
        wire_reason=response.target.wire_reason,
    )


def _functions(folded: Folded, record: StepRecord, row: int | None) -> tuple[FunctionPart, ...]:
    if row is None:
        return ()
    event, weights = folded.entry.event, folded.before.config.reward.weights
    measured = (
        {raw.name: raw.measured for raw in event.rewards} if isinstance(event, CompletionsScored) else {}
    )
    total = sum(weights[f.name] for f in record.functions if f.normalised[row] is not None)
    return tuple(
        FunctionPart(
            name=f.name,
            raw=f.raw[row],
            measured=measured[f.name][row],
            statistics=folded.taken.state.normalisers[f.name],
            normalised=f.normalised[row],
            weight=weights[f.name],
            share=0.0 if f.normalised[row] is None else weights[f.name] / total,
        )
        for f in record.functions
    )


def _masks(folded: Folded, record: StepRecord, row: int | None) -> tuple[MaskPart, ...]:
    if row is None:
        return ()
    names, told = folded.before.config.neuron.masks, {mask.name: mask for mask in record.masks}
    ran = tuple(
        MaskPart(mask.name, mask.values[row], mask.reasons[row], mask.name in names) for mask in record.masks
    )
    missing = (MaskPart(name, None, "did not run", is_on=True) for name in names if name not in told)
    return (*ran, *missing)


def _verdict(response: Response, masks: tuple[MaskPart, ...], *, has_score: bool) -> str:
    if response.reward is not None and not response.counted:
        return "the uid changed hands meanwhile: discarded"
    if response.code != OK:
        return f"no answer ({response.code} {response.message}): 0"
    if response.row is None:
        return "nothing is left of the answer once it is cleaned: 0"
    if not has_score:
        return "no reward function scored it: unscored, the average stays"
    if response.reward is None:
        return "a mask could not judge it: unscored, the average stays"
    masked = [mask.name for mask in masks if mask.is_on and mask.value == 0]
    return f"masked by {', '.join(masked)}: 0" if masked else "scored"

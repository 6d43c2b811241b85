"""Weights are decided on just when they are due, and are just what the recounted averages say.

When is reckoned here again, from what the state knows: the head, our last weights, the subnet's limit, the settings. Distances count:
weights are due from the block on that is so far after the last ones, neither one earlier nor one later.

They are looked at when a forward ends; when the pause after a refusal is over; when the block comes until which they were held back;
and, with `await_epoch`, when the last forward has ended and at each block after it.
"""

import math
from collections.abc import Iterator, Mapping

from core.effects import SetWeights
from core.events import (
    BlockSeen,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    WeightsSubmitted,
)
from core.records import ForwardEnded
from core.state import (
    Draining,
    Running,
    Stopped,
    WeightsBackingOff,
    WeightsIdle,
    WeightsResolving,
    WeightsSubmitting,
)
from core.types import Block, Hotkey, Uid, WeightsAccepted
from core.version import VERSION_KEY
from tests.simulation.violation import Violation
from tests.simulation.watch.averages import TOLERANCE, Averages
from tests.simulation.watch.seen import Seen

# For so long a submission may still land, and what went with its block may come back.
SUBMISSION_VALID_BLOCKS = 40
_ENDS_FORWARDS = (ContextDrawn, MinersAnswered, CompletionsScored, EffectFailed)
# Too little to tell it from nothing, reckoned in two ways.
NEXT_TO_NOTHING = 1e-12


def check_weights(seen: Seen, averages: Averages) -> None:
    """Hold what a step decided about weights, and what it took for the chain's state, to the facts."""
    _check_facts(seen)
    sent = [effect for effect in seen.step.effects if isinstance(effect, SetWeights)]
    waits = [_wait_blocks(seen, is_final=is_final) for is_final in moments(seen)]
    if not (sent or waits):
        return
    due = bool(waits) and is_due(seen, min(waits))
    scores = {uid: averages.of.get(hotkey, 0.0) for uid, hotkey in averages.holders.items()}
    top = max(scores.values(), default=0.0)
    if sent and not (due and top > 0):
        raise Violation(f"weights are sent, but they are not due: {_told(seen, waits, top)}")
    if not sent and due and top > NEXT_TO_NOTHING:
        raise Violation(f"weights are due, but none are sent: {_told(seen, waits, top)}")
    for effect in sent:
        _check_content(effect, scores, averages.holders)


def moments(seen: Seen) -> Iterator[bool]:
    """Each occasion on which weights are looked at; True for final ones."""
    before, event, after = seen.before, seen.event, seen.after
    if isinstance(event, _ENDS_FORWARDS) and any(isinstance(r, ForwardEnded) for r in seen.step.records):
        yield False
    if isinstance(seen.phase, WeightsBackingOff) and isinstance(event, Slept | EffectFailed):
        yield False
    if isinstance(event, BlockSeen) and isinstance(before.lifecycle, Running) and _was_held_until(seen):
        yield False
    if after.config.neuron.await_epoch and (_drains_now(seen) or _still_drains(seen)):
        yield True


def _drains_now(seen: Seen) -> bool:
    """The last forward has ended, nothing else being wanted."""
    after = seen.after.lifecycle
    is_over = isinstance(after, Draining) or (isinstance(after, Stopped) and after.reason == "done")
    return isinstance(seen.before.lifecycle, Running) and is_over


def _still_drains(seen: Seen) -> bool:
    """A block came while the final weights are not accepted yet."""
    draining = seen.before.lifecycle
    if not isinstance(draining, Draining) or not isinstance(seen.event, BlockSeen):
        return False
    return seen.before.accepted <= draining.since


def is_due(seen: Seen, wait_blocks: int) -> bool:
    """Whether weights may be sent on this occasion: none under way, none held back, not switched off, long enough after the last."""
    before, after = seen.before, seen.after
    if after.config.neuron.disable_set_weights:
        return False
    if seen.phase is before.weights and isinstance(before.weights, WeightsBackingOff):
        not_before = Block(0)
    elif isinstance(before.weights, WeightsIdle):
        not_before = before.weights.not_before
    else:
        return False
    last = max(after.accepted, after.metagraph.last_update)
    return after.head >= not_before and (last == 0 or after.head - last >= wait_blocks)


def _was_held_until(seen: Seen) -> bool:
    weights = seen.before.weights
    return isinstance(weights, WeightsIdle) and 0 < weights.not_before <= seen.after.head


def _wait_blocks(seen: Seen, *, is_final: bool) -> int:
    limit = seen.after.metagraph.weights_rate_limit_blocks
    return limit if is_final else max(limit, seen.after.config.neuron.epoch_length)


def _told(seen: Seen, waits: list[int], top: float) -> str:
    state = seen.after
    last = max(state.accepted, state.metagraph.last_update)
    return (
        f"{type(seen.event).__name__} at block {state.head}, last weights at block {last}, {waits or 'no'} blocks to wait for, "
        f"{type(seen.before.weights).__name__} before, highest average {top!r}"
    )


def _check_content(effect: SetWeights, scores: Mapping[Uid, float], holders: Mapping[Uid, Hotkey]) -> None:
    found = dict(effect.weights)
    total = math.fsum(scores.values())
    for uid in scores.keys() | found.keys():
        expected = scores.get(uid, 0.0) / total
        if not abs(found.get(uid, 0.0) - expected) <= TOLERANCE:
            raise Violation(f"uid {uid} is given the weight {found.get(uid, 0.0)!r}, recounted {expected!r}")
    owners = tuple(holders.get(uid) for uid, _ in effect.weights)
    if effect.owners != owners:
        raise Violation(f"the weights are said to be those of {effect.owners}, they are those of {owners}")
    if effect.version_key != VERSION_KEY:
        raise Violation(f"the weights carry the version key {effect.version_key}, ours is {VERSION_KEY}")


def _check_facts(seen: Seen) -> None:
    """The head never goes back, and the block of our last weights is only ever what the chain said."""
    before, after = seen.before, seen.after
    if after.head < before.head:
        raise Violation(f"the head goes back from block {before.head} to {after.head}")
    if isinstance(after.weights, WeightsIdle):
        longest = max(after.config.neuron.epoch_length, SUBMISSION_VALID_BLOCKS)
        if after.weights is not before.weights and after.weights.not_before > after.head + longest:
            raise Violation(
                f"weights are held back until block {after.weights.not_before}, that is over {longest} blocks after {after.head}"
            )
    said = _said(seen)
    if after.accepted not in {before.accepted, said}:
        raise Violation(f"our last weights are put at block {after.accepted}, the chain said {said}")
    if isinstance(seen.event, WeightsSubmitted) and said is not None and after.accepted != said:
        raise Violation(f"the chain took our weights in block {said}, and it is not remembered")


def _said(seen: Seen) -> Block | None:
    """What an event tells of the block of our last weights."""
    match seen.phase, seen.event:
        case WeightsSubmitting(), WeightsSubmitted(result=WeightsAccepted(block=block)):
            return block
        case WeightsResolving(), LastUpdateRead(block=block):
            return block
        case _, MetagraphRead(metagraph=metagraph):
            return metagraph.last_update
        case _:
            return None

"""When weights go on chain, which ones, and what follows from the chain's answer.

Rules:
- At most one submission is on its way. If its result is unknown, the chain is asked before anything is sent again.
- Distances are compared, never remainders: a block that was missed costs no epoch.
- A cause that can pass is retried with back-off, or at the block from which it can succeed; any other is told, and tried again an
  epoch length later.
- What the metagraph shows is stronger than what was said: accepted weights that it does not have are due again.
"""

import math
from typing import assert_never

import attrs

from core.effects import ReadLastUpdate, SetWeights, Sleep
from core.events import EffectFailed, LastUpdateRead, Slept, WeightsSubmitted
from core.pauses import back_off_s
from core.records import Notice, WeightsRecord
from core.scores import by_uid
from core.state import (
    State,
    Submission,
    WeightsBackingOff,
    WeightsIdle,
    WeightsResolving,
    WeightsSubmitting,
    WeightsUnresolved,
)
from core.step import Step
from core.syncing import CONFIRM_BLOCKS, read
from core.types import Block, EffectId, Hotkey, Uid, WeightsAccepted, WeightsRefused, WeightsUnknown
from core.version import DATES_SUBMISSIONS, FOLLOWS_THE_CHAIN, RESTART_IS_NO_ATTEMPT, VERSION_KEY

SUBMIT_TIMEOUT_S = 180.0
# Blocks for which a submission may still land after it was sent: the extrinsic's era of 32, and some for what is read late.
# So long its fate stays open.
SUBMISSION_VALID_BLOCKS = 40
ASK_TIMEOUT_S = 60.0


def last_update(state: State) -> Block:
    """Block of our last weights, as far as we know; 0 for never."""
    return max(state.accepted, state.metagraph.last_update)


def vector(state: State) -> tuple[tuple[Uid, float], ...]:
    """The L1-normalised scores above 0, by uid; empty where there is none."""
    scores = [(uid, score) for uid, score in by_uid(state.scores, state.metagraph) if score > 0]
    total = math.fsum(score for _, score in scores)
    return tuple((uid, score / total) for uid, score in scores)


def is_due(state: State, *, is_final: bool) -> bool:
    """Whether it is time for weights. Final ones need not wait for the epoch length, only for the chain's rate limit."""
    neuron, last = state.config.neuron, last_update(state)
    wait_blocks = state.metagraph.weights_rate_limit_blocks
    if not is_final:
        wait_blocks = max(wait_blocks, neuron.epoch_length)
    return (
        isinstance(state.weights, WeightsIdle)
        and not neuron.disable_set_weights
        and state.head >= state.weights.not_before
        and (last == 0 or state.head - last >= wait_blocks)
    )


def consider(step: Step, *, is_final: bool = False) -> Step:
    """Set weights if it is time and there is a score to tell of."""
    state = step.state
    if not isinstance(state.weights, WeightsIdle) or not is_due(state, is_final=is_final):
        return step
    weights = vector(state)
    if not weights:
        return step
    owners = _owners(state, weights)
    step, effect_id = step.do(
        lambda effect_id: SetWeights(effect_id, SUBMIT_TIMEOUT_S, weights, VERSION_KEY, owners)
    )
    submission = Submission(weights, state.head, last_update(state), state.weights.attempt)
    return step.but(weights=WeightsSubmitting(effect_id, submission))


def follows_the_chain(state: State) -> bool:
    return state.config.logic_version >= FOLLOWS_THE_CHAIN


def on_block(step: Step) -> Step:
    """A block came: weights that were held back until it are looked at again."""
    phase = step.state.weights
    waits = isinstance(phase, WeightsIdle) and 0 < phase.not_before <= step.state.head
    return consider(step) if waits and follows_the_chain(step.state) else step


def on_metagraph(step: Step, effect_id: EffectId) -> Step:
    """The metagraph was read: weights that it ought to have by now went with blocks that are no longer part of the chain, or moved.

    `effect_id` is the reading's.
    """
    step = _date(step, effect_id)
    state, found = step.state, step.state.metagraph.last_update
    is_settled = state.metagraph.block >= state.accepted + CONFIRM_BLOCKS
    if not (follows_the_chain(state) and is_settled and found < state.accepted):
        return step
    if found > state.accepted - CONFIRM_BLOCKS:
        return step.but(accepted=found)
    return _lost(step.but(accepted=found), state.accepted)


def _lost(step: Step, block: Block) -> Step:
    """What was sent then may still wait for a block: nothing else is sent before it is void."""
    until = Block(block + SUBMISSION_VALID_BLOCKS)
    notice = f"the weights of block {block} are not on chain any more: due again from block {until} on"
    told = step.tell(Notice(notice, is_warning=True))
    phase = step.state.weights
    if not isinstance(phase, WeightsIdle):
        return told
    return told.but(weights=attrs.evolve(phase, not_before=max(phase.not_before, until)))


def on_submitted(step: Step, phase: WeightsSubmitting, event: WeightsSubmitted) -> Step:
    match event.result:
        case WeightsAccepted(block):
            return _accept(step, phase.submission, block)
        case WeightsRefused() as refused:
            return _refuse(step, phase.submission, refused)
        case WeightsUnknown(reason):
            return _wait_unresolved(step, _undated(step.state, phase.submission), reason)
        case other:
            assert_never(other)


def on_submit_failed(step: Step, phase: WeightsSubmitting, event: EffectFailed) -> Step:
    return _wait_unresolved(step, _undated(step.state, phase.submission), event.reason)


def on_unresolved_slept(step: Step, phase: WeightsUnresolved, _: Slept | EffectFailed) -> Step:
    step, effect_id = step.do(lambda effect_id: ReadLastUpdate(effect_id, ASK_TIMEOUT_S))
    return step.but(weights=WeightsResolving(effect_id, phase.submission, step.state.head))


def on_last_update_read(step: Step, phase: WeightsResolving, event: LastUpdateRead) -> Step:
    if event.block > phase.submission.last_update:
        return _accept(step, phase.submission, event.block)
    if _may_still_land(step.state, phase):
        return _wait_unresolved(step, phase.submission, "not on chain so far")
    told = step.tell(
        WeightsRecord(step.state.head, phase.submission.weights, False, "did not reach the chain")
    )
    # That it is not there is no refusal, however often it had to be asked for.
    return _back_off(told, 0 if follows_the_chain(step.state) else phase.submission.attempt)


def on_ask_failed(step: Step, phase: WeightsResolving, event: EffectFailed) -> Step:
    return _wait_unresolved(step, phase.submission, event.reason)


def on_backed_off(step: Step, phase: WeightsBackingOff, _: Slept | EffectFailed) -> Step:
    return consider(step.but(weights=WeightsIdle(attempt=phase.attempt)))


def resume(step: Step) -> Step:
    """After a restart: ask the chain about a submission that was on its way; forget any waiting."""
    match step.state.weights:
        case WeightsSubmitting() | WeightsUnresolved() | WeightsResolving() as phase:
            submission = _undated(step.state, _anew(step.state, phase.submission), EffectId(1))
            return _wait_unresolved(step, submission, "restarted while it was on its way")
        case WeightsIdle() | WeightsBackingOff():
            return step.but(weights=WeightsIdle())
        case other:
            assert_never(other)


def _anew(state: State, submission: Submission) -> Submission:
    """The submission, with no attempt counted against it."""
    forgets = state.config.logic_version >= RESTART_IS_NO_ATTEMPT
    return attrs.evolve(submission, attempt=0) if forgets else submission


def _dates_submissions(state: State) -> bool:
    return state.config.logic_version >= DATES_SUBMISSIONS


def _undated(state: State, submission: Submission, since: EffectId | None = None) -> Submission:
    """The submission, sent at a block that a reading of the metagraph tells which is begun from now on, or with the effect `since`."""
    if not _dates_submissions(state):
        return submission
    return attrs.evolve(submission, dated_from=state.next_effect if since is None else since)


def _date(step: Step, effect_id: EffectId) -> Step:
    """What is unresolved had been sent by the block of the metagraph, if this was read afterwards; if not, it is read once more."""
    phase = step.state.weights
    if not isinstance(phase, WeightsUnresolved | WeightsResolving) or not phase.submission.dated_from:
        return step
    if effect_id < phase.submission.dated_from:
        return read(step)
    sent_at = max(phase.submission.sent_at, step.state.metagraph.block)
    dated = attrs.evolve(phase.submission, sent_at=sent_at, dated_from=EffectId(0))
    return step.but(weights=attrs.evolve(phase, submission=dated))


def _may_still_land(state: State, phase: WeightsResolving) -> bool:
    void_from = phase.submission.sent_at + SUBMISSION_VALID_BLOCKS
    if not _dates_submissions(state):
        return state.head <= void_from
    return phase.submission.dated_from > 0 or phase.asked_at <= void_from


def _owners(state: State, weights: tuple[tuple[Uid, float], ...]) -> tuple[Hotkey, ...]:
    """Whose scores the weights are."""
    if not follows_the_chain(state):
        return ()
    hotkeys = {neuron.uid: neuron.hotkey for neuron in state.metagraph.neurons}
    return tuple(hotkeys[uid] for uid, _ in weights)


def _refuse(step: Step, submission: Submission, refused: WeightsRefused) -> Step:
    told = step.tell(WeightsRecord(step.state.head, submission.weights, False, refused.reason))
    if not refused.passing:
        return _hold(read(told) if refused.not_registered else told, refused.reason)
    if follows_the_chain(step.state) and refused.not_before > step.state.head:
        return _wait(told, refused)
    return _back_off(told, submission.attempt)


def _wait(step: Step, refused: WeightsRefused) -> Step:
    """Until the block that the refusal names; no longer than an epoch length, since what it was reckoned from may change."""
    until = min(refused.not_before, Block(step.state.head + step.state.config.neuron.epoch_length))
    notice = f"no weights yet: {refused.reason}; trying at block {until}"
    return step.but(weights=WeightsIdle(not_before=until)).tell(Notice(notice))


def _accept(step: Step, submission: Submission, block: Block) -> Step:
    record = WeightsRecord(block, submission.weights, True, "")
    return step.but(weights=WeightsIdle(), accepted=block, head=max(step.state.head, block)).tell(record)


def _back_off(step: Step, attempt: int) -> Step:
    pause_s = back_off_s(attempt)
    step, effect_id = step.do(lambda effect_id: Sleep(effect_id, pause_s + ASK_TIMEOUT_S, pause_s))
    return step.but(weights=WeightsBackingOff(effect_id, attempt + 1))


def _wait_unresolved(step: Step, submission: Submission, reason: str) -> Step:
    pause_s = back_off_s(submission.attempt + 1)
    step, effect_id = step.do(lambda effect_id: Sleep(effect_id, pause_s + ASK_TIMEOUT_S, pause_s))
    notice = f"whether the weights landed is unknown ({reason}): asking the chain in {pause_s:g} s"
    again = attrs.evolve(submission, attempt=submission.attempt + 1)
    step = step.but(weights=WeightsUnresolved(effect_id, again)).tell(Notice(notice, is_warning=True))
    return read(step) if again.dated_from else step


def _hold(step: Step, reason: str) -> Step:
    until = Block(step.state.head + step.state.config.neuron.epoch_length)
    notice = f"the chain refuses our weights: {reason}; trying again at block {until}"
    return step.but(weights=WeightsIdle(not_before=until)).tell(Notice(notice, is_warning=True))

"""What follows from an event, in a few short lines: records told, parts that moved on, effects to carry out.

Uids come as ranges, rewards and weights rounded to two places, phases in plain words.
"""

import re
from collections.abc import Iterable
from typing import assert_never

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
from core.records import (
    ForwardEnded,
    ForwardRecovered,
    ForwardStarted,
    MetagraphChanged,
    Notice,
    Record,
    Response,
    StepRecord,
    StepStarted,
    WeightsRecord,
)
from core.state import Draining, State, Stopped
from core.step import Step
from tests.core.checks import parts

MOST_WEIGHTS = 4


def ranges(uids: Iterable[int]) -> str:
    """1-3 7 9-10, from sorted uids."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][-1] + 1:
            runs[-1].append(uid)
        else:
            runs.append([uid])
    return " ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "none"


def follows(before: State, taken: Step) -> list[str]:
    """Everything that an event led to."""
    if taken.state.dropped_completions > before.dropped_completions:
        return ["dropped: nothing waits for it"]
    lines = [told(record) for record in taken.records]
    lines += _moves(before, taken.state)
    lines += [done(effect) for effect in taken.effects]
    return lines or ["nothing"]


def told(record: Record) -> str:
    match record:
        case ForwardStarted(forward_id):
            return f"forward {forward_id} begins"
        case ForwardRecovered(forward_id, index, task_type):
            return f"forward {forward_id} goes on at step {index}: {task_type.value}, its answers recorded before"
        case StepStarted(forward_id, index, task_type, targets, timeout_s):
            uids = ranges(target.uid for target in targets)
            return f"forward {forward_id} step {index}: {task_type.value} by {uids} within {timeout_s:g} s"
        case StepRecord():
            rewards = " ".join(_response(response) for response in record.responses)
            best = "no best" if record.best_uid is None else f"best {record.best_uid}"
            return f"forward {record.forward_id} step {record.index}: {rewards}; {best}"
        case ForwardEnded(forward_id, complete, reason):
            return f"forward {forward_id} {'is complete' if complete else f'ends: {reason}'}"
        case WeightsRecord(block, weights, accepted, error):
            fate = "accepted" if accepted else f"not set, {error}"
            return f"weights of {len(weights)} uids at block {block}: {fate}"
        case MetagraphChanged(metagraph, replaced):
            uids = ranges(neuron.uid for neuron in metagraph.neurons)
            return f"metagraph of block {metagraph.block}: {uids}; changed hands: {ranges(replaced)}"
        case Notice(text, is_warning):
            return f"{'warning' if is_warning else 'notice'}: {text}"
        case other:
            assert_never(other)


def done(effect: Effect) -> str:
    return f"-> #{effect.effect_id} {_effect(effect)}"


def _effect(effect: Effect) -> str:
    match effect:
        case DrawContext(forward_id=forward_id):
            return f"draw a context for forward {forward_id}"
        case QueryMiners(forward_id=forward_id, targets=targets):
            return f"query {len(targets)} miners for forward {forward_id}"
        case ScoreCompletions(forward_id=forward_id, completions=completions):
            return f"score {len(completions)} completions for forward {forward_id}"
        case ReadMetagraph():
            return "read the metagraph"
        case ServeAxon():
            return "serve the axon"
        case SetWeights(weights=weights):
            return f"set weights {_weights(weights)}"
        case ReadLastUpdate():
            return "read the last update"
        case Sleep(seconds=seconds):
            return f"sleep {seconds:g} s"
        case other:
            assert_never(other)


def _weights(weights: tuple[tuple[int, float], ...]) -> str:
    shown = " ".join(f"{uid}={weight:.2f}" for uid, weight in weights[:MOST_WEIGHTS])
    more = len(weights) - MOST_WEIGHTS
    return f"{shown} and {more} more" if more > 0 else shown


def _response(response: Response) -> str:
    reward = "-" if response.reward is None else f"{response.reward:.2f}"
    code = "" if response.code == 200 else f" ({response.code})"
    discarded = " (discarded)" if response.reward is not None and not response.counted else ""
    return f"{response.target.uid}={reward}{code}{discarded}"


def _moves(before: State, after: State) -> list[str]:
    """Parts but the forwards that are in another phase now; a forward shows by what it tells and does."""
    was, now = parts(before), parts(after)
    return [
        f"{name}: {_phase(was[name])} -> {_phase(now[name])}"
        for name in ("lifecycle", "sync", "axon", "weights")
        if type(was[name]) is not type(now[name])
    ]


def _phase(phase: object) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(phase).__name__).lower().split()
    plain = " ".join(word for word in words if word not in {"weights", "sync", "axon"})
    match phase:
        case Stopped(reason, failed):
            return f"stopped ({'failed, ' if failed else ''}{reason})"
        case Draining(since, until):
            return f"draining (from block {since}, until {until} at most)"
        case _:
            return plain

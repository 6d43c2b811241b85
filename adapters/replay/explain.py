"""`explain`: every number of one miner's reward in one step, as tables or JSON."""

import json
import math
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from adapters.journal.opening import reading
from adapters.replay.steps import find, response_of
from adapters.replay.table import ABSENT, console, number, table, when
from adapters.reporting.text import visible
from effects.explain import Explanation, explain

MOST_TEXT, MOST_NAME = 4000, 40


def explain_reward(path: Path, *, forward: int, step: int, uid: int, as_json: bool) -> int:
    """Print why `uid` got its reward in a step.

    Raises:
        OperatorError: there is no such step, or the miner was not prompted in it.
    """
    with reading(path) as journal:
        judged = find(journal, forward, step)
    told = explain(judged.folded, judged.record, response_of(judged.record, uid))
    if as_json:
        print(json.dumps(attrs.asdict(told), indent=2))  # noqa: T201 - what was asked for
    else:
        _print(told, console())
    return 0


def _print(told: Explanation, out: Console) -> None:
    out.print(
        f"forward {told.forward_id}, step {told.index} ({told.task_type.value}), uid {told.uid} ({visible(told.hotkey, 60)})"
    )
    out.print(f"event {told.seq} of {when(told.at_s)} UTC: {visible(told.verdict, 200)}\n")
    out.print(f"prompt: {visible(told.prompt, MOST_TEXT)}\n")
    out.print(f"answer ({told.code}, {told.process_time_s:.3f} s): {visible(told.completion, MOST_TEXT)}")
    if told.wire is not None:
        out.print(f"wire: {told.wire}; {told.first_wire} was tried first because {told.wire_reason}")
    if told.scored is not None and told.scored != told.completion:
        out.print(f"scored: {visible(told.scored, MOST_TEXT)}")
    out.print()
    for part in (_functions(told), _masks(told), _penalties(told)):
        if part.row_count:
            out.print(part)
    _sum(told, out)


def _functions(told: Explanation) -> Table:
    made = table(
        "reward functions", "function", "raw", "count", "mean", "std", "normalised", "weight", "share", "part",
        text=("function",),
    )  # fmt: skip
    for part in told.functions:
        raw = number(part.raw) + ("" if part.measured else " (sentinel)")
        statistics = part.statistics
        product = None if part.normalised is None else part.share * part.normalised
        made.add_row(
            visible(part.name, MOST_NAME),
            raw,
            str(statistics.count),
            number(statistics.mean),
            number(math.sqrt(max(0.0, statistics.variance))),
            number(part.normalised),
            number(part.weight, 3),
            number(part.share, 3),
            number(product),
        )
    return made


def _masks(told: Explanation) -> Table:
    made = table("masks", "mask", "value", "reason", text=("mask", "reason"))
    for mask in told.masks:
        value = ABSENT if mask.value is None else str(mask.value)
        made.add_row(
            visible(mask.name, MOST_NAME),
            value if mask.is_on else f"{value} (off)",
            visible(mask.reason, 200),
        )
    return made


def _penalties(told: Explanation) -> Table:
    made = table("penalties", "penalty", "raw", "adjusted", "factor", text=("penalty",))
    for penalty in told.penalties:
        made.add_row(penalty.name, number(penalty.raw), number(penalty.adjusted), number(penalty.applied))
    return made


def _sum(told: Explanation, out: Console) -> None:
    if told.weighted is not None:
        masked = ABSENT if told.masked is None else str(told.masked)
        out.print(
            f"reward  = {number(told.weighted)} (functions) * {masked} (masks) * {number(told.penalty)} (penalties)"
            f" = {number(told.reward)}"
        )
    if told.counted:
        out.print(
            f"average = {told.alpha:g} * {number(told.reward)} + {1 - told.alpha:g} * {number(told.before)} = {number(told.after)}"
        )
    else:
        out.print(f"average = {number(told.before)}, as before")

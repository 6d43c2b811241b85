"""The summary as tables for people, printed when a run is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from statistics import fmean

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.reporting.collector import COMPLETE
from adapters.reporting.summary import ForwardSummary, MinerSummary, Summary, WeightsSummary
from adapters.reporting.text import visible
from adapters.reporting.words import count, duration, top_weights
from core.types import OK, Uid

SHOWN_MINERS = 10
SHOWN_WEIGHTS = 10
SHOWN_ENDINGS = 8
SHOWN_DIFFERENCES = 10
MOST_NAME = 60
# From this on a blocked event loop is worth a warning: miners' answers and blocks wait meanwhile.
LAG_WARNING_MS = 100.0


def show(summary: Summary, console: Console) -> None:
    """Print the summary."""
    console.print(tables(summary))


def tables(summary: Summary) -> RenderableType:
    """Miners, weights, forwards, and one line each for what was checked."""
    has_behaviours = any(miner.behaviour for miner in summary.miners)
    miners = by_behaviour(summary.miners) if has_behaviours else by_score(summary.miners)
    return Group(miners, _weights(summary.weights), _forwards(summary.forwards), _checks(summary))


def by_behaviour(miners: Sequence[MinerSummary]) -> Table:
    """One row per behaviour, best mean score first."""
    table = _table("Miners by behaviour")
    table.add_column("behaviour", no_wrap=True)
    for name in ("miners", "mean score", "lowest", "highest", "mean incentive", "incentive in all"):
        table.add_column(name, justify="right")
    groups: dict[str, list[MinerSummary]] = defaultdict(list)
    for miner in miners:
        groups[miner.behaviour].append(miner)
    for name, group in sorted(groups.items(), key=lambda item: -fmean(m.score for m in item[1])):
        scores, incentives = [m.score for m in group], [m.incentive for m in group]
        told = (fmean(scores), min(scores), max(scores))
        paid = (fmean(incentives), sum(incentives))
        table.add_row(
            Text(visible(name or "unknown", MOST_NAME)),
            str(len(group)),
            *(f"{score:.4f}" for score in told),
            *(f"{share * 100:.2f} %" for share in paid),
        )
    return table


def by_score(miners: Sequence[MinerSummary]) -> Table:
    """The best miners, one row each."""
    table = _table(f"Miners, the best {min(SHOWN_MINERS, len(miners))} of {len(miners)}")
    for name, justify in (("uid", "right"), ("hotkey", "left"), ("score", "right"), ("incentive", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=name != "hotkey")
    for miner in sorted(miners, key=lambda m: (-m.score, m.uid))[:SHOWN_MINERS]:
        hotkey = Text(visible(miner.hotkey, MOST_NAME))
        table.add_row(str(miner.uid), hotkey, f"{miner.score:.4f}", f"{miner.incentive * 100:.2f} %")
    return table


def _weights(history: Sequence[WeightsSummary]) -> RenderableType:
    if not history:
        return Text("No weights were set.\n", style="yellow")
    table = _table(f"Weights, the last {min(SHOWN_WEIGHTS, len(history))} of {len(history)}")
    table.add_column("block", justify="right")
    table.add_column("uids", justify="right")
    table.add_column("highest")
    table.add_column("result")
    for entry in history[-SHOWN_WEIGHTS:]:
        highest = top_weights(
            (Uid(uid), weight) for uid, weight in zip(entry.uids, entry.weights, strict=True)
        )
        # The reason was made visible when it was taken in.
        result = Text("accepted", style="green") if entry.accepted else Text(entry.error, style="red")
        table.add_row(str(entry.block), str(len(entry.uids)), highest, result)
    return table


def _forwards(forwards: Sequence[ForwardSummary]) -> Table:
    table = _table("Forwards, by how they ended")
    for name in ("forwards", "steps", "responses", "answers"):
        table.add_column(name, justify="right")
    table.add_column("ended")
    endings = groupby(sorted(forwards, key=_ending), key=_ending)
    shown = sorted(((ended, list(group)) for ended, group in endings), key=lambda item: -len(item[1]))
    for ended, group in shown[:SHOWN_ENDINGS]:
        table.add_row(*_counts(group), Text(ended, style="green" if ended == COMPLETE else "yellow"))
    rest = [forward for _, group in shown[SHOWN_ENDINGS:] for forward in group]
    if rest:
        table.add_row(*_counts(rest), Text("for other reasons", style="dim"))
    return table


def _ending(forward: ForwardSummary) -> str:
    return forward.ended


def _counts(forwards: Sequence[ForwardSummary]) -> tuple[str, ...]:
    steps = [step for forward in forwards for step in forward.steps]
    statuses = [status for step in steps for status in step.statuses]
    numbers = (len(forwards), len(steps), len(statuses), sum(status == OK for status in statuses))
    return tuple(map(str, numbers))


def _checks(summary: Summary) -> Text:
    lines = Text()
    for text, is_good in _verdicts(summary):
        lines.append(f"{'✓' if is_good else '✗'} ", "green" if is_good else "bold red")
        lines.append(text + "\n")
    return lines


def _verdicts(summary: Summary) -> Iterable[tuple[str, bool]]:
    """Sentences, and whether all is well with what they say."""
    recount = summary.recount
    yield f"{count(len(summary.forwards), 'forward')} in {duration(summary.duration_s)}", True
    if summary.forgotten_forwards:
        yield f"{count(summary.forgotten_forwards, 'older forward')} no longer remembered", True
    if summary.health.unscored_steps:
        steps = f"{count(summary.health.unscored_steps, 'step')} scored without all functions and masks"
        yield "; ".join(filter(None, (steps, summary.health.line()))), False
    yield str(recount), recount.differences_in_all == 0
    for difference in recount.differences[:SHOWN_DIFFERENCES]:
        yield visible(difference, 200), False
    lag_ms = summary.loop_lag_max_ms
    lag = f"event loop late by {lag_ms:.1f} ms at most, {summary.loop_lag_p99_ms:.1f} ms in 99 of 100 cases"
    yield lag, lag_ms <= LAG_WARNING_MS
    yield f"{count(summary.dropped_completions, 'completion')} dropped that nothing waited for", True


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)

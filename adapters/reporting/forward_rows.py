"""The live view's forwards: one row each, with a cell per prompt step."""

from typing import assert_never

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.reporting.board import Progress, Snapshot
from adapters.reporting.words import count
from core.state import (
    Answered,
    DrawingContext,
    ForwardPhase,
    Plan,
    Querying,
    Recovered,
    Resting,
    Scoring,
    State,
)
from core.types import TaskType

_NAMES = {TaskType.SUMMARY: "summary", TaskType.QUESTION: "question", TaskType.ANSWER: "answer"}
DONE, DONE_WITHOUT_BEST, LEFT_OUT, ASKING, SCORING, WAITING = "●", "○", "-", "▸", "◆", "·"
LEGEND = f"{DONE} done {DONE_WITHOUT_BEST} no best {ASKING} asking {SCORING} scoring {WAITING} waiting"
_STYLES = {
    DONE: "green",
    DONE_WITHOUT_BEST: "yellow",
    LEFT_OUT: "dim",
    ASKING: "bold cyan",
    SCORING: "bold magenta",
    WAITING: "dim",
}


def forwards_panel(snapshot: Snapshot, state: State, now_s: float, most_rows: int) -> Panel:
    """The running forwards, oldest first, at most `most_rows` of them."""
    table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
    for style in ("bold", "", ""):
        table.add_column(no_wrap=True, style=style)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    phases = list(state.forwards.items())
    for forward_id, phase in phases[:most_rows]:
        progress = snapshot.forwards.get(forward_id, Progress())
        table.add_row(f"#{forward_id}", _cells(state, phase, progress), *_doing(phase, progress, now_s))
    if not phases:
        table.add_row("", Text("none is running", style="dim"), "", "")
    return Panel(table, title=_title(len(phases), most_rows), box=box.ROUNDED, padding=0, subtitle=LEGEND)


def _title(running: int, most_rows: int) -> str:
    hidden = f", {running - most_rows} not shown" if running > most_rows else ""
    return f"{count(running, 'forward')} in progress{hidden}"


def _cells(state: State, phase: ForwardPhase, progress: Progress) -> Text:
    plan = _plan(phase)
    current = plan.index if plan else -1
    cells = Text()
    for index in range(1 + 2 * state.config.neuron.num_followup_steps):
        if index == current:
            sign = ASKING if isinstance(phase, Querying) else SCORING
        elif index in progress.had_best:
            sign = DONE if progress.had_best[index] else DONE_WITHOUT_BEST
        else:
            sign = LEFT_OUT if index < current else WAITING
        cells.append(sign, _STYLES[sign])
    return cells


def _plan(phase: ForwardPhase) -> Plan | None:
    match phase:
        case Querying(plan=plan):
            return plan
        case Scoring(answered=answered) | Recovered(answered=answered):
            return answered.plan
        case DrawingContext() | Resting():
            return None
        case other:
            assert_never(other)


def _answers(answered: Answered) -> str:
    received = sum(bool(outcome.completion) for outcome in answered.outcomes)
    return f"{count(received, 'answer')} of {len(answered.outcomes)}"


def _doing(phase: ForwardPhase, progress: Progress, now_s: float) -> tuple[Text, Text]:
    """What the forward is at, and how much of it there is."""
    match phase:
        case DrawingContext():
            return Text("context"), Text("drawing a text", style="dim")
        case Querying(plan=plan):
            left_s = plan.started_at_s + progress.timeout_s - now_s
            asked = f"asking {count(len(plan.targets), 'miner')}, {max(0.0, left_s):.0f} s left"
            return Text(_NAMES[plan.task.type]), Text(asked, style="cyan")
        case Scoring(answered=answered):
            since_s = max(0.0, now_s - answered.at_s)
            scored = f"scoring {_answers(answered)}, for {since_s:.0f} s"
            return Text(_NAMES[answered.plan.task.type]), Text(scored, style="magenta")
        case Recovered(answered=answered):
            held = f"{_answers(answered)} from before the restart"
            return Text(_NAMES[answered.plan.task.type]), Text(held, style="yellow")
        case Resting():
            return Text("ended"), Text(progress.ended, style="yellow")
        case other:
            assert_never(other)

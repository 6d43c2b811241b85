"""The report as people read it."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.simulation.kinds import Kind
from tests.simulation.report import PROMISED_MOVES, Report

MOST_SHOWN = 20


def show(console: Console, report: Report) -> None:
    """Faults by kind, then what was covered, then what was broken."""
    console.print(_faults(report))
    console.print(
        f"{report.seeds} seeds, {report.forwards} forwards, {report.events} events, {report.lives} lives of the process, "
        f"{report.virtual_s / 86_400:.1f} days of the subnet in {report.seconds:.0f} s",
        highlight=False,
    )
    console.print(
        f"transitions covered: {report.transitions_covered} of {len(PROMISED_MOVES)}", highlight=False
    )
    _list(console, "not gone through", report.missed_moves)
    _list(console, "never happened", report.missed_kinds)
    if report.covered is not None:
        console.print(
            f"branches of the core taken by some of the seeds: {report.covered.taken} of {report.covered.branches} "
            f"({len(report.covered.left_out)} left out)",
            highlight=False,
        )
        _list(console, "not taken", report.covered.missed)
        _list(console, "left out", report.covered.left_out)
    console.print(f"violations: {len(report.broken)}", style="bold red" if report.broken else "bold green")


def _faults(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for _ in range(2):
        table.add_column("fault")
        table.add_column("times", justify="right")
    kinds = list(Kind)
    half = -(-len(kinds) // 2)
    for left, right in zip(kinds[:half], [*kinds[half:], None], strict=False):
        cells = [(str(kind), str(report.faults[kind])) if kind else ("", "") for kind in (left, right)]
        table.add_row(*(cell for pair in cells for cell in pair))
    return table


def _list(console: Console, title: str, items: Sequence[str]) -> None:
    for item in items[:MOST_SHOWN]:
        console.print(f"  {title}: {item}", markup=False, highlight=False)
    if len(items) > MOST_SHOWN:
        console.print(f"  {title}: {len(items) - MOST_SHOWN} more", markup=False, highlight=False)

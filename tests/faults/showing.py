"""A report as a table for people."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.faults.report import Report


def show(console: Console, found: Report) -> None:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for part in (
        {"seconds": found.seconds, "outage_percent": found.outage_percent},
        found.faults,
        {f"{kind}_left_out": count for kind, count in found.left_out.items()},
        found.epochs,
        found.counts,
    ):
        for name, value in part.items():
            table.add_row(name.replace("_", " "), f"{value:,.9g}")
        table.add_section()
    console.print(table)
    for line in found.missed:
        console.print(line, markup=False, highlight=False)
    for problem in found.problems:
        console.print(problem, style="red", markup=False, highlight=False)
    console.print("all well" if found.is_good else f"{len(found.problems)} problems", style="bold")

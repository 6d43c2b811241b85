"""The journal's figures beside their targets: a table for people, JSON for programs."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench.appending import Cost
from tests.bench.contents import Contents
from tests.bench.day import Made
from tests.bench.deciding import Share
from tests.bench.processes import Restart, Verification
from tests.bench.processor import processor

MIB, KIB = 1 << 20, 1 << 10
FORWARDS_PER_DAY = 1000


@attrs.frozen
class Figure:
    """One line of the table; `target` is what it should stay below, None where nothing is asked of it."""

    name: str
    value: float
    unit: str
    target: float | None = None


@attrs.frozen
class Measured:
    """All that was measured of one day."""

    made: Made
    contents: Contents
    verification: Verification
    clean: Restart
    killed: Restart
    appends: Sequence[Cost]
    deciding: Mapping[str, Share]


def figures(measured: Measured) -> list[Figure]:
    return [
        *_of_verification(measured.verification),
        *_of_restart("a clean end", measured.clean),
        *_of_restart("a kill", measured.killed),
        *_of_appends(measured.appends),
        *_of_contents(measured.contents, measured.made),
        *_of_deciding(measured.deciding[""]),
    ]


def _of_verification(found: Verification) -> list[Figure]:
    return [
        Figure("verify, all of it", found.seconds, "s", 120),
        Figure("verify, peak memory", found.peak_mib, "MiB", 1024),
    ]


def _of_restart(after: str, found: Restart) -> list[Figure]:
    return [
        Figure(f"restart after {after}", found.seconds, "s", 5),
        Figure(f"restart after {after}: events folded", found.after_snapshot, ""),
        Figure(f"restart after {after}: imports, not counted", found.imports_s, "s"),
    ]


def _of_appends(costs: Sequence[Cost]) -> list[Figure]:
    append, commit = [cost.append for cost in costs], [cost.commit for cost in costs]
    ratio = statistics.median(cost.append / cost.commit for cost in costs)
    return [
        Figure("append of a step, median", statistics.median(append), "ms", 2),
        Figure("append of a step, p99", _p99(append), "ms"),
        Figure("append of a step: rows without disk", statistics.median(cost.rows for cost in costs), "ms"),
        Figure("append of a step: share with a snapshot", _snapshot_share(costs), ""),
        Figure("two plain commits, median", statistics.median(commit), "ms"),
        Figure("two plain commits, p99", _p99(commit), "ms"),
        Figure("append of a step / two plain commits", ratio, "x"),
    ]


def _snapshot_share(costs: Sequence[Cost]) -> float:
    return sum(cost.has_snapshot for cost in costs) / len(costs)


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def _of_contents(found: Contents, made: Made) -> list[Figure]:
    per_forward = found.file / made.forwards
    return [
        Figure("file per forward", per_forward / KIB, "KiB"),
        Figure(f"file per day of {FORWARDS_PER_DAY} forwards", FORWARDS_PER_DAY * per_forward / MIB, "MiB"),
        Figure("events, JSON / compressed", found.compression, "x"),
    ]


def _of_deciding(found: Share) -> list[Figure]:
    return [
        Figure("core.machine.step per event", found.step_ms, "ms"),
        Figure("effects.decision.decided per event", found.decided_ms, "ms"),
        Figure("decided / step", found.ratio, "x"),
    ]


def header(measured: Measured) -> dict[str, Any]:
    made, found = measured.made, measured.contents
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_average": [round(x, 2) for x in os.getloadavg()],
        "day": f"{made.forwards} forwards, {made.steps} steps, {found.events} events in {made.span_s / 3600:.1f} h",
        "miners": f"{made.miners:.1f} prompted per step",
        "steps_appended": len(measured.appends),
    }


def as_json(measured: Measured) -> dict[str, Any]:
    return {
        "header": header(measured),
        "figures": [attrs.asdict(figure) for figure in figures(measured)],
        "verification": attrs.asdict(measured.verification),
        "restart": {"clean": attrs.asdict(measured.clean), "killed": attrs.asdict(measured.killed)},
        "contents": attrs.asdict(measured.contents),
        "appends": [attrs.asdict(cost) for cost in measured.appends],
        "deciding": {kind or "all": attrs.asdict(share) for kind, share in measured.deciding.items()},
    }


def show(measured: Measured) -> None:
    console = Console(width=110)
    for name, value in header(measured).items():
        console.print(f"{name.replace('_', ' '):20} {value}", highlight=False)
    table = Table("", box=SIMPLE_HEAD)
    for column in ("measured", "", "target", "met"):
        table.add_column(column, justify="right")
    for figure in figures(measured):
        table.add_row(figure.name, f"{figure.value:.4g}", figure.unit, *_judged(figure))
    console.print(table)


def _judged(figure: Figure) -> tuple[str, str]:
    if figure.target is None:
        return "", ""
    return f"< {figure.target:g}", "yes" if figure.value < figure.target else "no"

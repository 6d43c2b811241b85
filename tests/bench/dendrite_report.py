"""The dendrite's figures: a table for people, JSON for programs."""

import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from core.types import Wire
from tests.bench.dendrite_clients import Round
from tests.bench.processor import processor

WANTED = "wanted: CPU at most 1/10 of the v10 SDK's, p50 below 150 ms with 256 targets"
COLUMNS = ("calls/s", "CPU ms/call", "of v10's", "p50 ms", "p95 ms", "failed")


@attrs.frozen
class Figures:
    """What a client's rounds over so many targets come to.

    Attributes:
        wire: None for the v10 SDK's client.
        calls_per_s, client_cpu_ms_per_call: medians of the rounds.
        p50_ms, p95_ms: of a miner's time as the client measures it, over the answered calls of all rounds; None where
            none was answered.
        failed: calls of all rounds.
    """

    targets: int
    wire: Wire | None
    calls_per_s: float
    client_cpu_ms_per_call: float
    p50_ms: float | None
    p95_ms: float | None
    failed: int


def figures(targets: int, wire: Wire | None, rounds: Sequence[Round]) -> Figures:
    times_ms = [1000 * time_s for one in rounds for time_s in one.times_s]
    return Figures(
        targets,
        wire,
        statistics.median(one.calls / one.wall_s for one in rounds),
        statistics.median(1000 * one.cpu_s / one.calls for one in rounds),
        _percentile(times_ms, 50),
        _percentile(times_ms, 95),
        sum(one.failed for one in rounds),
    )


def _percentile(values: Sequence[float], percent: int) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def as_json(found: Sequence[Figures]) -> dict[str, Any]:
    told = [attrs.asdict(one) for one in found]
    theirs = [
        {name: value for name, value in one.items() if name != "wire"} for one in told if one["wire"] is None
    ]
    return {"header": header(), "ours": [one for one in told if one["wire"] is not None], "v10": theirs}


def header() -> dict[str, Any]:
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": [round(x, 2) for x in os.getloadavg()],
    }


def show(found: Sequence[Figures]) -> None:
    console = Console(width=110)
    for name, value in header().items():
        console.print(f"{name.replace('_', ' '):20} {value}", highlight=False)
    table = Table(box=SIMPLE_HEAD)
    table.add_column("targets", justify="right")
    table.add_column("client")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    v10_ms = {one.targets: one.client_cpu_ms_per_call for one in found if one.wire is None}
    for one in found:
        table.add_row(*_cells(one, v10_ms.get(one.targets)))
    console.print(table)
    console.print(WANTED, highlight=False)


def _cells(one: Figures, v10_ms: float | None) -> tuple[str, ...]:
    return (
        str(one.targets),
        f"ours, {one.wire}" if one.wire else "v10 SDK",
        f"{one.calls_per_s:.0f}",
        f"{one.client_cpu_ms_per_call:.2f}",
        f"1/{v10_ms / one.client_cpu_ms_per_call:.1f}" if v10_ms and one.wire else "",
        _ms(one.p50_ms),
        _ms(one.p95_ms),
        str(one.failed),
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"

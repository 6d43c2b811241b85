"""Figures as a table for people and as JSON for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench.measuring import Figures

COLUMNS = ("reference ms", "batched ms", "ratio", "of the runs", "max abs diff", "tokens", "least", "of peak")
# What a step of the network's default settings goes through.
DEFAULT_STACK = (
    "dpo",
    "reciprocate",
    "relevance with diversity",
    "nsfw",
    "diversity history",
    "n-gram check",
    "penalties",
)


@attrs.frozen
class Total:
    """Sums of the rows of the default stack that were measured."""

    of: tuple[str, ...]
    reference_ms: float
    batched_ms: float
    ratio: float


def total(figures: Sequence[Figures]) -> Total | None:
    rows = [row for row in figures if row.name in DEFAULT_STACK]
    if not rows:
        return None
    reference_ms, batched_ms = sum(row.reference_ms for row in rows), sum(row.batched_ms for row in rows)
    return Total(tuple(row.name for row in rows), reference_ms, batched_ms, reference_ms / batched_ms)


def as_json(header: Mapping[str, Any], figures: Sequence[Figures]) -> dict[str, Any]:
    summed = total(figures)
    return {
        "header": dict(header),
        "components": [attrs.asdict(row) for row in figures],
        "default_stack": attrs.asdict(summed) if summed else None,
    }


def show(header: Mapping[str, Any], figures: Sequence[Figures]) -> None:
    console = Console(width=140)
    for name, value in header.items():
        console.print(f"{name.replace('_', ' '):20} {value}", highlight=False)
    table = Table(box=SIMPLE_HEAD)
    table.add_column("component")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in figures:
        table.add_row(row.name, *_cells(row))
    summed = total(figures)
    if summed:
        table.add_section()
        name = f"default stack, {len(summed.of)} of {len(DEFAULT_STACK)} rows"
        table.add_row(name, f"{summed.reference_ms:.1f}", f"{summed.batched_ms:.1f}", f"{summed.ratio:.2f}")
    console.print(table)


def line(row: Figures) -> str:
    """For those who wait."""
    return f"{row.name}: {row.reference_ms:.1f} ms, batched {row.batched_ms:.1f} ms, ratio {row.ratio:.2f}"


def _cells(row: Figures) -> tuple[str, ...]:
    low, high = row.ratios
    return (
        f"{row.reference_ms:.1f}",
        f"{row.batched_ms:.1f}",
        f"{row.ratio:.2f}",
        f"{low:.2f} to {high:.2f}",
        f"{row.max_abs_diff:.1e}",
        "" if row.tokens is None else str(row.tokens),
        "" if row.least_tokens is None else str(row.least_tokens),
        "" if row.peak_share is None else f"{row.peak_share:.0%}",
    )

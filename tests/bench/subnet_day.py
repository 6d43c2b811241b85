"""`python -m tests.bench.subnet_day`: what a subnet's day takes on one core, and what a step's cost grows with.

Rules:
- Told are CPU seconds of the machine: the core, and the fingerprint of what it decided, as the runner takes an event in. What the
  made-up world takes, and the disk, is not in them.
- A step's cost is told at sizes of which every step gets as many miners as it wishes for, or the whole subnet: two rounds in a forward.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench.day_costs import Costs, core_alone, core_and_decision, day_costs, shares_s
from tests.bench.day_world import Scale
from tests.bench.dendrite_report import header

SHORT_WORDS = (10, 40)
UIDS, MINERS = 256, 50
# What the name of a day says: nine steps are the default, and share 256 uids out; five leave 50 miners for each.
ROUNDS = {"nine steps": 4, "five steps": 2}
SIZES = tuple(product((256, 1024, 4096), (10, 25, 50)))
FORWARDS, FORWARDS_PER_SIZE = 1000, 60


@attrs.frozen
class Day:
    """CPU seconds; `core_s` without the fingerprint of decisions, `shares_s` by kinds of event."""

    name: str
    blocks: int
    forwards: int
    steps: int
    miners_per_step: float
    total_s: float
    core_s: float
    shares_s: Mapping[str, float]


@attrs.frozen
class Size:
    """What a step takes in a subnet of so many uids: the median, and the mean with all that comes now and then."""

    uids: int
    miners_per_step: float
    step_us: float
    mean_step_us: float


@attrs.frozen
class Fit:
    """The plane nearest to the sizes' medians: `step_us = fixed_us + per_miner_us * miners + per_uid_us * uids`.

    Attributes:
        largest_error: of the plane at one of the sizes, relative.
    """

    fixed_us: float
    per_miner_us: float
    per_uid_us: float
    largest_error: float


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    days = [_day(name, options.forwards) for name in ROUNDS]
    sizes = [_size(uids, miners, options.forwards_per_size) for uids, miners in SIZES]
    plane = fit(sizes)
    _show(days, sizes, plane)
    if options.json:
        options.json.write_text(json.dumps(_as_json(days, sizes, plane), indent=2) + "\n", encoding="utf-8")


def _day(name: str, forwards: int) -> Day:
    sys.stderr.write(f"a day of {name}\n")
    scale = Scale(forwards, MINERS, UIDS, ROUNDS[name], SHORT_WORDS)
    alone, whole = day_costs(scale, core_alone), day_costs(scale, core_and_decision)
    return Day(
        name,
        whole.blocks,
        whole.forwards,
        whole.steps,
        whole.miners,
        whole.total_s,
        alone.total_s,
        shares_s(whole),
    )


def _size(uids: int, miners: int, forwards: int) -> Size:
    sys.stderr.write(f"{uids} uids, {miners} miners a step\n")
    scale = Scale(forwards, miners, uids, ROUNDS["five steps"], SHORT_WORDS)
    costs: Costs = day_costs(scale, core_and_decision)
    return Size(uids, costs.miners, costs.step_us, costs.mean_step_us)


def fit(sizes: Sequence[Size]) -> Fit:
    rows = np.array([(1.0, size.miners_per_step, size.uids) for size in sizes])
    found = np.array([size.step_us for size in sizes])
    # Relative errors count, so that the largest steps do not settle it alone.
    plane = np.linalg.lstsq(rows / found[:, None], np.ones(len(sizes)), rcond=None)[0]
    fixed_us, per_miner_us, per_uid_us = map(float, plane)
    return Fit(fixed_us, per_miner_us, per_uid_us, float(abs(rows @ plane / found - 1).max()))


def _as_json(days: Sequence[Day], sizes: Sequence[Size], plane: Fit) -> dict[str, Any]:
    return {
        "header": header(),
        "days": [attrs.asdict(day) for day in days],
        "sizes": [attrs.asdict(size) for size in sizes],
        "fit": attrs.asdict(plane),
    }


def _show(days: Sequence[Day], sizes: Sequence[Size], plane: Fit) -> None:
    console = Console(width=120)
    for name, value in header().items():
        console.print(f"{name.replace('_', ' '):20} {value}", highlight=False)
    console.print(
        _table(
            "a day: miners a step; CPU seconds on one core of all, of the core alone, and of all by event",
            [_cells(day) for day in days],
        )
    )
    told = [
        {
            "uids": str(size.uids),
            "miners a step": f"{size.miners_per_step:.0f}",
            "step µs, median": f"{size.step_us:.0f}",
            "µs a miner": f"{size.step_us / size.miners_per_step:.1f}",
            "step µs, mean": f"{size.mean_step_us:.0f}",
        }
        for size in sizes
    ]
    console.print(_table("a step, core and decision", told))
    console.print(
        f"a step takes {plane.fixed_us:.0f} µs, {plane.per_miner_us:.1f} µs a miner, {1000 * plane.per_uid_us:.1f} ns a uid"
        f" (off by {plane.largest_error:.0%} at most)",
        highlight=False,
    )


def _cells(day: Day) -> dict[str, str]:
    return {
        "of": day.name,
        "blocks": str(day.blocks),
        "forwards": str(day.forwards),
        "miners": f"{day.miners_per_step:.1f}",
        "all": f"{day.total_s:.2f}",
        "core alone": f"{day.core_s:.2f}",
        **{name: f"{seconds:.2f}" for name, seconds in day.shares_s.items()},
    }


def _table(title: str, rows: Sequence[Mapping[str, str]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title=title)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row.values())
    return table


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.subnet_day", description=__doc__)
    parser.add_argument(
        "--forwards", type=int, default=FORWARDS, help="of a day; a thousand make 7200 blocks"
    )
    parser.add_argument(
        "--forwards-per-size", type=int, default=FORWARDS_PER_SIZE, help="of which a step's cost is taken"
    )
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()

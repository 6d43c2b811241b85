"""`python -m tests.simulation`: let the real validator live through a simulated world, once per seed, and hold it to its laws.

Core, runner and journal are the real ones; time, miners, chain, models and disk are simulated, and fail in every way that is known, at
random: which way, follows from the seed. After every event it is looked at whether all that must hold does (`tests/simulation/watch`).
A seed that breaks a law is run again with fewer and fewer faults, and the command that repeats what is left is printed.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.simulation.covering import covered
from tests.simulation.only import as_words, from_words
from tests.simulation.report import Report
from tests.simulation.running import runs
from tests.simulation.showing import show
from tests.simulation.shrinking import shrunk
from tests.simulation.simulation import Run, simulate

# Seeds of which the branches are looked at: that takes a few times as long.
COVERING_SEEDS, COVERING_FORWARDS = 220, 25
MOST_SHRUNK = 3
# Where no bar can be drawn.
TOLD_EVERY_SEEDS = 250


def main(argv: Sequence[str] | None = None) -> int:
    """Run the seeds; 0 if no law was broken, else 1."""
    options, console = _options(argv), Console(stderr=True)
    if options.only is not None:
        return _repeat(options, console)
    report, began_s = Report(), time.monotonic()
    for run in _with_progress(options, console, report):
        report.add(run)
    report.seconds = time.monotonic() - began_s
    if not options.no_branches:
        last = min(options.seeds[-1], options.seeds[0] + COVERING_SEEDS - 1)
        report.covered = covered(options.seeds[0], last, min(options.forwards, COVERING_FORWARDS))
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
    show(console, report)
    for broken in report.broken[:MOST_SHRUNK]:
        _explain(broken, console)
    return 1 if report.broken else 0


def _with_progress(options: argparse.Namespace, console: Console, report: Report) -> Iterator[Run]:
    columns = (
        TextColumn("seeds"),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(options.seeds))
        for run in runs(options.seeds, options.forwards, options.jobs):
            yield run
            if run.violation is not None:
                progress.console.print(f"seed {run.seed}: {run.violation}", markup=False, highlight=False)
            words = (
                f"{report.forwards} forwards, {report.faults.total()} faults, {len(report.broken)} violations"
            )
            progress.update(task, advance=1, description=words)
            if not console.is_terminal and report.seeds % TOLD_EVERY_SEEDS == 0:
                console.print(f"{report.seeds} of {len(options.seeds)} seeds: {words}", highlight=False)


def _explain(broken: Run, console: Console) -> None:
    """Fewer faults, fewer forwards, and how to see it again."""
    console.print(f"\nseed {broken.seed}: {broken.violation}", style="bold red", markup=False)
    console.print(_command(broken), markup=False, highlight=False, soft_wrap=True)
    with console.status("looking for the fewest faults that break a law") as status:
        smallest, needed = shrunk(broken, status.update)
    console.print(
        f"with {len(needed)} of its {len(broken.strikes)} faults: {smallest.violation}", markup=False
    )
    for strike in needed:
        console.print(f"  {strike.kind.name}@{strike.number}  {strike.kind}", markup=False, highlight=False)
    console.print(
        f"{_command(smallest)} --only {as_words(needed)}", markup=False, highlight=False, soft_wrap=True
    )


def _command(run: Run) -> str:
    return f"python -m tests.simulation --seeds {run.seed}-{run.seed} --forwards {run.wanted}"


def _repeat(options: argparse.Namespace, console: Console) -> int:
    """One run with these faults and no others."""
    run = simulate(options.seeds[0], options.forwards, options.only)
    console.print(
        run.violation or f"no law is broken in {run.forwards} forwards", markup=False, highlight=False
    )
    return 1 if run.violation else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "--seeds", type=_range, default=range(1, 101), metavar="A-B", help="both included; 1-100"
    )
    parser.add_argument("--forwards", type=int, default=200, help="that end in each run; 200")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="runs at once; one for each core"
    )
    parser.add_argument("--json", type=Path, help="write what was found here, too")
    parser.add_argument(
        "--only",
        type=from_words,
        metavar="FAULTS",
        help="one seed with these faults alone, as a failure prints them",
    )
    parser.add_argument(
        "--no-branches", action="store_true", help="do not look at which branches of the core are taken"
    )
    return parser.parse_args(argv)


def _range(words: str) -> range:
    first, _, last = words.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise argparse.ArgumentTypeError(
            f"{words!r} is no range of seeds: give the first and the last, as in 1-100"
        )
    return range(int(first), int(last) + 1)


if __name__ == "__main__":
    sys.exit(main())

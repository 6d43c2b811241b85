"""`python -m tests.mutation`: change the core in small ways, one at a time, and see that the tests notice.

The mutants are made and tested by mutmut, set up in `pyproject.toml`; what stands here reads what came of them and compares the survivors
with those that `docs/mutants.md` explains. It ends with 1 if less than 85 % are found, or a survivor is not explained.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.mutation.mutants import (
    LEAST_SCORE_PERCENT,
    PAGE,
    ROOT,
    Mutant,
    change_of,
    explained_in,
    function_of,
    is_good,
    outdated,
    score_percent,
    unexplained,
)

FOLDER = ROOT / "mutants"


def main(argv: Sequence[str] | None = None) -> int:
    """Test all mutants; 0 if enough of them are found and the others explained, else 1."""
    options, console = _options(argv), Console()
    seconds = 0.0 if options.again else _test(options.processes)
    mutants = list(_mutants())
    explained = explained_in(PAGE.read_text(encoding="utf-8"))
    if options.json:
        found = _as_json(mutants, seconds, options.processes)
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    _show(console, mutants, explained)
    return 0 if is_good(mutants, explained) else 1


def _test(processes: int) -> float:
    """Make and test all mutants, from nothing; the seconds that it took."""
    began_s = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    program = Path(sys.executable).with_name("mutmut")
    if subprocess.run([program, "run", "--max-children", str(processes)], cwd=ROOT, check=False).returncode:
        sys.exit(
            "error: mutmut gave up, for the reason above: the tests must pass before any mutant is tested"
        )
    return time.monotonic() - began_s


def _mutants() -> Iterator[Mutant]:
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            mutant = Mutant(function_of(name), status_by_exit_code[exit_code])
            if not mutant.is_found:
                before, after = change_of(get_diff_for_mutant(name, path=path))
                mutant = Mutant(mutant.function, mutant.status, before, after)
            yield mutant


def _as_json(mutants: Sequence[Mutant], seconds: float, processes: int) -> dict[str, object]:
    modules = dict.fromkeys(mutant.module for mutant in mutants)
    return {
        "mutants": len(mutants),
        "statuses": dict(Counter(mutant.status for mutant in mutants)),
        "score_percent": score_percent(mutants),
        "modules": {name: score_percent([m for m in mutants if m.module == name]) for name in modules},
        "seconds": seconds,
        "processes": processes,
    }


def _show(console: Console, mutants: Sequence[Mutant], explained: frozenset[str]) -> None:
    console.print(_modules(mutants))
    console.print(_survivors(mutants, explained))
    unknown, old = unexplained(mutants, explained), outdated(mutants, explained)
    for title, rows in (
        ("survivors that docs/mutants.md does not explain:", [mutant.row for mutant in unknown]),
        ("explained there, but found now, or gone:", old),
    ):
        if rows:
            console.print(title, style="bold")
            console.print("\n".join(rows), markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{score_percent(mutants):.1f} % of {len(mutants)} mutants are found, {LEAST_SCORE_PERCENT:.0f} % are wanted; "
        f"{len(unknown)} survivors are not explained",
        style="bold",
        highlight=False,
    )


def _modules(mutants: Sequence[Mutant]) -> Table:
    table = Table("module", box=SIMPLE_HEAD)
    for title in ("mutants", "killed", "out of time or not startable", "not found", "score"):
        table.add_column(title, justify="right")
    for name in [*dict.fromkeys(mutant.module for mutant in mutants), "all"]:
        own = [mutant for mutant in mutants if name in {mutant.module, "all"}]
        killed = sum(mutant.status == "killed" for mutant in own)
        found = sum(mutant.is_found for mutant in own)
        counts = (len(own), killed, found - killed, len(own) - found)
        table.add_row(name, *map(str, counts), f"{score_percent(own):.1f} %")
    return table


def _survivors(mutants: Sequence[Mutant], explained: frozenset[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, show_lines=True)
    for title in ("function", "before", "after", "status", "explained"):
        table.add_column(title, overflow="fold")
    for mutant in mutants:
        if not mutant.is_found:
            is_known = "yes" if mutant.row in explained else "no"
            words = (
                mutant.function.removeprefix("core."),
                mutant.before,
                mutant.after,
                mutant.status,
                is_known,
            )
            table.add_row(*(word.replace("[", "\\[") for word in words))
    return table


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--processes", type=int, default=2, help="mutants that are tested at once")
    parser.add_argument("--again", action="store_true", help="show what came of the last run")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

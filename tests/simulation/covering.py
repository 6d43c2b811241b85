"""Which branches of the core a few simulations take: run in a process of its own, so that the core is not loaded before it is watched.

    python -m tests.simulation.covering --seeds 1-40 --forwards 40

Rules:
- What counts is what the core does while the validator has it decide something (`DECISIONS`). What the laws ask of it does not count; and to
  follow the rest of a simulation line by line would take it three times as long.
- What the core holds for others (whom a miner lets in, what an operator may set) is not looked at.
- The way past the last case of a `match`, which mypy proves to be complete, is no branch; pyproject's settings for coverage say so.
- What no run of today's validator can take is left out, and told apart with the reason (`LEFT_OUT`).
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, ParamSpec, TypeVar

import attrs
from coverage import Coverage

P = ParamSpec("P")
R = TypeVar("R")

ROOT = Path(__file__).parents[2]
OF_OTHERS = ("core/callers.py", "core/priority.py", "core/config.py", "core/version.py")
# Where runner and chain enter the core.
DECISIONS: Mapping[str, Sequence[str]] = {
    "core.machine": ("step",),
    "core.submission": ("row_for", "is_stale"),
    "core.refusals": ("before_sending", "after_sending", "meaning_of"),
}


class Way(NamedTuple):
    """From one line of a module to another, as they read without their indent."""

    module: str
    start: str
    end: str


OLDER = "a rule of an older logic version, which recorded journals are held to"
NOT_ASKED_FOR = "no task asks for paragraphs, though a criterion may"
LEFT_OUT: Mapping[Way, str] = {
    Way(
        "core/forwards.py",
        "if state.config.logic_version >= CHOOSES_WIRES:",
        "plan = Plan(index, task, task.prompt(), targets, at_s)",
    ): OLDER,
    Way("core/weights.py", "if not _dates_submissions(state):", "return submission"): OLDER,
    Way("core/weights.py", "if not _dates_submissions(state):", "return state.head <= void_from"): OLDER,
    Way("core/weights.py", "if not follows_the_chain(state):", "return ()"): OLDER,
    Way("core/criteria.py", "case Unit.SENTENCES:", "case Unit.PARAGRAPHS:"): NOT_ASKED_FOR,
}


@attrs.frozen
class Covered:
    """Branches of the core.

    Attributes:
        branches, taken: how many there are, and how many were taken; without those left out.
        missed: "module: line -> line: the first of them" of each that was not; "line -> -n" is a way out.
        left_out: the same of those that no run can take, and why.
    """

    branches: int
    taken: int
    missed: tuple[str, ...]
    left_out: tuple[str, ...]


def covered(first: int, last: int, forwards: int) -> Covered:
    """What the simulations of these seeds take."""
    command = [sys.executable, "-m", "tests.simulation.covering", "--seeds", f"{first}-{last}"]
    done = subprocess.run(
        [*command, "--forwards", str(forwards)], check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)
    return Covered(found["branches"], found["taken"], tuple(found["missed"]), tuple(found["left_out"]))


def main(argv: Sequence[str] | None = None) -> None:
    """Print, as JSON, what the seeds take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", required=True)
    parser.add_argument("--forwards", type=int, required=True)
    options = parser.parse_args(argv)
    first, last = map(int, options.seeds.split("-"))
    with TemporaryDirectory() as folder:
        print(json.dumps(attrs.asdict(_watched(Path(folder), range(first, last + 1), options.forwards))))  # noqa: T201 - for the one that called


def _watched(folder: Path, seeds: Sequence[int], forwards: int) -> Covered:
    settings = str(ROOT / "pyproject.toml")
    watching = Coverage(data_file=None, branch=True, source_pkgs=["core"], config_file=settings)
    with watching.collect(), _deciding_only():
        # Only now, so that what runs while a module is loaded counts, and what enters the core is seen.
        from tests.simulation.simulation import simulate

        for seed in seeds:
            simulate(seed, forwards)
    watching.json_report(outfile=str(folder / "report.json"))
    return _summed(json.loads((folder / "report.json").read_text(encoding="utf-8"))["files"])


@contextmanager
def _deciding_only() -> Iterator[None]:
    """Once the core is loaded, look only while one of `DECISIONS` is at work."""
    loaded = {name: import_module(name) for name in DECISIONS}
    tracer = sys.gettrace()
    for module, names in DECISIONS.items():
        for name in names:
            setattr(loaded[module], name, _seen(getattr(loaded[module], name), tracer))
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def _seen(decide: Callable[P, R], tracer: Any) -> Callable[P, R]:
    @wraps(decide)
    def seen(*args: P.args, **kwargs: P.kwargs) -> R:
        if sys.gettrace() is not None:  # called by another of them
            return decide(*args, **kwargs)
        sys.settrace(tracer)
        try:
            return decide(*args, **kwargs)
        finally:
            sys.settrace(None)

    return seen


def _summed(files: Mapping[str, Any]) -> Covered:
    counting = {name: file for name, file in files.items() if not name.endswith(OF_OTHERS)}
    branches = sum(file["summary"]["num_branches"] for file in counting.values())
    taken = sum(file["summary"]["covered_branches"] for file in counting.values())
    missed, left_out = [], []
    for name, file in sorted(counting.items()):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for start, end in file["missing_branches"]:
            way = Way(name, lines[start - 1].strip(), lines[abs(end) - 1].strip())
            told = f"{name}: {start} -> {end}: {way.start}"
            if way in LEFT_OUT:
                left_out.append(f"{told} ({LEFT_OUT[way]})")
            else:
                missed.append(told)
    return Covered(branches - len(left_out), taken, tuple(missed), tuple(left_out))


if __name__ == "__main__":
    main()

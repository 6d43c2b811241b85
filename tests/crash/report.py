"""What a number of kills came to: a table for people, a JSON object for programs."""

from collections.abc import Mapping
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.crash.killing import Killed, Killer

MOST_PROBLEMS = 100


@attrs.frozen
class Report:
    """What was found.

    Attributes:
        lost: acknowledged events that are not in the journal.
        doubled: what was applied twice.
        double_submissions: weights sent for a window that had some already, or while the fate of others was open.
        counts: what was seen of everything else, by name.
        moments: how many kills were aimed at which moment.
        phases: how many kills met which phase; one may meet several.
        problems: what is wrong, in words; empty where nothing is.
    """

    kills: int
    lost: int
    doubled: int
    double_submissions: int
    seed: int
    seconds: float
    counts: Mapping[str, float]
    moments: Mapping[str, int]
    phases: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.double_submissions or self.problems)

    def as_json(self) -> dict[str, Any]:
        own = attrs.asdict(self)
        return own | {"problems": list(self.problems)}


def report(killer: Killer, kills: int, seed: int, seconds: float) -> Report:
    """What a killer found out."""
    check = killer.check
    return Report(
        kills=kills,
        lost=check.lost,
        doubled=len(check.audit.doubled),
        double_submissions=len(_submitted_twice(killer)),
        seed=seed,
        seconds=round(seconds, 1),
        counts=_counts(killer),
        moments=dict(killer.aimed.most_common()),
        phases=dict(killer.met.most_common()),
        problems=_problems(killer)[:MOST_PROBLEMS],
    )


def _submitted_twice(killer: Killer) -> tuple[str, ...]:
    return (*killer.judged.doubled, *killer.check.audit.sent_twice)


def _problems(killer: Killer) -> tuple[str, ...]:
    found = (*killer.problems, *killer.check.problems, *killer.check.audit.doubled)
    return (*found, *_submitted_twice(killer), *killer.judged.unfounded)


def _verdict(killer: Killer) -> str:
    found = len(_problems(killer)) + killer.check.lost
    return f"{found} problems" if found else "all well"


def _counts(killer: Killer) -> Mapping[str, float]:
    audit = killer.check.audit
    accepted = [each for each in audit.settled if each.accepted]
    return {
        **audit.counts,
        "submissions_decided": len(audit.sent),
        "submissions_accepted": len(accepted),
        "submissions_not_accepted": len(audit.settled) - len(accepted),
        "kills_between_commit_and_tail": killer.check.unsaid,
        "snapshots_compared": killer.check.snapshots,
        "largest_difference": killer.check.largest,
    }


def line(number: int, killed: Killed, killer: Killer) -> str:
    """For those who wait."""
    met = ", ".join(sorted(killed.phases))
    return f"kill {number} {killed.moment}: {met}; {killer.check.last_seq} events, {_verdict(killer)}"


def show(console: Console, found: Report) -> None:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name in ("kills", "lost", "doubled", "double_submissions", "seconds"):
        table.add_row(_words(name), f"{getattr(found, name):,}")
    table.add_section()
    for name, value in found.counts.items():
        table.add_row(_words(name), f"{value:,.9g}")
    table.add_section()
    for name, value in found.moments.items():
        table.add_row(f"aimed {name}", str(value))
    table.add_section()
    for name, value in found.phases.items():
        table.add_row(f"met {name}", str(value))
    console.print(table)
    for problem in found.problems:
        console.print(problem, style="red", markup=False, highlight=False)
    console.print("all well" if found.is_good else f"{len(found.problems)} problems", style="bold")


def _words(name: str) -> str:
    return name.replace("_", " ")

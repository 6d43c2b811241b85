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
    check, judged = killer.check, killer.judged
    doubled, submitted = check.audit.doubled, (*judged.doubled, *check.audit.sent_twice)
    problems = (*killer.problems, *check.problems, *doubled, *submitted, *judged.unfounded)
    return Report(
        kills=kills,
        lost=check.lost,
        doubled=len(doubled),
        double_submissions=len(submitted),
        seed=seed,
        seconds=round(seconds, 1),
        counts=_counts(killer),
        phases=dict(killer.met.most_common()),
        problems=problems[:MOST_PROBLEMS],
    )


def _counts(killer: Killer) -> Mapping[str, float]:
    audit = killer.check.audit
    accepted = [each for each in audit.settled if each.accepted]
    return {
        **audit.counts,
        "submissions_decided": len(audit.sent),
        "submissions_accepted": len(accepted),
        "submissions_not_accepted": len(audit.settled) - len(accepted),
        "snapshots_compared": killer.check.snapshots,
        "largest_difference": killer.check.largest,
    }


def line(number: int, killed: Killed, killer: Killer) -> str:
    """For those who wait."""
    lived = f"{killed.lived_s:.1f} s after its first event" if killed.lived_s else "at the start"
    return f"kill {number}, {lived}: {', '.join(sorted(killed.phases))}; {killer.check.last_seq} events, all well"


def show(console: Console, found: Report) -> None:
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name in ("kills", "lost", "doubled", "double_submissions", "seconds"):
        table.add_row(_words(name), f"{getattr(found, name):,}")
    for title, counts in (("counts", found.counts), ("phases", found.phases)):
        table.add_section()
        for name, value in counts.items():
            table.add_row(
                f"met {name}" if title == "phases" else _words(name),
                f"{value:,.3g}" if isinstance(value, float) else f"{value:,}",
            )
    console.print(table)
    for problem in found.problems:
        console.print(problem, style="red", markup=False, highlight=False)
    console.print("all well" if found.is_good else f"{len(found.problems)} problems", style="bold")


def _words(name: str) -> str:
    return name.replace("_", " ")

"""What the runs of many seeds came to: figures, as a table for people and as JSON for programs."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from core.machine import CONSEQUENCES, TRANSITIONS
from tests.simulation.covering import Covered
from tests.simulation.kinds import Kind
from tests.simulation.simulation import Run

Move = tuple[type, type, type]
Consequence = tuple[type, type]
PROMISED_MOVES = frozenset(
    (phase, event, to) for (phase, event), row in TRANSITIONS.items() for to in row.targets
)
PROMISED_CONSEQUENCES = frozenset((phase, to) for phase, targets in CONSEQUENCES.items() for to in targets)


@attrs.define
class Report:
    """The sum of all runs so far.

    Attributes:
        broken: runs that broke a law.
        seconds: that the computer took.
        covered: which branches of the core a part of the runs took; None where that was not looked at.
    """

    seeds: int = 0
    forwards: int = 0
    events: int = 0
    lives: int = 0
    virtual_s: float = 0.0
    seconds: float = 0.0
    faults: Counter[Kind] = attrs.field(factory=Counter)
    moves: set[Move] = attrs.field(factory=set)
    consequences: set[Consequence] = attrs.field(factory=set)
    broken: list[Run] = attrs.field(factory=list)
    covered: Covered | None = None

    def add(self, run: Run) -> None:
        self.seeds += 1
        self.forwards += run.forwards
        self.events += run.events
        self.lives += run.lives
        self.virtual_s += run.seconds
        self.faults += run.faults
        self.moves |= run.moves
        self.consequences |= run.consequences
        if run.violation is not None:
            self.broken.append(run)

    @property
    def missed_moves(self) -> Sequence[str]:
        """Transitions of the table, and consequences, that no run went through."""
        moves = (f"{_words(move[:2])} -> {move[2].__name__}" for move in PROMISED_MOVES - self.moves)
        consequences = (
            f"{phase.__name__} -> {to.__name__} in passing"
            for phase, to in PROMISED_CONSEQUENCES - self.consequences
        )
        return sorted((*moves, *consequences))

    @property
    def missed_kinds(self) -> Sequence[str]:
        """Kinds of faults that never happened."""
        return [kind.name for kind in Kind if not self.faults[kind]]

    @property
    def transitions_covered(self) -> int:
        return len(self.moves & PROMISED_MOVES)

    def as_json(self) -> dict[str, Any]:
        return {
            "seeds": self.seeds,
            "forwards": self.forwards,
            "violations": len(self.broken),
            "faults": {kind.name.lower(): self.faults[kind] for kind in Kind},
            "transitions_covered": self.transitions_covered,
            "transitions": len(PROMISED_MOVES),
            "transitions_missed": list(self.missed_moves),
            "branches": None if self.covered is None else attrs.asdict(self.covered),
            "events": self.events,
            "lives": self.lives,
            "virtual_days": self.virtual_s / 86_400,
            "seconds": self.seconds,
            "broken": [{"seed": run.seed, "violation": run.violation} for run in self.broken],
        }


def _words(pair: Sequence[type]) -> str:
    return " on ".join(each.__name__ for each in pair)

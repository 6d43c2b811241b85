"""A recorded run on the local subnet, for what looks into journals."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import attrs

from adapters.journal.opening import reading
from adapters.journal.rows import NO_HASH, chained, to_row
from core.events import BlockSeen, CompletionsScored, Event, MetagraphRead, MinersAnswered
from core.types import Hotkey

EPISODES = Path(__file__).parents[2] / "episodes"
E = TypeVar("E", bound=Event)

FAILURES = EPISODES / "kills-and-silence.sqlite"


def forge(path: Path, kind: type[E], change: Callable[[E], E]) -> None:
    """Change every event of one kind, and make the chain whole again as a forger would."""
    with reading(path) as journal:
        entries, headers = list(journal.entries()), dict(journal._headers)
    changed = [
        attrs.evolve(entry, event=change(entry.event)) if isinstance(entry.event, kind) else entry
        for entry in entries
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        for row in chained(map(to_row, changed), NO_HASH, headers):
            connection.execute(
                "UPDATE entry SET body = ?, hash = ? WHERE seq = ?", (row.body, row.hash, row.seq)
            )


def turned(event: CompletionsScored) -> CompletionsScored:
    """The scores the other way round."""
    rewards = tuple(attrs.evolve(raw, values=raw.values[::-1]) for raw in event.rewards)
    return attrs.evolve(event, rewards=rewards)


def cut_short(event: MinersAnswered) -> MinersAnswered:
    """One outcome for however many were asked."""
    return attrs.evolve(event, outcomes=event.outcomes[:1])


def renamed(event: MetagraphRead) -> MetagraphRead:
    """Hotkeys that would move the cursor."""
    neurons = tuple(
        attrs.evolve(neuron, hotkey=Hotkey(f"{neuron.hotkey}\x1b[2J")) for neuron in event.metagraph.neurons
    )
    return attrs.evolve(event, metagraph=attrs.evolve(event.metagraph, neurons=neurons))


def out_of_time(event: BlockSeen) -> BlockSeen:
    """A time that no calendar has."""
    return attrs.evolve(event, at_s=1e300)

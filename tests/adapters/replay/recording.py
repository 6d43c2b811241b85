"""A recorded run on the local subnet, for what looks into journals."""

import sqlite3
from contextlib import closing
from pathlib import Path

import attrs

from adapters.journal.opening import reading
from adapters.journal.rows import NO_HASH, chained, to_row
from core.events import CompletionsScored
from effects.ports import Entry

EPISODES = Path(__file__).parents[2] / "episodes"
FAILURES = EPISODES / "kills-and-silence.sqlite"


def forge(path: Path) -> int:
    """Turn the scores of one step around, and make the chain whole again as a forger would; the entry's number."""
    with reading(path) as journal:
        entries, headers = list(journal.entries()), dict(journal._headers)
    place = next(i for i, entry in enumerate(entries) if isinstance(entry.event, CompletionsScored))
    entries[place] = _turned(entries[place])
    rows = chained(map(to_row, entries), NO_HASH, headers)
    with closing(sqlite3.connect(path)) as connection, connection:
        for row in rows:
            connection.execute(
                "UPDATE entry SET body = ?, hash = ? WHERE seq = ?", (row.body, row.hash, row.seq)
            )
    return place + 1


def _turned(entry: Entry) -> Entry:
    event = entry.event
    assert isinstance(event, CompletionsScored)
    rewards = tuple(attrs.evolve(raw, values=raw.values[::-1]) for raw in event.rewards)
    return attrs.evolve(entry, event=attrs.evolve(event, rewards=rewards))

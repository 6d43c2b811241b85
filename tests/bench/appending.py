"""What making its events durable adds to a step, beside plain commits to the same disk at the same time.

Rules:
- Events are appended one by one, as a runner does that is not behind: with a snapshot where one is due.
- After each append a row of a few bytes is committed to a file beside it, under the same settings: what that takes is the disk's
  and SQLite's, and no journal could do with less.
"""

import time
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import attrs

from adapters.journal.header import Header
from adapters.journal.opening import JOURNAL_NAME, writing
from adapters.journal.reader import JournalReader
from adapters.journal.rows import NO_HASH, chained, to_row
from adapters.journal.schema import MAKE, connect, open_durable, transaction
from adapters.journal.settings import Retention
from adapters.journal.sqlite import SqliteJournal
from core.events import CompletionsScored, MinersAnswered
from core.types import ForwardId
from effects.replay import Folded


@attrs.frozen
class Cost:
    """Milliseconds, of one event or of all of a step's.

    Attributes:
        append: from the call to its return.
        rows: the part of it that makes rows of events, which needs no disk; measured once more by itself.
        commit: as many plain commits.
        has_snapshot: whether a snapshot was written along.
    """

    append: float = 0.0
    rows: float = 0.0
    commit: float = 0.0
    has_snapshot: bool = False

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.append + other.append,
            self.rows + other.rows,
            self.commit + other.commit,
            self.has_snapshot or other.has_snapshot,
        )


async def appended(source: JournalReader, header: Header, folder: Path, steps: int) -> list[Cost]:
    """The costs of the first `steps` steps of a journal, written once more."""
    place, done, begun = folder / JOURNAL_NAME, list[Cost](), dict[ForwardId | None, Cost]()
    with (
        writing(place, header, Retention(), repairs=False, tell=print) as journal,
        closing(_plain(folder / "plain.sqlite")) as plain,
    ):
        for folded in source.fold(source.beginning()):
            cost, entry = await _append(journal, folded, plain), folded.entry
            match entry.event:
                case MinersAnswered():
                    begun[entry.forward_id] = cost
                case CompletionsScored():
                    done.append(begun.pop(entry.forward_id) + cost)
                case _:
                    pass
            if len(done) == steps:
                break
    return done


async def _append(journal: SqliteJournal, folded: Folded, plain: Connection) -> Cost:
    began_s = time.perf_counter()
    await journal.append([folded.entry], folded.taken.state)
    appended_s = time.perf_counter()
    with transaction(plain):
        plain.execute("INSERT INTO tiny VALUES (?)", (folded.entry.seq,))
    committed_s = time.perf_counter()
    chained([to_row(folded.entry)], NO_HASH, {})
    done_s = time.perf_counter()
    has_snapshot = journal.snapshot_places()[-1][0] == folded.entry.seq
    return Cost(
        append=1000 * (appended_s - began_s),
        rows=1000 * (done_s - committed_s),
        commit=1000 * (committed_s - appended_s),
        has_snapshot=has_snapshot,
    )


def _plain(path: Path) -> Connection:
    with closing(connect(path, MAKE)) as connection:
        connection.execute("CREATE TABLE tiny (number INTEGER PRIMARY KEY) STRICT")
    return open_durable(path)

"""The journal in one SQLite file: events in order, each chained by hash to its predecessor.

Rules:
- A group of entries is one transaction; `append` returns when it has reached the disk.
- One writer: appends run in a worker thread, one at a time.
- After a failed write nothing is assumed of what the disk holds: the file is opened anew, synced, and looked at.
- Opening checks the whole chain: nobody goes on from a journal that was changed.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import anyio
import anyio.to_thread
import attrs

from adapters.journal import snapshots
from adapters.journal.header import Header, encode_header, require_same_owner
from adapters.journal.reader import JournalReader
from adapters.journal.retention import cut
from adapters.journal.rows import INSERT, Row, chained, to_row
from adapters.journal.schema import damage, make, open_durable, readable, transaction
from adapters.journal.settings import Retention
from adapters.journal.snapshots import Snapshot
from adapters.journal.tail import Tail, tail_path, write_tail
from core.state import State, Stopped
from effects.ports import Entry, Fault


class SqliteJournal(JournalReader):
    """A `Journal`; made by `open_journal` (or `make_journal`)."""

    def __init__(self, path: Path, connection: sqlite3.Connection, retention: Retention) -> None:
        super().__init__(path, connection)
        self._writer = anyio.CapacityLimiter(1)
        self._retention = retention
        self._failed = False
        self._snapshot = (self._base, 0.0)

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        """Write all of them at once; returns when they are durable. `state` is what they lead to.

        Raises:
            Fault: the disk failed; nothing of the group was kept.
            ValueError: a number is left out or given twice.
        """
        await anyio.to_thread.run_sync(self.write, tuple(entries), state, limiter=self._writer)

    def write(self, entries: tuple[Entry, ...], state: State) -> None:
        """`append`, in the thread of the caller."""
        self._check_numbers(entries)
        rows = chained(map(to_row, entries), self._last_hash, self._headers)
        if not rows:
            return
        try:
            if not self._is_kept(rows[-1]):
                self._insert(rows, state)
            self._advance(rows[-1])
            self._clean_up(rows[-1])
        except (sqlite3.Error, OSError) as error:
            self._failed = True
            if self._last_seq < rows[-1].seq:
                raise Fault(f"the journal {self.path} cannot be written: {error}") from error

    def begin_under(self, header: Header) -> None:
        """What is appended from now on is under `header`.

        Raises:
            OperatorError: the journal is another hotkey's or netuid's.
        """
        body = encode_header(header)
        if stored := self.headers():
            require_same_owner(self.path, stored[-1][1], header)
            if self._headers[stored[-1][0]] == body:
                return
        first_seq = self._last_seq + 1
        with readable(self.path):
            self._connection.execute("INSERT OR REPLACE INTO header VALUES (?, ?)", (first_seq, body))
        self._headers[first_seq] = body

    def check(self) -> None:
        """Hold every row to the chain.

        Raises:
            OperatorError: the file is damaged.
        """
        with readable(self.path):
            (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise damage(self.path, verdict)
        for row in self.rows(self.beginning()) if self._last_seq else ():
            self._last_seq, self._last_hash = row.seq, row.hash

    def _check_numbers(self, entries: tuple[Entry, ...]) -> None:
        for seq, entry in enumerate(entries, start=self._last_seq + 1):
            if entry.seq != seq:
                raise ValueError(f"entry {entry.seq} was given where entry {seq} follows")

    def _is_kept(self, last: Row) -> bool:
        """Whether a write that failed has been kept all the same; asks the disk, after a failure only."""
        if not self._failed:
            return False
        self._connection.close()
        self._connection = open_durable(self.path)
        # What was written before a failed sync may never reach the disk: written once more, it does.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        found = self._connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        expected = (self._last_seq, self._last_hash) if self._last_seq else None
        if found not in (expected, (last.seq, last.hash)):
            raise OSError("the file is not the one that was written to")
        self._failed = False
        return bool(found == (last.seq, last.hash))

    def _insert(self, rows: list[Row], state: State) -> None:
        last = rows[-1]
        is_due = snapshots.is_due(last.seq, last.at_s, self._snapshot) or isinstance(state.lifecycle, Stopped)
        with transaction(self._connection):
            self._connection.executemany(INSERT, [attrs.astuple(row) for row in rows])
            if is_due:
                snapshots.write(self._connection, Snapshot(last.seq, last.at_s, last.hash, state))
        if is_due:
            self._snapshot = (last.seq, last.at_s)

    def _advance(self, last: Row) -> None:
        self._last_seq, self._last_hash = last.seq, last.hash
        write_tail(tail_path(self.path), Tail(last.seq, last.hash))

    def _clean_up(self, last: Row) -> None:
        """After a snapshot: what need not be kept goes."""
        if self._snapshot[0] == last.seq:
            self._base = cut(self._connection, self._retention, last.at_s)
            with transaction(self._connection):
                snapshots.thin_out(self._connection, self._base)


def make_journal(path: Path, retention: Retention) -> SqliteJournal:
    """The file, made with its folder if it is not there; nothing in it is looked at yet.

    Raises:
        OperatorError: it cannot be opened, is no journal, or of another version.
    """
    make(path)
    with readable(path):
        connection = open_durable(path)
    try:
        return SqliteJournal(path, connection, retention)
    except BaseException:
        connection.close()
        raise


def open_journal(path: Path, header: Header, retention: Retention | None = None) -> SqliteJournal:
    """The file, every row checked; what is appended is under `header`.

    Raises:
        OperatorError: the file is no journal, damaged, of another version, or another hotkey's or netuid's.
    """
    journal = make_journal(path, retention or Retention())
    try:
        journal.check()
        journal.begin_under(header)
    except BaseException:
        journal.close()
        raise
    return journal

"""The journal in one SQLite file: events in order, each chained by hash to its predecessor.

Rules:
- A group of entries is one transaction; `append` returns when it has reached the disk.
- One writer: appends run in a worker thread, one at a time.
- Every row's hash covers the row and the hash before it; where settings changed between two rows, the new
  header is part of the chain too. Reading checks all of it.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import anyio
import anyio.to_thread
import attrs

from adapters.errors import OperatorError
from adapters.journal.codec import NotAnEvent, decode, encode
from adapters.journal.header import Header, decode_header, encode_header, require_same_owner
from core.events import Event
from effects.ports import Entry, Fault

SCHEMA_VERSION = 1
SCHEMA = f"""
CREATE TABLE header (first_seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    digest TEXT NOT NULL, hash BLOB NOT NULL
) STRICT;
PRAGMA user_version = {SCHEMA_VERSION};
"""
SELECT = "SELECT seq, at_s, kind, body, digest, hash FROM entry ORDER BY seq"
INSERT = "INSERT INTO entry (seq, at_s, kind, body, digest, hash) VALUES (?, ?, ?, ?, ?, ?)"
NO_HASH = bytes(32)


@attrs.frozen
class Row:
    """An entry as it stands in the file."""

    seq: int
    at_s: float
    kind: str
    body: str
    digest: str
    hash: bytes


class SqliteJournal:
    """A `Journal`; made by `open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._writer = anyio.CapacityLimiter(1)
        self._headers: dict[int, str] = dict(connection.execute("SELECT first_seq, body FROM header"))
        last = connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        self._last_seq: int = last[0] if last else 0
        self._last_hash: bytes = last[1] if last else NO_HASH

    @classmethod
    def open(cls, path: Path, header: Header) -> "SqliteJournal":
        """Open the file, or make it with its folder; what is appended from now on is under `header`.

        Raises:
            OperatorError: the file is no journal, of a later version, or another hotkey's or netuid's.
        """
        connection = _connection(path)
        try:
            journal = cls(path, connection)
            journal._begin_under(header)
        except BaseException:
            connection.close()
            raise
        return journal

    @classmethod
    def read(cls, path: Path) -> "SqliteJournal":
        """Open a file that exists, to be read only; a validator may be writing to it meanwhile.

        Raises:
            OperatorError: there is no such file, it is no journal, or of a later version.
        """
        if not path.is_file():
            raise OperatorError(f"there is no journal at {path}: give the path of a journal.sqlite")
        return cls(path, _connection(path))

    def close(self) -> None:
        self._connection.close()

    @property
    def last_seq(self) -> int:
        """Of the last entry, 0 for none."""
        return self._last_seq

    def headers(self) -> tuple[tuple[int, Header], ...]:
        """(seq of the first entry under it, header), in order."""
        return tuple((seq, decode_header(self._headers[seq])) for seq in sorted(self._headers))

    async def append(self, entries: Sequence[Entry]) -> None:
        """Write all of them at once; returns when they are durable.

        Raises:
            Fault: the disk failed; nothing of the group was kept.
            ValueError: a number is left out or given twice.
        """
        await anyio.to_thread.run_sync(self._write, tuple(entries), limiter=self._writer)

    def entries(self) -> Iterator[Entry]:
        """All that was ever written, in order, each checked against its predecessor.

        Raises:
            OperatorError: a row was changed, lost or cannot be read; names it.
        """
        seq, before = 0, NO_HASH
        with closing(self._connection.execute(SELECT)) as rows:
            for columns in rows:
                row = Row(*columns)
                seq, before = seq + 1, self._checked(row, seq + 1, before)
                yield Entry(row.seq, self._event(row), row.digest)

    def _begin_under(self, header: Header) -> None:
        body = encode_header(header)
        if self._headers:
            latest = self._headers[max(self._headers)]
            require_same_owner(self._path, decode_header(latest), header)
            if latest == body:
                return
        first_seq = self._last_seq + 1
        self._connection.execute("INSERT OR REPLACE INTO header VALUES (?, ?)", (first_seq, body))
        self._headers[first_seq] = body

    def _write(self, entries: tuple[Entry, ...]) -> None:
        rows = self._chained(entries)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(INSERT, [attrs.astuple(row) for row in rows])
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise Fault(f"the journal {self._path} cannot be written: {error}") from error
        if rows:
            self._last_seq, self._last_hash = rows[-1].seq, rows[-1].hash

    def _chained(self, entries: tuple[Entry, ...]) -> list[Row]:
        rows: list[Row] = []
        before = self._last_hash
        for seq, entry in enumerate(entries, start=self._last_seq + 1):
            if entry.seq != seq:
                raise ValueError(f"entry {entry.seq} was given where entry {seq} follows")
            kind, body = encode(entry.event)
            row = Row(seq, entry.event.at_s, kind, body, entry.digest, b"")
            before = self._hash(row, before)
            rows.append(attrs.evolve(row, hash=before))
        return rows

    def _hash(self, row: Row, before: bytes) -> bytes:
        """SHA-256 over the hash before, the header that begins here if one does, and the row."""
        header = self._headers.get(row.seq, "")
        fields = [before.hex(), header, row.seq, float(row.at_s), row.kind, row.body, row.digest]
        return sha256(json.dumps(fields).encode()).digest()

    def _checked(self, row: Row, seq: int, before: bytes) -> bytes:
        if row.seq != seq:
            raise self._broken(seq, f"is missing, row {row.seq} stands in its place")
        if self._hash(row, before) != row.hash:
            raise self._broken(seq, "is not what was written")
        return row.hash

    def _event(self, row: Row) -> Event:
        try:
            return decode(row.kind, row.body)
        except NotAnEvent as error:
            raise self._broken(row.seq, f"cannot be read ({error})") from None

    def _broken(self, seq: int, what: str) -> OperatorError:
        return OperatorError(
            f"the journal {self._path} was changed: row {seq} {what}. Restore the file from a copy, "
            "or move it away to start anew"
        )


def _connection(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise OperatorError(f"the journal {path} cannot be opened: {error}") from None
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise OperatorError(f"{path} is no journal ({error}): move it away, or name another place") from None
    except OperatorError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Settings that make a commit durable, and the tables if the file is new."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables == 0:
        connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    elif version != SCHEMA_VERSION:
        raise OperatorError(
            f"the journal {path} has version {version}, this program knows {SCHEMA_VERSION}: "
            "run the program that wrote it, or move the file away to start anew"
        )

"""What is whole of a damaged journal, as a new file.

Rules:
- Nothing is thrown away: the damaged file is put aside.
- What is kept leads to the newest state that can be proved. It begins where the file began and ends before the damage; or, where
  there is a good snapshot after the damage, it begins there, and only the past is lost.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import attrs

from adapters.errors import OperatorError
from adapters.journal import snapshots
from adapters.journal.codec import Malformed
from adapters.journal.header import Header, decode_header
from adapters.journal.replacing import beside, remove, replace
from adapters.journal.retention import base_of
from adapters.journal.rows import INSERT, NO_HASH, SELECT, Broken, Row, checked
from adapters.journal.schema import (
    SCHEMA_VERSION,
    Damaged,
    connect_to_read,
    make,
    open_durable,
    readable,
    transaction,
)
from adapters.journal.snapshots import Snapshot
from adapters.journal.tail import read_tail, tail_path
from core.config import CoreConfig
from core.state import State

# What SQLite raises for a page that is not what was written.
_UNREADABLE = (sqlite3.Error, OverflowError, UnicodeDecodeError)


@attrs.frozen
class Kept:
    """A stretch of good rows: those after `start`, up to row `end`; row `bad` is the first damaged one, None for none."""

    start: Snapshot
    end: int
    bad: int | None


def repair(path: Path, tell: Callable[[str], None]) -> None:
    """Put what is whole of the journal in its place, the damaged file aside, and tell what is lost.

    Raises:
        OperatorError: nothing of it can be kept, or there is no space for it.
    """
    target = beside(path, ".repaired")
    try:
        remove(target)
        kept, told = _repaired(path, target)
        aside = beside(path, f".damaged-{datetime.now(tz=UTC):%Y%m%d-%H%M%S-%f}")
        replace(path, target, aside, kept.end)
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(f"the journal {path} cannot be repaired: {error}") from None
    finally:
        remove(target)
    tell(f"the journal {path} is repaired: {told}. The damaged file is {aside}")


def _repaired(path: Path, target: Path) -> tuple[Kept, str]:
    """Copy what is whole; what it is, and what is lost in words."""
    make(target)
    with closing(connect_to_read(path)) as source, closing(open_durable(target)) as copy:
        kept = _readable_part(source, path)
        _copy(source, copy, kept)
        return kept, _told(kept, _base(source), _last(source, path))


def _readable_part(source: sqlite3.Connection, path: Path) -> Kept:
    # Otherwise SQLite gives nothing at all of a file that is shorter than it should be.
    source.execute("PRAGMA writable_schema = ON")
    with suppress(UnicodeDecodeError, Damaged):
        with readable(path):
            (version,) = source.execute("PRAGMA user_version").fetchone()
            kept = _best(source) if version == SCHEMA_VERSION else None
        if kept is not None:
            return kept
    raise OperatorError(
        f"nothing of the journal {path} can be kept: restore it from a copy, or move it away to start anew"
    )


def _best(source: sqlite3.Connection) -> Kept | None:
    """The stretch that leads furthest."""
    headers = dict(source.execute("SELECT first_seq, body FROM header"))
    best: Kept | None = None
    for start in _starts(source, headers):
        if best is not None and (best.bad is None or start.seq < best.bad):
            continue
        found = _walk(source, start, headers)
        if found.end > start.seq:
            best = found
    return best


def _starts(source: sqlite3.Connection, headers: dict[int, str]) -> Iterator[Snapshot]:
    """Where a stretch may begin: at the beginning of a file that was never cut, and at every good snapshot, in order."""
    first = _config(headers.get(1, ""))
    if _base(source) == 0 and first is not None:
        yield Snapshot(0, 0.0, NO_HASH, State(first))
    with suppress(*_UNREADABLE):
        for (seq,) in source.execute("SELECT seq FROM snapshot ORDER BY seq"):
            with suppress(*_UNREADABLE):
                if (found := snapshots.read(source, seq)) is not None:
                    yield found


def _base(source: sqlite3.Connection) -> int:
    """The row after which the file begins; 0 where that cannot be read: what follows is held to the chain anyway."""
    try:
        return base_of(source)
    except _UNREADABLE:
        return 0


def _walk(source: sqlite3.Connection, start: Snapshot, headers: dict[int, str]) -> Kept:
    end = start.seq
    try:
        for row in _rows(source, start, headers):
            end = row.seq
    except Broken as broken:
        return Kept(start, end, broken.seq)
    except _UNREADABLE:
        return Kept(start, end, end + 1)
    return Kept(start, end, None)


def _rows(source: sqlite3.Connection, start: Snapshot, headers: dict[int, str]) -> Iterator[Row]:
    with closing(source.execute(SELECT, (start.seq,))) as columns:
        yield from checked(columns, start.seq, start.entry_hash, headers)


def _copy(source: sqlite3.Connection, copy: sqlite3.Connection, kept: Kept) -> None:
    headers = dict(source.execute("SELECT first_seq, body FROM header"))
    with transaction(copy):
        for seq, body in headers.items():
            if seq <= kept.end and _header(body) is not None:
                copy.execute("INSERT INTO header VALUES (?, ?)", (seq, body))
        for row in _rows(source, kept.start, headers):
            copy.execute(INSERT, attrs.astuple(row))
            if row.seq == kept.end:
                break
        for found in _starts(source, {}):
            if kept.start.seq <= found.seq <= kept.end and found.seq > 0:
                snapshots.write(copy, found)


def _last(source: sqlite3.Connection, path: Path) -> int:
    """The last row that there ever was, as far as anything still says so."""
    tail = read_tail(tail_path(path))
    try:
        (last,) = source.execute("SELECT max(seq) FROM entry").fetchone()
    except _UNREADABLE:
        last = 0
    return max(int(last or 0), tail.seq if tail else 0)


def _told(kept: Kept, base: int, last: int) -> str:
    lost = [f"events {kept.start.seq + 1} to {kept.end} are kept"]
    if kept.start.seq > base:
        lost.append(f"the past up to event {kept.start.seq} is lost, the scores are not")
    if last > kept.end:
        lost.append(f"events {kept.end + 1} to {last} are lost, and what was learned from them")
    return "; ".join(lost)


def _header(body: str) -> Header | None:
    try:
        return decode_header(body)
    except (Malformed, TypeError):
        return None


def _config(body: str) -> CoreConfig | None:
    header = _header(body)
    return None if header is None else header.config

"""Snapshots: states that the fold of the journal came to, so that a start need not fold all of it.

Rules:
- A snapshot is a cache. One that is damaged, or of a form that this program does not know, is passed over for an older one.
- Kept are the first of what the file still holds, the last three, and one an hour.
"""

import json
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import attrs

from adapters.journal.codec import Malformed, from_json, to_json
from adapters.journal.packing import pack_text, unpack_text
from core.state import State

EVERY_EVENTS = 1000
EVERY_S = 60.0
KEPT_LAST = 3
KEPT_EVERY_S = 3600.0


@attrs.frozen
class Snapshot:
    """The state after row `seq`, whose hash is `entry_hash`."""

    seq: int
    at_s: float
    entry_hash: bytes
    state: State


def is_due(seq: int, at_s: float, last: tuple[int, float]) -> bool:
    """Whether so much has happened since the `last` snapshot (seq, time) that another is worth it."""
    return seq - last[0] >= EVERY_EVENTS or not 0 <= at_s - last[1] < EVERY_S


def write(connection: sqlite3.Connection, snapshot: Snapshot) -> None:
    body = pack_text(to_json(snapshot.state))
    checksum = _checksum(snapshot.seq, snapshot.at_s, snapshot.entry_hash, body)
    row = (snapshot.seq, snapshot.at_s, snapshot.entry_hash, body, checksum)
    connection.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?)", row)


def places(connection: sqlite3.Connection) -> list[tuple[int, float]]:
    """(seq, time) of every snapshot, oldest first, good or not."""
    return list(connection.execute("SELECT seq, at_s FROM snapshot ORDER BY seq"))


def good(connection: sqlite3.Connection, upto: int) -> Iterator[Snapshot]:
    """The snapshots at rows up to `upto` that can be trusted and read, newest first."""
    for seq, _ in reversed(places(connection)):
        if seq <= upto and (found := read(connection, seq)) is not None:
            yield found


def read(connection: sqlite3.Connection, seq: int) -> Snapshot | None:
    """The snapshot at row `seq`; None where there is none to be trusted and read."""
    select = "SELECT seq, at_s, entry_hash, body, checksum FROM snapshot WHERE seq = ?"
    columns = connection.execute(select, (seq,)).fetchone()
    return None if columns is None else _checked(*columns)


def thin_out(connection: sqlite3.Connection, base: int) -> None:
    """Delete what need not be kept; `base` is the row that the file's first row follows."""
    found, kept, hours = places(connection), {base}, set()
    kept.update(seq for seq, _ in found[-KEPT_LAST:])
    for seq, at_s in found:
        if at_s // KEPT_EVERY_S not in hours:
            kept.add(seq)
        hours.add(at_s // KEPT_EVERY_S)
    gone = [(seq,) for seq, _ in found if seq not in kept]
    connection.executemany("DELETE FROM snapshot WHERE seq = ?", gone)


def _checked(seq: Any, at_s: Any, entry_hash: Any, body: Any, checksum: Any) -> Snapshot | None:
    try:
        if _checksum(seq, at_s, entry_hash, body) != checksum:
            return None
        return Snapshot(seq, at_s, entry_hash, from_json(unpack_text(body), State))
    except (TypeError, ValueError, Malformed):
        return None


def _checksum(seq: int, at_s: float, entry_hash: bytes, body: bytes) -> bytes:
    digest = sha256(json.dumps([seq, at_s]).encode())
    digest.update(entry_hash)
    digest.update(body)
    return digest.digest()

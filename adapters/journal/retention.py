"""How much of the past a journal keeps. What is older is cut off at a snapshot; the tail that a start needs is never touched."""

import sqlite3

from adapters.journal import snapshots
from adapters.journal.schema import transaction
from adapters.journal.settings import Retention

MIB = 1 << 20
DAY_S = 86_400.0


def cut(connection: sqlite3.Connection, retention: Retention, at_s: float) -> int:
    """Delete what need not be kept at time `at_s`; the row after which the file now begins."""
    base = base_of(connection)
    place = _place(connection, retention, base, at_s)
    if place is None or snapshots.read(connection, place) is None:
        return base
    with transaction(connection):
        connection.execute("DELETE FROM entry WHERE seq <= ?", (place,))
        connection.execute("DELETE FROM snapshot WHERE seq < ?", (place,))
        superseded = "SELECT max(first_seq) FROM header WHERE first_seq <= ?"
        connection.execute(f"DELETE FROM header WHERE first_seq < ({superseded})", (place + 1,))  # noqa: S608
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    return place


def base_of(connection: sqlite3.Connection) -> int:
    """The row after which the file begins: 0, or that of the snapshot it was cut at."""
    (first,) = connection.execute("SELECT min(seq) FROM entry").fetchone()
    return 0 if first is None else int(first) - 1


def _place(connection: sqlite3.Connection, retention: Retention, base: int, at_s: float) -> int | None:
    """The snapshot to cut at: the oldest one, where it is too old or the file too large.

    One at a time, an hour or so: a clock that is wrong for a moment costs no more.
    """
    found = [place for place in snapshots.places(connection)[: -snapshots.KEPT_LAST] if place[0] > base]
    if not found:
        return None
    is_old = found[0][1] < at_s - retention.max_age_days * DAY_S
    return found[0][0] if is_old or _size_bytes(connection) > retention.max_size_mib * MIB else None


def _size_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)

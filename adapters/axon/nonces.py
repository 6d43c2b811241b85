"""Which requests an axon has taken already, so that nobody can send them again.

Rules:
- A nonce is remembered before its request goes to the forward, and until it is too old for any axon to take.
- The file outlives the process, however that ends (not the machine: nothing waits for the disk).
- Rows have one size and there are so many at most. At that many nothing is forwarded; nothing is forgotten early either.
- What is not known to be new is old: of the time before a memory began, or that it has forgotten, nothing passes.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

import attrs

from adapters.errors import OperatorError
from core.types import Hotkey, Wire

_log = logging.getLogger(__name__)

APPLICATION_ID = 0x61786F6E
_SIDE_FILES = ("", "-wal", "-shm", "-journal")
_PRUNE_EVERY_NS = 1_000_000_000
# How far ahead a nonce may be: what was taken by a lost memory may be as new as that.
MAX_AHEAD_NS = 2_000_000_000
_SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE taken (
    mark BLOB PRIMARY KEY, wire TEXT NOT NULL, nonce_ns INTEGER NOT NULL, until_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX taken_until ON taken (until_ns);
CREATE TABLE floor (wire TEXT PRIMARY KEY, nonce_ns INTEGER NOT NULL) WITHOUT ROWID;
"""


class NoRoom(Exception):
    """The nonce could not be remembered, so its request must not go on."""


@attrs.frozen
class Nonce:
    """What makes a request the only one of its kind.

    Attributes:
        scope: within which the sender does not repeat itself; "" where that is all it sends.
        nonce_ns: Unix time as the sender gave it.
        until_ns: when a request with it is too old in any case.
    """

    hotkey: Hotkey
    wire: Wire
    scope: str
    nonce_ns: int
    until_ns: int

    def mark(self) -> bytes:
        """16 bytes that stand for it."""
        parts = f"{self.wire}\n{self.hotkey}\n{self.nonce_ns}\n{self.scope}"
        return blake2b(parts.encode(), digest_size=16).digest()


class Nonces:
    """The memory of one axon, in its file."""

    def __init__(self, rows: sqlite3.Connection, most: int, now_ns: Callable[[], int]) -> None:
        """Go on with `rows`, which `open_nonces` has made ready."""
        self._rows, self._most, self._now_ns = rows, most, now_ns
        (self._count,) = rows.execute("SELECT count(*) FROM taken").fetchone()
        # By wire, whose windows differ: at or below these nothing is new.
        self._floors_ns: dict[str, int] = dict(rows.execute("SELECT wire, nonce_ns FROM floor"))
        self._pruned_ns = 0

    def has_seen(self, nonce: Nonce) -> bool:
        """Whether such a request was taken, or may have been."""
        if nonce.nonce_ns <= self._floors_ns.get(nonce.wire, 0):
            return True
        row = self._rows.execute("SELECT 1 FROM taken WHERE mark = ?", (nonce.mark(),)).fetchone()
        return row is not None

    def remember(self, nonce: Nonce) -> bool:
        """Whether the nonce is new; from now on it is not.

        Raises:
            NoRoom: as many as may be are remembered, or the file cannot be written.
        """
        if self.has_seen(nonce):
            return False
        try:
            self._prune()
            if self._count >= self._most:
                raise NoRoom
            row = (nonce.mark(), nonce.wire, nonce.nonce_ns, nonce.until_ns)
            self._rows.execute("INSERT INTO taken VALUES (?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            _log.error("the axon's memory of nonces cannot be written, so it refuses requests: %s", error)
            raise NoRoom from None
        self._count += 1
        return True

    def _prune(self) -> None:
        """Forget what is too old. Should the clock go back, what was forgotten is still not taken."""
        now_ns = self._now_ns()
        # A clock that went back must not put this off until it is where it was.
        if 0 <= now_ns - self._pruned_ns < _PRUNE_EVERY_NS:
            return
        old = "SELECT wire, max(nonce_ns) FROM taken WHERE until_ns < ? GROUP BY wire"
        for wire, nonce_ns in self._rows.execute(old, (now_ns,)).fetchall():
            _raise_floor(self._rows, wire, nonce_ns)
            self._floors_ns[wire] = max(nonce_ns, self._floors_ns.get(wire, 0))
        self._count -= self._rows.execute("DELETE FROM taken WHERE until_ns < ?", (now_ns,)).rowcount
        self._pruned_ns = now_ns


def _raise_floor(rows: sqlite3.Connection, wire: str, nonce_ns: int) -> None:
    rows.execute(
        "INSERT INTO floor VALUES (?, ?) ON CONFLICT DO UPDATE SET nonce_ns = max(nonce_ns, excluded.nonce_ns)",
        (wire, nonce_ns),
    )


@contextmanager
def open_nonces(path: Path | None, most: int, now_ns: Callable[[], int] = time.time_ns) -> Iterator[Nonces]:
    """The memory in the file `path`, made where there is none; None keeps it no longer than the process.

    A file that cannot be read, or is not of an axon, is put aside: what it knew is lost, so nothing is taken that it could
    have known.

    Raises:
        OperatorError: the file cannot be made, or another axon has it.
    """
    rows = _connect(":memory:") if path is None else _opened(path, now_ns)
    if path is None:
        rows.executescript(_SCHEMA)
    try:
        yield Nonces(rows, most, now_ns)
    finally:
        rows.close()


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(name, isolation_level=None, timeout=0.5)


def _set_up(rows: sqlite3.Connection) -> None:
    rows.execute("PRAGMA locking_mode = EXCLUSIVE")
    rows.execute("PRAGMA synchronous = OFF")
    rows.execute("PRAGMA journal_mode = WAL")


def _opened(path: Path, now_ns: Callable[[], int]) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = _ours(path)
        if rows is None:
            _put_aside(path)
            rows = _ours_anew(path, now_ns())
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(
            f"the nonces of an axon cannot be kept in {path} ({error}): give a file that it can write and no other axon has"
        ) from None
    return rows


def _ours_anew(path: Path, now_ns: int) -> sqlite3.Connection:
    rows = _connect(str(path))
    _set_up(rows)
    rows.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    for wire in Wire:
        _raise_floor(rows, wire, now_ns + MAX_AHEAD_NS)
    return rows


def _ours(path: Path) -> sqlite3.Connection | None:
    """The file, made ready for use; None where it is damaged or somebody else's."""
    rows = _connect(str(path))
    try:
        if _is_ready(rows):
            return rows
    except sqlite3.OperationalError:
        rows.close()
        raise
    except sqlite3.DatabaseError:
        pass
    rows.close()
    return None


def _is_ready(rows: sqlite3.Connection) -> bool:
    _set_up(rows)
    rows.execute("BEGIN IMMEDIATE")
    names = {name for (name,) in rows.execute("SELECT name FROM sqlite_schema")}
    (application_id,) = rows.execute("PRAGMA application_id").fetchone()
    rows.execute("COMMIT")
    if not names and not application_id:
        rows.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        return True
    (verdict,) = rows.execute("PRAGMA quick_check(1)").fetchone()
    return application_id == APPLICATION_ID and {"taken", "floor"} <= names and verdict == "ok"


def _put_aside(path: Path) -> None:
    _log.warning(
        "%s is no memory of nonces that can be read: put aside as %s.unreadable, and begun anew",
        path,
        path.name,
    )
    for suffix in _SIDE_FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{path}.unreadable{suffix}")

"""The journal's file: its tables, its version, and the settings that make a commit durable."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.errors import OperatorError

SCHEMA_VERSION = 2
SCHEMA = f"""
CREATE TABLE header (first_seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, forward_id INTEGER, kind TEXT NOT NULL, body BLOB NOT NULL,
    digest TEXT NOT NULL, numbers BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, entry_hash BLOB NOT NULL, body BLOB NOT NULL, checksum BLOB NOT NULL
) STRICT;
PRAGMA user_version = {SCHEMA_VERSION};
"""
# How a file is opened. FROZEN is for one that is all there is: SQLite then neither wants nor looks at files of its own beside it.
READ, WRITE, MAKE, FROZEN = "mode=ro", "mode=rw", "mode=rwc", "mode=ro&immutable=1"


class Damaged(OperatorError):
    """The file is not what was written."""


def damage(path: Path, what: object) -> Damaged:
    """The refusal of a damaged file, with the remedy."""
    return Damaged(
        f"the journal {path} is damaged ({what}): start the validator with --repair to keep what is whole, or restore the "
        "file from a copy"
    )


# What says nothing of the file's content: no space, no right, somebody else at it.
_CIRCUMSTANCES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns what SQLite says of a file into what an operator can do about it."""
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        is_short = code == sqlite3.SQLITE_IOERR_SHORT_READ
        if code & 0xFF in _CIRCUMSTANCES and not is_short:
            raise OperatorError(
                f"the journal {path} cannot be used: {error}; see to its disk and its rights, then start again"
            ) from None
        raise damage(path, error) from None


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing; raises sqlite3.Error.

    It may write all the same: whoever is the last to leave a file folds what was written lately into it, and removes what
    SQLite keeps beside it.
    """
    can_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return _set(connect(path, WRITE if can_write else mode_without_rights(path)), "query_only = ON")


def mode_without_rights(path: Path) -> str:
    """How a file is opened by somebody who may not write: FROZEN leaves out what is not folded into it yet."""
    waiting = path.with_name(f"{path.name}-wal")
    return READ if waiting.exists() and waiting.stat().st_size else FROZEN


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in autocommit, for any thread; raises sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def make(path: Path) -> None:
    """The file with its tables, unless it is there already.

    Raises:
        OperatorError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path, MAKE)
    except (OSError, sqlite3.Error) as error:
        raise OperatorError(f"the journal {path} cannot be opened: {error}") from None
    with closing(connection), readable(path):
        if version_of(connection, path) == 0:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version, 0 for an empty file.

    Raises:
        OperatorError: the file is something else, or damaged.
    """
    with readable(path):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not 0 <= version <= SCHEMA_VERSION or (version == 0 and tables):
        raise OperatorError(
            f"the journal {path} has version {version}, this program knows 1 to {SCHEMA_VERSION}: "
            "run the program that wrote it, or move the file away to start anew"
        )
    return int(version)


def open_durable(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there, whose commits reach the disk; raises sqlite3.Error."""
    return _set(connect(path, WRITE), "journal_mode = WAL", "synchronous = FULL")


def _set(connection: sqlite3.Connection, *settings: str) -> sqlite3.Connection:
    """The connection with these settings; closed where the disk does not let them be made."""
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def possible(path: Path) -> Iterator[None]:
    """Turns what the core raises for an event that it cannot take in into what an operator can do about the file it is in.

    The rows are what was written: that is no damage that `--repair` could mend.
    """
    try:
        yield
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise OperatorError(
            f"the journal {path} holds an event that this program cannot take in ({type(error).__name__}: {error}): use the "
            "version that wrote it, or restore the file from a copy"
        ) from None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is done within, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

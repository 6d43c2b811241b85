"""Putting a new journal in the place of an old one, so that at every moment there is one of them."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.errors import OperatorError
from adapters.journal.schema import FROZEN, WRITE, connect, open_durable, readable

# What belongs to a journal's file, by what is added to its name: SQLite's own two, and our line on where it ended.
SIDE_FILES = ("-wal", "-shm", "-tail")


def replace(path: Path, fresh: Path, aside: Path, last_seq: int) -> None:
    """`fresh`, which must hold all up to row `last_seq`, becomes `path`; what was there, with what belongs to it, becomes `aside`.

    A power cut on the way leaves the old file or the new one, never none.

    Raises:
        OperatorError: the new file is not whole (the disk is full), or the old one is being read; nothing has changed then.
    """
    _fold_in(path, fresh, last_seq)
    _settle(path)
    os.link(path, aside)
    for suffix in SIDE_FILES:
        _move(beside(path, suffix), beside(aside, suffix))
    fresh.replace(path)
    _sync(path.parent)


def _fold_in(path: Path, fresh: Path, last_seq: int) -> None:
    """All of the new file into the one file that is about to be renamed; SQLite says nothing where it does that on closing."""
    with readable(path), closing(open_durable(fresh)) as connection:
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    with readable(path), closing(connect(fresh, FROZEN)) as connection:
        (found,) = connection.execute("SELECT max(seq) FROM entry").fetchone()
    if is_busy or found != last_seq:
        raise OperatorError(f"{fresh} could not be written whole: see that there is space, and start again")


def _settle(path: Path) -> None:
    """What was written to the old file lately belongs to its name: it is folded in before the name changes, if it can be read."""
    try:
        with closing(connect(path, WRITE)) as connection:
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return
    if is_busy:
        raise OperatorError(f"the journal {path} is being read: end what reads it, and start again")


def beside(path: Path, suffix: str) -> Path:
    """The file whose name is that of `path` with something added."""
    return path.with_name(path.name + suffix)


def remove(path: Path) -> None:
    """The file and what belongs to it, if they are there."""
    for suffix in ("", *SIDE_FILES):
        beside(path, suffix).unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        source.replace(target)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

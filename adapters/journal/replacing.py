"""Putting a new journal in the place of an old one, so that at every moment there is one of them."""

import os
from pathlib import Path

# What belongs to a journal's file, by what is added to its name: SQLite's own two, and our line on where it ended.
SIDE_FILES = ("-wal", "-shm", "-tail")


def replace(path: Path, fresh: Path, aside: Path) -> None:
    """`fresh` becomes `path`; what was there, with what belongs to it, becomes `aside`.

    A power cut on the way leaves the old file or the new one, never none.
    """
    os.link(path, aside)
    for suffix in SIDE_FILES:
        _move(beside(path, suffix), beside(aside, suffix))
    fresh.replace(path)
    _sync(path.parent)


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

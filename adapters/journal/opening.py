"""The door to a journal: for a validator to write on, for anybody to read. Older schemas are made anew on the way."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from adapters.errors import OperatorError
from adapters.journal.header import Header
from adapters.journal.migration import convert
from adapters.journal.reader import JournalReader, open_reader
from adapters.journal.repair import repair
from adapters.journal.replacing import beside, remove, replace
from adapters.journal.schema import (
    SCHEMA_VERSION,
    Damaged,
    connect_to_read,
    version_of,
)
from adapters.journal.settings import Retention
from adapters.journal.sqlite import SqliteJournal, open_journal
from effects.ports import Fault

JOURNAL_NAME = "journal.sqlite"
MIB = 1 << 20
ANNOUNCED_MIB = 256


@contextmanager
def writing(
    path: Path, header: Header, retention: Retention, *, repairs: bool, tell: Callable[[str], None]
) -> Iterator[SqliteJournal]:
    """The journal to go on with; `tell` is given, a line each, what an operator should know.

    Raises:
        OperatorError: it cannot be gone on with, and why; damage is one reason, unless `repairs`.
    """
    try:
        if path.is_file() and _version(path) not in {0, SCHEMA_VERSION}:
            _migrate(path, tell)
        _announce(path, tell)
        journal = open_journal(path, header, retention)
    except Damaged:
        if not repairs:
            raise
        repair(path, tell)
        journal = open_journal(path, header, retention)
    with closing(journal):
        if journal.lost:
            tell(f"{journal.lost}; going on from there")
        yield journal


@contextmanager
def reading(path: Path) -> Iterator[JournalReader]:
    """The journal to look into, a file or the folder that it is in; nothing of it is changed, and a validator may be writing
    to it meanwhile.

    Raises:
        OperatorError: there is none, it is damaged, or of a version that this program does not know.
    """
    path = _found(path)
    with TemporaryDirectory(prefix="journal-") as folder:
        if _version(path) not in {0, SCHEMA_VERSION}:
            copy = Path(folder) / path.name
            convert(path, copy)
            path = copy
        with closing(open_reader(path)) as reader:
            if reader.lost:
                Console(stderr=True, highlight=False, markup=False).print(
                    f"warning: {reader.lost}", soft_wrap=True
                )
            yield reader


def _found(path: Path) -> Path:
    try:
        path = path / JOURNAL_NAME if path.is_dir() else path
        if path.is_file():
            return path
    except OSError as error:
        raise OperatorError(f"the journal {path} cannot be opened: {error.strerror}") from None
    raise OperatorError(f"there is no journal at {path}: give the path of a {JOURNAL_NAME}")


def _announce(path: Path, tell: Callable[[str], None]) -> None:
    """Every row is held to the chain: of a large file that takes seconds."""
    size_mib = path.stat().st_size / MIB if path.is_file() else 0.0
    if size_mib > ANNOUNCED_MIB:
        tell(f"checking the journal ({size_mib:.0f} MiB)")


def _version(path: Path) -> int:
    try:
        with closing(connect_to_read(path)) as connection:
            return version_of(connection, path)
    except sqlite3.Error as error:
        raise OperatorError(f"the journal {path} cannot be opened: {error}") from None


def _migrate(path: Path, tell: Callable[[str], None]) -> None:
    version = _version(path)
    kept, fresh = _free(beside(path, f".v{version}")), beside(path, ".new")
    tell(
        f"making the journal anew in version {SCHEMA_VERSION}; the one of version {version} is kept as {kept.name}"
    )
    try:
        remove(fresh)
        replace(path, fresh, kept, convert(path, fresh))
    except (sqlite3.Error, OSError, Fault) as error:
        raise OperatorError(f"the journal {path} cannot be made anew: {error}") from None
    finally:
        remove(fresh)


def _free(path: Path) -> Path:
    """The path, or the first one of its kind that nobody has taken."""
    return next(
        each for number in count() if not (each := beside(path, f"-{number}" if number else "")).exists()
    )

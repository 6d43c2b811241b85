"""A journal's files as they are after a kill, copied so that looking at them changes nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.errors import OperatorError
from adapters.journal.reader import JournalReader, open_reader
from adapters.journal.tail import Tail, read_tail, tail_path


@contextmanager
def copied(journal: Path) -> Iterator[Path]:
    """The copy's path. Nobody may be writing; what SQLite keeps in shared memory is made anew from the rest."""
    with TemporaryDirectory(prefix="crash-copy-") as folder:
        copy = Path(folder) / journal.name
        for suffix in ("", "-wal", "-tail"):
            source = journal.with_name(journal.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        yield copy


@contextmanager
def opened(copy: Path) -> Iterator[JournalReader]:
    """The copy, to be read; raises OperatorError."""
    with closing(open_reader(copy)) as reader:
        yield reader


def tail_of(journal: Path) -> Tail | None:
    """What was acknowledged last."""
    return read_tail(tail_path(journal))


def is_empty(copy: Path) -> bool:
    """Whether there is no journal yet, or no event in it."""
    try:
        with opened(copy):
            return False
    except OperatorError:
        return True

"""A place for a journal, and a journal in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.journal.sqlite import SqliteJournal
from tests.adapters.journal.builders import opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with opened(path) as made:
        yield made

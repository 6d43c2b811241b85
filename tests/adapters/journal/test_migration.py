"""Journals of version 1, as the program wrote them before it had snapshots."""

import shutil
from pathlib import Path

import attrs
import pytest

from adapters.errors import OperatorError
from adapters.journal.opening import reading, writing
from adapters.journal.recovery import recovered
from adapters.journal.settings import Retention
from adapters.replay.verify import verified
from core.state import Stopped
from core.version import LOGIC_VERSION
from tests.adapters.journal.builders import edit, quota

OLD = Path(__file__).parents[2] / "episodes" / "v1-killed-while-scoring.sqlite"
EVENTS = 94


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite"
    shutil.copy(OLD, path)
    return path


def test_a_start_makes_it_anew_and_goes_on(old: Path) -> None:
    """In today's schema, with the same events and the state they lead to; the old file is kept beside it."""
    content = old.read_bytes()
    with reading(old) as before:
        header = attrs.evolve(before.headers()[-1][1])
        config = attrs.evolve(header.config, logic_version=LOGIC_VERSION)
    told: list[str] = []
    with writing(
        old, attrs.evolve(header, config=config), Retention(), repairs=False, tell=told.append
    ) as journal:
        assert journal.last_seq == EVENTS
        state = recovered(journal, config)
        assert verified(journal).found == ""
    assert state.lifecycle == Stopped("done")
    assert state.config.logic_version == LOGIC_VERSION
    assert len(state.scores) == 27
    assert told == ["making the journal anew in version 2; the one of version 1 is kept as journal.sqlite.v1"]
    assert old.with_name("journal.sqlite.v1").read_bytes() == content
    assert sorted(file.name for file in old.parent.iterdir()) == ["journal.sqlite", "journal.sqlite.v1"]


def test_a_reader_leaves_it_as_it_is(old: Path) -> None:
    """Looking into an old journal changes nothing."""
    content = old.read_bytes()
    with reading(old) as journal:
        assert verified(journal).events == EVENTS
        assert {header.config.logic_version for _, header in journal.headers()} == {1}
    assert [file.read_bytes() for file in old.parent.iterdir()] == [content]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entry SET digest = 'other' WHERE seq = 9", "row 9 is not what was written"),
        ("DELETE FROM entry WHERE seq = 9", "row 9 is not what was written"),
        ("DELETE FROM header", "row 1 is not what was written"),
    ],
)
def test_a_damaged_one_is_refused(old: Path, statement: str, what: str) -> None:
    """By the row, before anything is made of it."""
    edit(old, statement)
    with pytest.raises(OperatorError, match=what), reading(old):
        raise AssertionError("it was read")


@pytest.mark.parametrize("size_kib", [4, 60, 84])
def test_no_space_for_a_migration_changes_nothing(old: Path, size_kib: int) -> None:
    """A file that could not be written whole never takes the old one's place; with space again it is made anew."""
    content = old.read_bytes()
    with reading(old) as journal:
        header = journal.headers()[-1][1]
    with quota(size_kib * 1024), pytest.raises(OperatorError):
        writing(old, header, Retention(), repairs=False, tell=print).__enter__()
    assert old.read_bytes() == content
    assert {file.suffix for file in old.parent.iterdir()} <= {".sqlite", ".sqlite-shm", ".sqlite-wal"}
    with writing(old, header, Retention(), repairs=False, tell=print) as journal:
        assert journal.last_seq == EVENTS


def test_a_second_migration_keeps_the_first_ones_file(old: Path) -> None:
    """What was put aside once is never overwritten."""
    beside = old.with_name("journal.sqlite.v1")
    beside.write_bytes(b"of before")
    with reading(old) as journal:
        header = journal.headers()[-1][1]
    with writing(old, header, Retention(), repairs=False, tell=print):
        pass
    assert beside.read_bytes() == b"of before"
    assert old.with_name("journal.sqlite.v1-1").exists()

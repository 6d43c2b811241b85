"""The journal in its file: appended to, read, opened again, refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.errors import OperatorError
from adapters.journal.codec import KINDS
from adapters.journal.header import Header
from adapters.journal.sqlite import SqliteJournal, open_journal
from core.events import Event, Started
from core.types import ForwardId
from effects.decision import Decision
from effects.ports import Entry, Fault
from tests.adapters.journal.builders import HEADER, STATE, edit, entry, opened
from tests.adapters.journal.strategies import any_text, events, finite

decisions = st.builds(Decision, any_text.map(ascii), st.lists(finite, max_size=3).map(tuple))
entries = st.lists(st.tuples(events, decisions, st.none() | st.integers(0, 2**40)), max_size=5)


async def test_what_was_appended_is_read_in_order(journal: SqliteJournal) -> None:
    """Groups of any size, the empty one too, make one sequence."""
    await journal.append([entry(1), entry(2)], STATE)
    await journal.append([], STATE)
    await journal.append([entry(3)], STATE)
    assert list(journal.entries()) == [entry(1), entry(2), entry(3)]
    assert (journal.first_seq, journal.last_seq) == (1, 3)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries)
def test_any_entries_survive_the_file(
    tmp_path: Path, some: list[tuple[Event, Decision, ForwardId | None]]
) -> None:
    """What comes back from a closed and reopened file is what went in."""
    path = tmp_path / "any.db"
    path.unlink(missing_ok=True)
    given_entries = [Entry(seq, *each) for seq, each in enumerate(some, start=1)]
    with opened(path) as journal:
        anyio.run(journal.append, given_entries, STATE)
    with opened(path) as journal:
        assert list(journal.entries()) == given_entries


async def test_append_returns_when_others_can_read_it(journal: SqliteJournal, path: Path) -> None:
    """Another connection to the file sees every entry of a group once `append` is back, and commits are synced."""
    await journal.append([entry(1), entry(2)], STATE)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM entry").fetchone() == (2,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_group_is_written_whole_or_not_at_all(journal: SqliteJournal, path: Path) -> None:
    """When the file refuses one entry of a group none is kept, and the next try goes on from there."""
    await journal.append([entry(1)], STATE)
    edit(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON entry WHEN NEW.seq = 3 BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    with pytest.raises(Fault, match=r"journal\.db cannot be written: disk full"):
        await journal.append([entry(2), entry(3)], STATE)
    assert list(journal.entries()) == [entry(1)]
    edit(path, "DROP TRIGGER full")
    await journal.append([entry(2), entry(3)], STATE)
    assert list(journal.entries()) == [entry(1), entry(2), entry(3)]


async def test_a_gap_or_a_repetition_is_refused(journal: SqliteJournal) -> None:
    """Numbers follow one another; anything else is a bug of the caller, and nothing is written."""
    await journal.append([entry(1)], STATE)
    for wrong in ([entry(1)], [entry(3)], [entry(2), entry(2)]):
        with pytest.raises(ValueError, match="was given where entry"):
            await journal.append(wrong, STATE)
    assert list(journal.entries()) == [entry(1)]


async def test_reopening_goes_on_with_the_chain(journal: SqliteJournal, path: Path) -> None:
    """The next run appends after the last entry, and the whole still checks."""
    await journal.append([entry(1)], STATE)
    journal.close()
    with opened(path) as again:
        assert again.last_seq == 1
        await again.append([entry(2)], STATE)
        assert list(again.entries()) == [entry(1), entry(2)]
        assert again.headers() == ((1, HEADER),)


OTHER = attrs.evolve(HEADER, version="7")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = zeroblob(20) WHERE seq = 2",
        "UPDATE entry SET at_s = 1 WHERE seq = 2",
        "UPDATE entry SET forward_id = 1 WHERE seq = 2",
        "UPDATE entry SET kind = 'Started' WHERE seq = 2",
        "UPDATE entry SET digest = 'other' WHERE seq = 2",
        "UPDATE entry SET numbers = zeroblob(8) WHERE seq = 2",
        "UPDATE entry SET hash = zeroblob(32) WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 2",
        """UPDATE header SET body = replace(body, '"7"', '"8"') WHERE first_seq = 2""",
    ],
)
async def test_a_changed_row_is_found_and_named(journal: SqliteJournal, path: Path, statement: str) -> None:
    """Nobody goes on from a row that was changed, lost, or recorded under a changed header; a reader stops before it."""
    await journal.append([entry(1)], STATE)
    journal.close()
    with opened(path, OTHER) as later:
        await later.append([entry(2), entry(3)], STATE)
        edit(path, statement)
        with closing(sqlite3.connect(path)) as connection:
            rows = SqliteJournal(path, connection, later._retention).entries()
            assert next(rows) == entry(1)
            with pytest.raises(OperatorError, match=r"journal\.db is damaged \(row 2 .*--repair"):
                list(rows)
    with pytest.raises(OperatorError, match=r"journal\.db is damaged \(row 2 .*--repair"):
        open_journal(path, OTHER)


@pytest.mark.parametrize(
    "header",
    [
        attrs.evolve(HEADER, config=attrs.evolve(HEADER.config, own_hotkey="5Other")),
        attrs.evolve(HEADER, netuid=2),
    ],
)
async def test_anothers_journal_is_refused(journal: SqliteJournal, path: Path, header: Header) -> None:
    """Scores of one hotkey and subnet never go on as another's; the remedy is told."""
    await journal.append([entry(1)], STATE)
    with pytest.raises(
        OperatorError, match=r"belongs to hotkey own on netuid 1.*--wallet\.hotkey and --netuid"
    ):
        open_journal(path, header)


async def test_the_journal_of_another_chain_is_refused(path: Path) -> None:
    """Block numbers mean nothing on a chain that began anew; a journal from before chains were told apart goes on."""
    for genesis in ("", "0xaa", "0xaa"):
        with closing(open_journal(path, attrs.evolve(HEADER, genesis=genesis))) as journal:
            await journal.append([entry(journal.last_seq + 1)], STATE)
    with pytest.raises(OperatorError, match=r"another chain \(genesis 0xaa, not 0xbb.*--neuron\.name"):
        open_journal(path, attrs.evolve(HEADER, genesis="0xbb"))


async def test_changed_settings_begin_a_stretch_of_their_own(journal: SqliteJournal, path: Path) -> None:
    """A replay must know which entries were decided under which configuration and models."""
    await journal.append([entry(1), entry(2)], STATE)
    journal.close()
    changed = attrs.evolve(HEADER, models=(("reward.dpo_model", "def"),))
    with opened(path, changed) as later:
        await later.append([entry(3)], STATE)
        assert later.headers() == ((1, HEADER), (3, changed))
        assert list(later.entries()) == [entry(1), entry(2), entry(3)]


def test_settings_without_an_entry_leave_no_trace(path: Path) -> None:
    """Starting twice before anything happens keeps the latest settings alone."""
    with opened(path):
        pass
    with opened(path, OTHER) as journal:
        assert journal.headers() == ((1, OTHER),)


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    """Nothing is written into a file that is something else."""
    path.parent.mkdir()
    path.write_bytes(b"anything else" * 100)
    with pytest.raises(OperatorError, match=r"is damaged \(file is not a database\)"):
        open_journal(path, HEADER)
    assert path.read_bytes() == b"anything else" * 100


def test_a_database_of_another_kind_is_refused(path: Path) -> None:
    """A database with tables and no version of ours is left alone."""
    path.parent.mkdir()
    edit(path, "CREATE TABLE other (x)")
    with pytest.raises(OperatorError, match="has version 0, this program knows 1 to 2"):
        open_journal(path, HEADER)


def test_a_later_version_is_refused(path: Path) -> None:
    """An older program does not write into a newer one's file."""
    with opened(path):
        pass
    edit(path, "PRAGMA user_version = 3")
    with pytest.raises(OperatorError, match="has version 3, this program knows 1 to 2"):
        open_journal(path, HEADER)


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    """What cannot be opened is named."""
    with pytest.raises(OperatorError, match="cannot be opened"):
        open_journal(tmp_path, HEADER)


async def test_an_entry_of_an_unknown_kind_is_named(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that does not know a kind yet says which row holds it, and reads no further."""
    await journal.append([Entry(1, Started(at_s=1.0), Decision("")), entry(2)], STATE)
    monkeypatch.delitem(KINDS, "BlockSeen")
    rows = journal.entries()
    next(rows)
    with pytest.raises(OperatorError, match=r"row 2 cannot be read \(unknown kind 'BlockSeen'\)"):
        next(rows)

"""`--repair`: what is whole is kept, what is lost is said, and nothing is thrown away."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from adapters.errors import OperatorError
from adapters.journal.opening import writing
from adapters.journal.recovery import recovered
from adapters.journal.settings import Retention
from adapters.replay.verify import verified
from tests.adapters.journal.builders import Recorded, edit, quota, record


def repaired(path: Path, known: Recorded) -> tuple[int, int, str]:
    """The first and last entry of the journal after a start with `--repair`, and what was told; its state must be theirs."""
    told: list[str] = []
    with writing(path, known.header, Retention(), repairs=True, tell=told.append) as journal:
        assert recovered(journal, known.header.config) == known.states[journal.last_seq]
        assert verified(journal).found == ""
        return journal.first_seq, journal.last_seq, " ".join(told)


def change(path: Path, seq: int) -> None:
    edit(path, "UPDATE entry SET digest = 'other' WHERE seq = ?", seq)


def test_it_ends_before_the_damage(path: Path) -> None:
    """Without a good snapshot after the damage, what follows it is lost, and the averages go back."""
    known = record(path)
    edit(path, "DELETE FROM snapshot WHERE seq > 120")
    change(path, 150)
    first, last, told = repaired(path, known)
    assert (first, last) == (1, 149)
    assert "events 1 to 149 are kept; events 150 to 200 are lost, and what was learned from them" in told


def test_it_begins_after_the_damage_where_a_snapshot_allows(path: Path) -> None:
    """A good snapshot after the damage proves the newest state: then only the past is lost."""
    known = record(path)
    with closing(sqlite3.connect(path)) as connection:
        places = [seq for (seq,) in connection.execute("SELECT seq FROM snapshot ORDER BY seq")]
    damaged = places[0] + 1
    following = next(seq for seq in places if seq >= damaged)
    change(path, damaged)
    first, last, told = repaired(path, known)
    assert (first, last) == (following + 1, 200)
    assert f"the past up to event {following} is lost, the scores are not" in told


def test_the_damaged_file_is_kept_and_more_is_appended(path: Path) -> None:
    """Aside, byte for byte; the repaired one is opened again without more ado."""
    known = record(path)
    change(path, 150)
    before = path.read_bytes()
    *_, told = repaired(path, known)
    (aside,) = path.parent.glob("journal.db.damaged-*[0-9]")
    assert aside.read_bytes() == before
    assert str(aside) in told
    assert repaired(path, known)[2] == ""


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(path: Path) -> None:
    """Two thirds of a file give what of its rows is whole."""
    known = record(path, events=400)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 4096 * 2 // 3 * 4096])
    first, last, told = repaired(path, known)
    assert last - first > 50
    assert "400 are lost" in told


def test_a_whole_journal_is_left_alone(path: Path) -> None:
    """The flag does no harm where nothing is damaged."""
    known = record(path)
    assert repaired(path, known) == (1, 200, "")
    assert not list(path.parent.glob("*damaged*"))


@pytest.mark.parametrize("content", [b"anything else" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_nothing_to_keep_is_refused(path: Path, content: bytes) -> None:
    """A journal of which nothing can be read is not silently replaced by an empty one."""
    known = record(path)
    path.write_bytes(content)
    with pytest.raises(OperatorError, match=r"nothing of the journal .* can be kept: restore it from a copy"):
        repaired(path, known)
    assert path.read_bytes() == content


def test_one_page_that_is_lost_costs_what_was_on_it(path: Path) -> None:
    """Whichever page of the file is wiped out: what is kept is true, and of most pages that is nearly all."""
    known = record(path, events=120)
    content, kept = path.read_bytes(), list[int]()
    for place in range(4096, len(content), 4096):
        for file in path.parent.iterdir():
            file.unlink()
        path.write_bytes(content[:place] + bytes(4096) + content[place + 4096 :])
        with suppress(OperatorError):
            kept.append(repaired(path, known)[1])
    pages = len(content) // 4096 - 1
    assert len(kept) > 0.8 * pages
    assert sum(last > 100 for last in kept) > 0.6 * pages


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_no_space_for_a_repair_changes_nothing(path: Path, share: float) -> None:
    """A copy that could not be written whole never takes the journal's place; with space again the repair is as good as ever."""
    known = record(path, events=400)
    change(path, 390)
    before = path.read_bytes()
    with quota(int(share * len(before))), pytest.raises(OperatorError):
        repaired(path, known)
    assert path.read_bytes() == before
    assert {file.suffix for file in path.parent.iterdir()} <= {".db", ".db-tail", ".db-shm", ".db-wal"}
    assert repaired(path, known)[1] >= 389

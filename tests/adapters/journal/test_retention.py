"""What is cut off an old or large journal, and what never is."""

from pathlib import Path

import attrs
import pytest

from adapters.journal.opening import reading
from adapters.journal.recovery import recovered
from adapters.journal.settings import Retention
from adapters.journal.snapshots import KEPT_LAST
from adapters.replay.verify import verified
from core.config import ConfigError
from core.events import Started
from effects.replay import take
from tests.adapters.journal.builders import Recorded, opened, record

DAY_S = 86_400


def test_old_events_go_and_the_state_stays(path: Path) -> None:
    """Cut at a snapshot: what is left still folds, from there, to the very state that all of it led to."""
    known = record(path, events=1200, retention=Retention(max_age_days=3000 / DAY_S))
    with reading(path) as journal:
        assert 300 < journal.first_seq < 1100
        assert journal.beginning().state == known.states[journal.first_seq - 1]
        assert verified(journal).found == ""
        assert recovered(journal, known.header.config) == known.states[-1]


def test_a_file_that_is_too_large_loses_its_oldest(path: Path) -> None:
    """By size, one snapshot at a time; the file ends up about as large as asked."""
    whole = path.with_name("whole.db")
    record(whole, events=3000)
    known = record(path, events=3000, retention=Retention(max_size_mib=0.25))
    assert path.stat().st_size < 0.6 * whole.stat().st_size
    with reading(path) as journal:
        assert journal.first_seq > 1000
        assert recovered(journal, known.header.config) == known.states[-1]


def test_the_tail_is_never_cut(path: Path) -> None:
    """However little may be kept, the last snapshots and all events after the oldest of them are."""
    known = record(path, events=600, retention=Retention(max_age_days=1e-9, max_size_mib=1e-9))
    with reading(path) as journal:
        places = journal.snapshot_places()
        assert len(places) >= KEPT_LAST
        assert journal.first_seq == places[0][0] + 1
        assert recovered(journal, known.header.config) == known.states[-1]


def test_a_cut_journal_is_gone_on_with(path: Path) -> None:
    """The chain goes on over a cut: opened again, all of it is checked, and more is appended."""
    known = record(path, events=900, retention=Retention(max_age_days=1000 / DAY_S))
    with opened(path, known.header) as journal:
        first, last = journal.first_seq, journal.last_seq
        assert (first > 1, last) == (True, 900)
        assert [entry.seq for entry in journal.entries()] == list(range(first, last + 1))


def test_hours_of_snapshots_are_thinned_out(path: Path) -> None:
    """The last three, and one for each hour of what is kept."""
    record(path, events=3000)
    with reading(path) as journal:
        hours = [int(at_s // 3600) for _, at_s in journal.snapshot_places()]
        assert len(hours) - len(set(hours)) <= KEPT_LAST
        assert len(set(hours)) >= 3


@pytest.mark.parametrize("name", ["max_age_days", "max_size_mib"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_that_cannot_be_is_refused(name: str, value: float) -> None:
    """By the flag's name."""
    with pytest.raises(ConfigError, match=rf"--journal\.{name}"):
        attrs.evolve(Retention(), **{name: value})


def test_the_first_state_of_a_cut_journal_is_what_it_was_cut_at(path: Path) -> None:
    """Recorded under several headers, the one that the first kept entry was recorded under is kept, too."""
    known: Recorded = record(path, events=900, retention=Retention(max_age_days=1000 / DAY_S))
    with reading(path) as journal:
        assert journal.headers() == ((1, known.header),)


def test_a_reader_sees_the_file_as_it_was_opened(path: Path) -> None:
    """What a writer cuts off meanwhile is still there for whoever began to read before."""
    known = record(path, events=600)
    with reading(path) as journal, opened(path, known.header, Retention(max_age_days=1e-9)) as writer:
        entry, taken = take(601, known.states[-1], Started(known.states[-1].head + 2e9))
        writer.write((entry,), taken.state)
        assert writer.first_seq > 1
        assert [entry.seq for entry in journal.entries()] == list(range(1, 601))


def test_a_clock_that_is_wrong_for_a_moment_costs_an_hour_at_most(path: Path) -> None:
    """One event from next year makes everything old; one snapshot's worth is cut, not the whole past."""
    known = record(path, events=3000)
    with opened(path, known.header) as journal:
        second = journal.snapshot_places()[1][0]
        entry, taken = take(3001, known.states[-1], Started(known.states[-1].head + 3e9))
        journal.write((entry,), taken.state)
        assert journal.first_seq <= second + 1

"""What a start goes on from: the last good snapshot and the events after it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from adapters.errors import OperatorError
from adapters.journal.opening import reading
from adapters.journal.recovery import recovered
from adapters.journal.snapshots import EVERY_EVENTS, Snapshot, write
from adapters.journal.sqlite import open_journal
from adapters.journal.tail import tail_path
from core.config import NeuronConfig
from core.state import State
from core.types import Block
from tests.adapters.journal.builders import CONFIG, HEADER, STATE, edit, entry, opened, record


def places(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [seq for (seq,) in connection.execute("SELECT seq FROM snapshot ORDER BY seq")]


def test_a_start_goes_on_from_the_state_that_the_journal_holds(path: Path) -> None:
    """Whatever the walk went through, snapshot and tail lead to its last state."""
    for seed in range(6):
        path.unlink(missing_ok=True)
        known = record(path, seed=seed, events=150)
        with reading(path) as journal:
            assert recovered(journal, known.header.config) == known.states[-1]


@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_a_bad_snapshot_is_passed_over(path: Path, damaged: int) -> None:
    """A snapshot that is damaged, of another form, or gone costs time and nothing else."""
    known = record(path, events=300)
    last = places(path)[-1]
    changes = (
        "UPDATE snapshot SET body = zeroblob(40) WHERE seq >= ?",
        "UPDATE snapshot SET checksum = zeroblob(32) WHERE seq >= ?",
        "DELETE FROM snapshot WHERE seq >= ?",
    )
    edit(path, changes[damaged], places(path)[-2])
    with reading(path) as journal:
        assert journal.start().seq < last - 1
        assert recovered(journal, known.header.config) == known.states[-1]


def test_a_snapshot_is_taken_every_minute_and_every_thousand_events(path: Path) -> None:
    """By the events' own time; between them nothing is."""
    with opened(path) as journal:
        for seq in range(1, EVERY_EVENTS + 200):
            start_s = 2000.0 if seq > 1100 else 1000.0
            event = attrs.evolve(entry(seq).event, at_s=start_s + seq / 1000)
            journal.write((attrs.evolve(entry(seq), event=event),), STATE)
        assert [seq for seq, _ in journal.snapshot_places()] == [1, 1 + EVERY_EVENTS, 1101]


def test_other_settings_hold_from_the_start_on(path: Path) -> None:
    """The state is the old one, the configuration the new one."""
    known = record(path)
    config = attrs.evolve(known.header.config, neuron=NeuronConfig(seed=99))
    with reading(path) as journal:
        assert recovered(journal, config) == attrs.evolve(known.states[-1], config=config)


def test_a_fresh_journal_holds_a_fresh_state(path: Path) -> None:
    """Nothing written, nothing known."""
    with opened(path) as journal:
        assert recovered(journal, CONFIG) == State(CONFIG)


def test_what_other_rules_decided_is_not_gone_on_from(path: Path) -> None:
    """Events that today's code decides otherwise after the last snapshot are refused, with the remedy."""
    with opened(path) as journal:
        journal.write((entry(1),), STATE)
        journal.write((entry(2), entry(3)), STATE)
    with (
        reading(path) as journal,
        pytest.raises(OperatorError, match=r"other rules \(first at event 2\): go back"),
    ):
        recovered(journal, HEADER.config)


def test_a_snapshot_of_another_chain_is_passed_over(path: Path) -> None:
    """Whole by itself, but of no row of this file: it is not gone on from."""
    known = record(path, events=300)
    forged = Snapshot(300, 1e9, bytes(32), attrs.evolve(known.states[-1], head=Block(10**6)))
    with closing(sqlite3.connect(path)) as connection, connection:
        write(connection, forged)
    with reading(path) as journal:
        assert journal.start().seq < 300
        assert recovered(journal, known.header.config) == known.states[-1]


def test_a_journal_of_newer_rules_is_refused(path: Path) -> None:
    """Decisions of a logic version that this program does not know are not gone on from."""
    known = record(path, events=50)
    newer = attrs.evolve(known.header, config=attrs.evolve(known.header.config, logic_version=99))
    with opened(path, known.header) as journal:
        journal.begin_under(newer)
    with pytest.raises(OperatorError, match="logic version 99, this program knows 1 to"):
        open_journal(path, known.header)


def test_events_that_are_gone_are_noticed(path: Path) -> None:
    """A file with snapshots and without a row is not begun anew."""
    known = record(path, events=50)
    edit(path, "DELETE FROM entry")
    tail_path(path).unlink()
    with pytest.raises(OperatorError, match=r"its events are gone.*--repair"):
        open_journal(path, known.header)

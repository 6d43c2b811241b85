"""A run over the real journal, on a disk that fills up or fails: held up, said, taken up again, nothing lost."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import attrs
import pytest

from adapters.errors import OperatorError
from adapters.journal.opening import reading
from adapters.journal.recovery import recovered
from adapters.journal.schema import Damaged
from adapters.journal.sqlite import SqliteJournal, open_journal
from core.config import CoreConfig
from core.events import MinersAnswered
from core.records import Notice
from core.state import State, Stopped
from effects.ports import Entry, Fault
from tests.adapters.journal.builders import HEADER, quota
from tests.effects.harness import World, checked, settings

CONFIG = settings(max_forwards=3, num_concurrent_forwards=2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def journal_at(path: Path, config: CoreConfig = CONFIG) -> SqliteJournal:
    return open_journal(path, attrs.evolve(HEADER, config=config))


@attrs.frozen
class InTheLoop:
    """A journal that is written in the loop's own thread: virtual time does not wait for another one."""

    journal: SqliteJournal

    async def append(self, entries: Sequence[Entry], state: State) -> None:
        self.journal.write(tuple(entries), state)


class Run:
    """A runner over a journal in a file, with all that it told."""

    def __init__(self, journal: SqliteJournal) -> None:
        self.world = World()
        self.runner = self.world.runner(CONFIG, journal=InTheLoop(journal))

    @property
    def notices(self) -> list[str]:
        return [record.text for record in self.world.reporter.records if isinstance(record, Notice)]

    @property
    def asked(self) -> int:
        return len(self.world.dendrite.asked)


async def test_a_full_disk(path: Path) -> None:
    """While the system refuses to let the file grow nothing new is begun; when it does again, the run goes on to its end."""
    with closing(journal_at(path)) as journal:
        run = Run(journal)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run.runner.run)
            await anyio.sleep(3)
            with quota(1024):
                await anyio.sleep(20)
                seq, asked = journal.last_seq, run.asked
                await anyio.sleep(400)
                assert (journal.last_seq, run.asked) == (seq, asked)
                assert "cannot be written" in run.notices[-1]
                assert "nothing new is begun until it can, trying again in 5 s" in run.notices[-1]
        assert "the journal can be written again: going on" in run.notices
        assert run.runner.state.lifecycle == Stopped("done")
    assert_kept(path, run.runner.state)


async def test_a_disk_that_fails_now_and_then(path: Path) -> None:
    """Every third write is refused: each is tried again, and the journal is what it would have been without."""
    with closing(journal_at(path)) as journal:
        run = Run(journal)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run.runner.run)
            for _ in range(8):
                await anyio.sleep(4)
                with quota(1024):
                    await anyio.sleep(2)
        assert run.runner.state.lifecycle == Stopped("done")
    assert sum("cannot be written" in notice for notice in run.notices) >= 3
    assert_kept(path, run.runner.state)


async def test_a_write_that_was_kept_although_it_failed(path: Path) -> None:
    """The disk said no after the file had said yes: tried again, the entries are there once, not twice."""
    world = World()
    await world.runner(CONFIG).run()
    entries, last = world.journal.written, State(CONFIG)
    with closing(journal_at(path)) as journal:
        journal.write(tuple(entries[:5]), last)
        with quota(1024), pytest.raises(Fault, match="cannot be written"):
            journal.write(tuple(entries[5:9]), last)
        with closing(journal_at(path)) as kept:
            kept.write(tuple(entries[5:9]), last)
        journal.write(tuple(entries[5:9]), last)
        journal.write(tuple(entries[9:12]), last)
        assert list(journal.entries()) == entries[:12]


async def test_a_file_that_was_replaced_is_not_written_to(path: Path) -> None:
    """After a failure the file is looked at: another one in its place is nothing to go on with."""
    world = World()
    await world.runner(CONFIG).run()
    entries, last = world.journal.written, State(CONFIG)
    with closing(journal_at(path)) as journal:
        journal.write(tuple(entries[:5]), last)
        with quota(1024), pytest.raises(Fault, match="cannot be written"):
            journal.write(tuple(entries[5:9]), last)
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        with closing(journal_at(path)), pytest.raises(Fault, match="not the one that was written to"):
            journal.write(tuple(entries[5:9]), last)


async def test_a_disk_without_space_is_no_damage(path: Path) -> None:
    """A start on a full disk says so; it does not offer to repair what is whole."""
    journal_at(path).close()
    with quota(1024), pytest.raises(OperatorError, match=r"cannot be used.*see to its disk") as raised:
        journal_at(path, settings(seed=5)).close()
    assert not isinstance(raised.value, Damaged)
    journal_at(path).close()


def assert_kept(path: Path, state: State) -> None:
    """What the file holds is a lawful run up to `state`."""
    with reading(path) as journal:
        entries = list(journal.entries())
        assert checked(entries, CONFIG) == state
        assert recovered(journal, CONFIG) == state
        assert sum(isinstance(entry.event, MinersAnswered) for entry in entries) == 27

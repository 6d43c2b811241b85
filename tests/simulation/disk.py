"""The validator's disk: journals that outlive the process, and all that can go wrong in writing them.

Rules:
- A group is kept whole or not at all. One that was kept, but said to have failed, is found when it is given again (as
  `adapters.journal.sqlite` finds it).
- A snapshot goes through the journal's own encoding; what a start goes on from is the last one, and the entries after it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import anyio
import attrs

from adapters.journal import snapshots
from adapters.journal.codec import from_json, to_json
from adapters.journal.header import Header
from adapters.journal.recovery import recovered
from adapters.journal.sqlite import SqliteJournal, open_journal
from core.config import CoreConfig
from core.state import State, Stopped
from effects.ports import Entry, Fault
from effects.replay import replay
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.violation import Violation

FULL_S = (1.0, 300.0)
LATENCY_S = (0.0, 0.02)


class Disk(Protocol):
    """What holds the events of all lives."""

    @property
    def written(self) -> int:
        """How many there are."""
        ...

    async def write(self, entries: Sequence[Entry], state: State, kept: Callable[[], None]) -> None:
        """Write the group; `kept` is called as soon as it is on the disk, whoever gets to know of it.

        Raises:
            Fault: the disk says that nothing of it was kept.
        """
        ...

    def recovered(self, config: CoreConfig) -> State:
        """The state that a start goes on from, under `config` from now on."""
        ...

    def folded(self) -> State:
        """The fold of every event there is."""
        ...

    def close(self) -> None:
        """Nobody writes any more."""
        ...


class Trouble:
    """What the disk does wrong."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._full_until_s = 0.0

    async def write(self) -> None:
        """Take the time of a write, or refuse it.

        Raises:
            Fault: it is refused.
        """
        now_s = anyio.current_time()
        if self._dice.strikes_now(Kind.DISK_FULL, possible=now_s >= self._full_until_s):
            self._full_until_s = now_s + self._dice.between("disk full", *FULL_S)
        if now_s < self._full_until_s:
            raise Fault("the journal cannot be written: no space left on device")
        if self._dice.strikes_now(Kind.DISK_ERROR):
            raise Fault("the journal cannot be written: input/output error")
        await anyio.sleep(self._dice.between("disk latency", *LATENCY_S))

    def sync(self) -> None:
        """Say that what was kept was not.

        Raises:
            Fault: it is said.
        """
        if self._dice.strikes_now(Kind.SYNC_FAILED):
            raise Fault("the journal cannot be written: fsync failed")


class Memory:
    """Entries in a list.

    Attributes:
        entries: in order, the first with the number 1.
        configs: the configuration that begins at an entry's number.
    """

    def __init__(self, trouble: Trouble) -> None:
        self.entries: list[Entry] = []
        self.configs: dict[int, CoreConfig] = {}
        self._trouble = trouble
        self._snapshot: tuple[int, float] = (0, 0.0)
        self._state: State | None = None

    @property
    def written(self) -> int:
        return len(self.entries)

    async def write(self, entries: Sequence[Entry], state: State, kept: Callable[[], None]) -> None:
        await self._trouble.write()
        if entries[-1].seq <= len(self.entries):
            return
        self._keep(entries, state)
        kept()
        self._trouble.sync()

    def recovered(self, config: CoreConfig) -> State:
        state = State(config) if self._state is None else from_json(to_json(self._state), State)
        state = self._read_on(self._snapshot[0], state)
        self.configs[len(self.entries) + 1] = config
        return attrs.evolve(state, config=config)

    def folded(self) -> State:
        return self._read_on(0, State(self.configs[1]))

    def close(self) -> None:
        """Nothing of it is left."""

    def _read_on(self, seq: int, state: State) -> State:
        found = replay(self.entries[seq:], state, self.configs)
        if found.difference is not None:
            raise Violation(f"entry {found.difference.entry.seq} is decided otherwise when read again")
        return found.state

    def _keep(self, entries: Sequence[Entry], state: State) -> None:
        self.entries.extend(entries)
        last = entries[-1]
        is_due = snapshots.is_due(last.seq, last.event.at_s, self._snapshot)
        if is_due or isinstance(state.lifecycle, Stopped):
            self._snapshot, self._state = (last.seq, last.event.at_s), state


class File:
    """The real journal, in a file of its own."""

    def __init__(self, trouble: Trouble, path: Path) -> None:
        self._trouble, self._path = trouble, path
        self._journal: SqliteJournal | None = None

    @property
    def written(self) -> int:
        return self._opened.last_seq

    async def write(self, entries: Sequence[Entry], state: State, kept: Callable[[], None]) -> None:
        await self._trouble.write()
        if entries[-1].seq <= self.written:
            return
        self._opened.write(tuple(entries), state)
        kept()
        self._trouble.sync()

    def recovered(self, config: CoreConfig) -> State:
        self.close()
        self._journal = open_journal(self._path, Header(netuid=1, config=config, models=()))
        return recovered(self._journal, config)

    def folded(self) -> State:
        journal = self._opened
        start = journal.beginning()
        found = replay(journal.entries(start), start.state, journal.configs())
        if found.difference is not None:
            raise Violation(f"entry {found.difference.entry.seq} is decided otherwise when read again")
        return found.state

    def close(self) -> None:
        """As the end of a process would."""
        if self._journal is not None:
            self._journal.close()

    @property
    def _opened(self) -> SqliteJournal:
        if self._journal is None:
            raise RuntimeError("the journal is opened by `recovered`")
        return self._journal

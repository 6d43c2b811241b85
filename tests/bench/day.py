"""A day's journals, made in minutes: the machine driven by a made-up world, its events written as a validator writes them.

Rules:
- Events carry the times of a day that goes by at life's pace, so that snapshots and retention come as they would.
- Two journals come of it: one whose validator stopped, and a copy of the file taken while it ran, as a kill leaves it.
"""

import subprocess
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

import attrs

from adapters.journal.header import Header
from adapters.journal.opening import JOURNAL_NAME, writing
from adapters.journal.settings import Retention
from adapters.journal.snapshots import EVERY_S
from adapters.journal.sqlite import SqliteJournal
from core.events import BlockSeen, Event, Started, StopRequested
from core.records import ForwardEnded, StepRecord
from core.state import State
from core.step import Step
from core.types import Block
from effects.ports import Entry
from effects.replay import take
from tests.bench.day_world import BLOCK_LATE_S, BLOCK_S, FIRST_BLOCK, START_S, DayWorld, Scale

# Events that lie no further apart are written together: a snapshot then comes little later than it would.
GROUP_S = 10.0
# How old the last snapshot is at least at the kill, so that a start has nearly as much to fold as there can be. A block comes
# before it is old enough for the next.
KILL_AGE_S = EVERY_S - BLOCK_S - BLOCK_LATE_S
MODELS = (("reward.dpo_model", "0" * 64), ("reward.reciprocate_model", "1" * 64))
TIMES_TOLD = 20


@attrs.frozen
class Made:
    """The journals of a day.

    Attributes:
        clean, killed: the files.
        span_s: how much of a day it is.
        miners: prompted per step, on average.
    """

    clean: Path
    killed: Path
    header: Header
    span_s: float
    forwards: int
    steps: int
    miners: float


class Day:
    """The machine among what is due when."""

    def __init__(self, journal: SqliteJournal, world: DayWorld) -> None:
        self.now_s = START_S
        self.ended = self.steps = self.prompted = 0
        self._journal, self._world = journal, world
        self._state, self._seq = State(world.config), 0
        self._waiting: list[Entry] = []
        self._due: list[tuple[float, int, Event]] = []
        self._order = count()
        self._put(Started(START_S))
        self._put(BlockSeen(START_S, Block(FIRST_BLOCK)))

    @property
    def snapshot_age_s(self) -> float:
        """Of the last one, as of the last entry."""
        return self.now_s - self._journal.snapshot_places()[-1][1]

    def go_on(self) -> None:
        """Let the next thing happen."""
        self.now_s, _, event = heappop(self._due)
        if isinstance(event, BlockSeen):
            self._put(self._world.block_after(event.block))
        entry, taken = take(self._seq + 1, self._state, event)
        self._write_if_late(entry)
        self._waiting.append(entry)
        self._seq, self._state = entry.seq, taken.state
        for effect in taken.effects:
            self._put(self._world.completion(effect, self.now_s))
        self._count(taken)

    def write(self) -> None:
        """Make durable what has happened."""
        self._journal.write(tuple(self._waiting), self._state)
        self._waiting.clear()

    def stop(self) -> None:
        """End as an operator would end it."""
        self._due.clear()
        self._put(StopRequested(self.now_s, "the day is over"))
        self.go_on()
        self.write()

    def _put(self, event: Event) -> None:
        heappush(self._due, (event.at_s, next(self._order), event))

    def _write_if_late(self, entry: Entry) -> None:
        if self._waiting and entry.event.at_s - self._waiting[0].event.at_s > GROUP_S:
            self.write()

    def _count(self, taken: Step) -> None:
        for record in taken.records:
            self.ended += isinstance(record, ForwardEnded)
            if isinstance(record, StepRecord):
                self.steps += 1
                self.prompted += len(record.responses)


def make_day(folder: Path, scale: Scale, tell: Callable[[str], None]) -> Made:
    """Both journals, in folders of their own below `folder`; `tell` hears how far it is."""
    clean, killed = (folder / name / JOURNAL_NAME for name in ("clean", "killed"))
    world = DayWorld(scale)
    header = Header(netuid=1, config=world.config, models=MODELS)
    with writing(clean, header, Retention(), repairs=False, tell=tell) as journal:
        day = Day(journal, world)
        _let_forwards_end(day, scale.forwards, tell)
        while not KILL_AGE_S <= day.snapshot_age_s < EVERY_S:
            day.go_on()
        day.write()
        copy_journal(clean, killed)
        made = Made(
            clean, killed, header, day.now_s - START_S, day.ended, day.steps, day.prompted / day.steps
        )
        day.stop()
    return made


def copy_journal(source: Path, target: Path) -> None:
    """The file with all that SQLite and we keep beside it.

    In a process of its own: one that opens and closes a database's file loses the locks that SQLite has on it.
    """
    target.parent.mkdir(parents=True)
    files = sorted(source.parent.glob(f"{source.name}*"))
    subprocess.run(["cp", *files, target.parent], check=True)


def _let_forwards_end(day: Day, forwards: int, tell: Callable[[str], None]) -> None:
    often = max(1, forwards // TIMES_TOLD)
    for ended in range(often, forwards + often, often):
        while day.ended < min(ended, forwards):
            day.go_on()
        tell(f"{day.ended} of {forwards} forwards, {(day.now_s - START_S) / 3600:.1f} h of the day")

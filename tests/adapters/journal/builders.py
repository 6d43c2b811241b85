"""Journals for tests: made-up entries for what only concerns the file, recorded walks for what must fold."""

import random
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs

from adapters.journal.header import Header
from adapters.journal.settings import Retention
from adapters.journal.sqlite import SqliteJournal, open_journal
from core.events import BlockSeen, CompletionsScored, Event
from core.rewards import usable
from core.state import State
from core.types import Block
from effects.decision import Decision
from effects.ports import Entry
from effects.replay import take
from tests.core.builders import config
from tests.core.walk import Walk, initial

CONFIG = config()
HEADER = Header(netuid=1, config=CONFIG, models=(("reward.dpo_model", "abc"),))
STATE = State(CONFIG)


def entry(seq: int) -> Entry:
    return Entry(seq, BlockSeen(at_s=100.0 + seq, block=Block(seq)), Decision(f"digest {seq}", (seq / 3,)))


@contextmanager
def opened(
    path: Path, header: Header = HEADER, retention: Retention | None = None
) -> Iterator[SqliteJournal]:
    with closing(open_journal(path, header, retention)) as journal:
        yield journal


def edit(path: Path, statement: str, *values: int) -> None:
    """Change the file behind the journal's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


@attrs.frozen
class Recorded:
    """What a journal was given: its header, and the state after each entry, the empty one first."""

    header: Header
    states: tuple[State, ...]


def _writable(event: Event) -> Event:
    """The event as a scorer may tell it: what is no number is None."""
    if not isinstance(event, CompletionsScored):
        return event
    rewards = tuple(attrs.evolve(raw, values=tuple(map(usable, raw.values))) for raw in event.rewards)
    return attrs.evolve(event, rewards=rewards)


def record(
    path: Path,
    *,
    seed: int = 7,
    events: int = 200,
    group: int = 5,
    retention: Retention | None = None,
    before_close: Callable[[], None] = lambda: None,
) -> Recorded:
    """Write a journal of a long walk of the machine, in groups; closed when it is done, and `before_close` was called."""
    state = initial(random.Random(seed))
    header = attrs.evolve(HEADER, config=state.config)
    states, waiting = [state], list[Entry]()
    with opened(path, header, retention) as journal:
        for seq, (event, _) in enumerate(Walk(seed).steps(events - 1), start=1):
            kept, taken = take(seq, states[-1], _writable(event))
            states.append(taken.state)
            waiting.append(kept)
            if len(waiting) == group or seq == events:
                journal.write(tuple(waiting), states[-1])
                waiting.clear()
        before_close()
    return Recorded(header, tuple(states))


@contextmanager
def quota(size_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond this size: the system refuses the write, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

"""What the live view knows: the newest state, and what the records of the past add to it.

`observe` runs on the event loop, `snapshot` in the thread that draws; a lock keeps them apart for as long as a copy takes.
Memory is bounded: per hotkey registered, per forward running, and a few notices.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import assert_never

import attrs

from adapters.reporting.health import Health
from adapters.reporting.text import visible
from core.records import (
    ForwardEnded,
    ForwardRecovered,
    ForwardStarted,
    MetagraphChanged,
    Notice,
    Record,
    StepRecord,
    StepStarted,
    WeightsRecord,
)
from core.state import State
from core.types import Block, ForwardId, Hotkey, Metagraph
from effects.ports import Clock

MOST_NOTICES = 20
MOST_NOTICE = 300


@attrs.frozen
class Progress:
    """A forward's way so far.

    Attributes:
        had_best: per step that is done, whether it had a best completion.
        timeout_s: that of the step last started.
        ended: why it ended early, "" while it runs.
    """

    had_best: Mapping[int, bool] = attrs.field(factory=dict)
    timeout_s: float = 0.0
    ended: str = ""


@attrs.frozen
class Tally:
    """What came of prompting one hotkey: its last reward (None if unscored), and how often which status came."""

    reward: float | None
    codes: tuple[tuple[int, int], ...]


@attrs.frozen
class Shown:
    """A notice, safe to print, and when it came."""

    at_s: float
    text: str
    is_warning: bool


@attrs.define
class Counts:
    """What happened so far.

    Attributes:
        complete, early: forwards ended, of either kind.
        steps: prompt steps done.
        responses, answers: miners prompted in those steps, and how many of them answered.
        epochs: epochs that paid since the start, as far as the metagraph was read.
        accepted, refused: weight submissions that came to their end.
    """

    complete: int = 0
    early: int = 0
    steps: int = 0
    responses: int = 0
    answers: int = 0
    epochs: int = 0
    accepted: int = 0
    refused: int = 0


@attrs.frozen
class Snapshot:
    """All that is drawn. `state` is None before the first event, `weights` the last submission that came to its end."""

    started_at_s: float
    state: State | None
    counts: Counts
    forwards: Mapping[ForwardId, Progress]
    tallies: Mapping[Hotkey, Tally]
    weights: WeightsRecord | None
    notices: tuple[Shown, ...]
    health: Health


class Board:
    """Keeps what a `Snapshot` tells. Durations run from its making, by a clock that goes with the events' time."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._started_at_s = clock.now_s()
        self._state: State | None = None
        self._counts = Counts()
        self._forwards: dict[ForwardId, Progress] = {}
        self._rewards: dict[Hotkey, float | None] = {}
        self._codes: dict[Hotkey, Counter[int]] = {}
        self._weights: WeightsRecord | None = None
        self._notices: deque[Shown] = deque(maxlen=MOST_NOTICES)
        self._last_epoch: Block | None = None
        self._health = Health()

    def observe(self, state: State, records: Sequence[Record]) -> None:
        with self._lock:
            self._state = state
            for record in records:
                self._take(record)
            for forward_id in self._forwards.keys() - state.forwards.keys():
                del self._forwards[forward_id]

    def snapshot(self) -> Snapshot:
        """The board as it is, never to change again."""
        with self._lock:
            tallies = {
                hotkey: Tally(self._rewards[hotkey], tuple(codes.most_common()))
                for hotkey, codes in self._codes.items()
            }
            return Snapshot(
                started_at_s=self._started_at_s,
                state=self._state,
                counts=attrs.evolve(self._counts),
                forwards=dict(self._forwards),
                tallies=tallies,
                weights=self._weights,
                notices=tuple(self._notices),
                health=self._health,
            )

    def _take(self, record: Record) -> None:
        match record:
            case ForwardStarted():
                self._forwards[record.forward_id] = Progress()
            case ForwardRecovered():
                before = dict.fromkeys(range(record.index), True)
                self._forwards[record.forward_id] = Progress(before)
            case StepStarted():
                progress = self._progress(record.forward_id)
                self._forwards[record.forward_id] = attrs.evolve(progress, timeout_s=record.timeout_s)
            case StepRecord():
                self._take_step(record)
            case ForwardEnded():
                self._take_end(record)
            case WeightsRecord():
                self._weights = record
                self._counts.accepted += record.accepted
                self._counts.refused += not record.accepted
            case MetagraphChanged():
                self._take_metagraph(record.metagraph)
            case Notice():
                text = visible(record.text, MOST_NOTICE)
                self._notices.append(Shown(self._clock.now_s(), text, record.is_warning))
            case other:
                assert_never(other)

    def _progress(self, forward_id: ForwardId) -> Progress:
        return self._forwards.get(forward_id, Progress())

    def _take_step(self, record: StepRecord) -> None:
        self._health = self._health.after(record)
        progress = self._progress(record.forward_id)
        had_best = {**progress.had_best, record.index: record.best_uid is not None}
        self._forwards[record.forward_id] = attrs.evolve(progress, had_best=had_best)
        for response in record.responses:
            self._rewards[response.target.hotkey] = response.reward
            self._codes.setdefault(response.target.hotkey, Counter())[response.code] += 1
        self._counts.steps += 1
        self._counts.responses += len(record.responses)
        self._counts.answers += sum(response.scored is not None for response in record.responses)

    def _take_end(self, record: ForwardEnded) -> None:
        ended = visible(record.reason, MOST_NOTICE)
        self._forwards[record.forward_id] = attrs.evolve(self._progress(record.forward_id), ended=ended)
        self._counts.complete += record.complete
        self._counts.early += not record.complete

    def _take_metagraph(self, metagraph: Metagraph) -> None:
        registered = {neuron.hotkey for neuron in metagraph.neurons}
        for hotkey in self._codes.keys() - registered:
            del self._codes[hotkey], self._rewards[hotkey]
        if self._last_epoch is not None and metagraph.last_epoch > self._last_epoch:
            span_blocks = metagraph.last_epoch - self._last_epoch
            self._counts.epochs += max(1, span_blocks // max(1, metagraph.tempo_blocks))
        self._last_epoch = metagraph.last_epoch

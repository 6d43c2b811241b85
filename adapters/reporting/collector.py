"""The reporter that gathers a run's summary."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import assert_never

from adapters.reporting.health import Health
from adapters.reporting.loop_lag import Lag
from adapters.reporting.miners import miners
from adapters.reporting.recount import Recounted
from adapters.reporting.summary import (
    ForwardSummary,
    MinerSummary,
    StepSummary,
    Summary,
    WeightsSummary,
)
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
from core.types import ForwardId, Hotkey
from effects.ports import Clock

# Some 30 MB with 50 miners a step; a forward takes a minute or more, so this is more than a day.
REMEMBERED_FORWARDS = 2000
REMEMBERED_WEIGHTS = 1000
MOST_REASON = 300
COMPLETE, RUNNING = "complete", "running"


class Collector:
    """Follows a run from `initial`, the state that it starts with. `behaviours` is what is known of miners by hotkey."""

    def __init__(
        self,
        initial: State,
        clock: Clock,
        *,
        behaviours: Mapping[Hotkey, str] | None = None,
        remembered_forwards: int = REMEMBERED_FORWARDS,
    ) -> None:
        self._clock, self._state = clock, initial
        self._started_at_s = clock.now_s()
        self._behaviours = behaviours or {}
        self._running: dict[ForwardId, list[StepSummary]] = {}
        self._ended: deque[ForwardSummary] = deque(maxlen=remembered_forwards)
        self._forgotten_forwards = 0
        self._health = Health()
        self._weights: deque[WeightsSummary] = deque(maxlen=REMEMBERED_WEIGHTS)

    def observe(self, state: State, records: Sequence[Record]) -> None:
        self._state = state
        for record in records:
            self._take(record)

    def summary(self, *, lag: Lag, recount: Recounted) -> Summary:
        """The run up to now."""
        running = (
            ForwardSummary(forward_id, RUNNING, tuple(steps)) for forward_id, steps in self._running.items()
        )
        return Summary(
            forwards=tuple(sorted((*self._ended, *running), key=lambda forward: forward.id)),
            weights=tuple(self._weights),
            miners=self._miners(),
            dropped_completions=self._state.dropped_completions,
            duration_s=self._clock.now_s() - self._started_at_s,
            loop_lag_max_ms=lag.max_ms,
            loop_lag_p99_ms=lag.p99_ms,
            forgotten_forwards=self._forgotten_forwards,
            health=self._health,
            recount=recount,
        )

    def _take(self, record: Record) -> None:
        match record:
            case ForwardStarted():
                self._running[record.forward_id] = []
            case StepRecord():
                self._health = self._health.after(record)
                self._running.setdefault(record.forward_id, []).append(_step(record))
            case ForwardEnded():
                self._end(record)
            case WeightsRecord():
                self._weights.append(_weights(record))
            case ForwardRecovered() | StepStarted() | MetagraphChanged() | Notice():
                pass
            case other:
                assert_never(other)

    def _end(self, record: ForwardEnded) -> None:
        steps = self._running.pop(record.forward_id, [])
        ended = COMPLETE if record.complete else visible(record.reason, MOST_REASON)
        self._forgotten_forwards += len(self._ended) == self._ended.maxlen
        self._ended.append(ForwardSummary(record.forward_id, ended, tuple(steps)))

    def _miners(self) -> tuple[MinerSummary, ...]:
        state = self._state
        return tuple(
            MinerSummary(
                neuron.uid,
                neuron.hotkey,
                self._behaviours.get(neuron.hotkey, ""),
                state.scores.get(neuron.hotkey, 0.0),
                neuron.incentive,
            )
            for neuron in miners(state)
        )


def _step(record: StepRecord) -> StepSummary:
    return StepSummary(
        record.index,
        record.task_type.value,
        tuple(r.target.uid for r in record.responses),
        tuple(r.code for r in record.responses),
        tuple(r.reward for r in record.responses),
        record.best_uid,
    )


def _weights(record: WeightsRecord) -> WeightsSummary:
    return WeightsSummary(
        record.block,
        tuple(uid for uid, _ in record.weights),
        tuple(weight for _, weight in record.weights),
        record.accepted,
        visible(record.error, MOST_REASON),
    )

"""Plain structured logs: one line per thing that happened, for a terminal or for machines.

Rule: texts are never written whole: their length, and how they begin.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TextIO, assert_never

from adapters.reporting.health import Health
from adapters.reporting.lines import line_logger
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
from core.types import Block, Metagraph
from effects.ports import Clock

MOST_START = 60
MOST_REASON = 300
MOST_INCENTIVES = 10


class LogReporter:
    """Writes to `stream`, at once and line by line; `is_terminal` chooses the form, by default as the stream is one or not."""

    def __init__(self, stream: TextIO, clock: Clock, *, is_terminal: bool | None = None) -> None:
        self._last_epoch: Block | None = None
        self._health = Health()
        self._log = line_logger(stream, clock, is_terminal=is_terminal)

    def observe(self, state: State, records: Sequence[Record]) -> None:
        for record in records:
            self._write(state, record)

    def _write(self, state: State, record: Record) -> None:
        match record:
            case ForwardStarted():
                self._log.info("forward started", forward=record.forward_id)
            case ForwardRecovered():
                self._log.info("forward recovered", forward=record.forward_id, step=record.index)
            case StepStarted():
                self._log.info("step started", **_step_started(record))
            case StepRecord():
                self._log.info("step", **_step(record))
                self._tell_health(self._health.after(record))
            case ForwardEnded():
                ended = "complete" if record.complete else visible(record.reason, MOST_REASON)
                self._log.info("forward ended", forward=record.forward_id, ended=ended, block=state.head)
            case WeightsRecord():
                self._weights(record)
            case MetagraphChanged():
                self._metagraph(record)
            case Notice():
                write = self._log.warning if record.is_warning else self._log.info
                write(visible(record.text, MOST_REASON))
            case other:
                assert_never(other)

    def _tell_health(self, health: Health) -> None:
        """When something begins to fail, and when it works again; not for each step between."""
        before, now = ({each.name: each for each in h.failing} for h in (self._health, health))
        for name in sorted(now.keys() - before.keys()):
            self._log.warning("degraded", left_out=name, reason=now[name].reason)
        for name in sorted(before.keys() - now.keys()):
            self._log.info("works again", function=name, left_out_steps=before[name].steps)
        self._health = health

    def _weights(self, record: WeightsRecord) -> None:
        told = {
            "block": record.block,
            "accepted": record.accepted,
            "uids": [uid for uid, _ in record.weights],
            "weights": [round(weight, 4) for _, weight in record.weights],
        }
        if record.accepted:
            self._log.info("weights", **told)
        else:
            self._log.warning("weights", **told, error=visible(record.error, MOST_REASON))

    def _metagraph(self, record: MetagraphChanged) -> None:
        metagraph = record.metagraph
        self._log.info(
            "metagraph",
            block=metagraph.block,
            neurons=len(metagraph.neurons),
            replaced=list(record.replaced),
        )
        if self._last_epoch is not None and metagraph.last_epoch > self._last_epoch:
            self._log.info("epoch", block=metagraph.last_epoch, incentives=_incentives(metagraph))
        self._last_epoch = metagraph.last_epoch


def _step_started(record: StepStarted) -> dict[str, Any]:
    return {
        "forward": record.forward_id,
        "step": record.index,
        "task_type": record.task_type.value,
        "uids": [target.uid for target in record.targets],
        "timeout_s": record.timeout_s,
    }


def _step(record: StepRecord) -> dict[str, Any]:
    responses = record.responses
    best = next((r for r in responses if r.target.uid == record.best_uid), None)
    told = {
        "forward": record.forward_id,
        "step": record.index,
        "task_type": record.task_type.value,
        "block": record.block,
        "uids": [r.target.uid for r in responses],
        "statuses": [r.code for r in responses],
        "rewards": [None if r.reward is None else round(r.reward, 4) for r in responses],
        "scores": [round(r.after, 4) for r in responses],
        "best_uid": record.best_uid,
        "query_s": round(record.query_s, 3),
        "score_s": round(record.score_s, 3),
        "prompt_chars": len(record.prompt),
    }
    if best is not None:
        told |= {"best_chars": len(best.completion), "best_start": visible(best.completion, MOST_START)}
    failures = Counter(visible(r.message, MOST_START) for r in responses if r.message)
    return told | ({"failures": dict(failures)} if failures else {})


def _incentives(metagraph: Metagraph) -> dict[int, float]:
    """The highest incentives by uid."""
    paid = sorted(metagraph.neurons, key=lambda neuron: (-neuron.incentive, neuron.uid))[:MOST_INCENTIVES]
    return {neuron.uid: round(neuron.incentive, 4) for neuron in paid if neuron.incentive > 0}

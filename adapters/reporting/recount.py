"""The averages reckoned once more, from the step records alone, to show that no update was lost, doubled or half applied.

Rules:
- Shares no code with the core: who holds a uid, what counts and what an average is are found out here again.
- Every step may be told once, in order; every average it starts from must be the recounted one; and at the end all of them must
  equal those in the state.
- Of each hotkey the first difference is told, not the ones that follow from it.
"""

from collections.abc import Sequence
from typing import assert_never

import attrs

from adapters.reporting.words import count
from core.records import (
    ForwardEnded,
    ForwardRecovered,
    ForwardStarted,
    MetagraphChanged,
    Notice,
    Record,
    Response,
    StepRecord,
    StepStarted,
    WeightsRecord,
)
from core.state import State
from core.types import ForwardId, Hotkey, Metagraph, Uid

# Reckoning in another order differs in the last digits; an update does not.
TOLERANCE = 1e-12
MOST_DIFFERENCES = 100


@attrs.frozen
class Recounted:
    """What a recount came to. `differences` are sentences, the first hundred of `differences_in_all`."""

    step_events: int = 0
    differences: tuple[str, ...] = ()
    differences_in_all: int = 0

    def __str__(self) -> str:
        verdict = count(self.differences_in_all, "difference") if self.differences_in_all else "equal"
        return f"averages recounted from {self.step_events} step events: {verdict}"


@attrs.define
class _Steps:
    """Steps of one forward: the last one started, and the last one told."""

    started: int = -1
    told: int = -1


class Recount:
    """A reporter that follows the averages from `initial`, the state that the run starts with."""

    def __init__(self, initial: State) -> None:
        self._state = initial
        self._alpha = initial.config.neuron.moving_average_alpha
        self._scores: dict[Hotkey, float] = dict(initial.scores)
        self._holders = _holders(initial.metagraph)
        self._forwards: dict[ForwardId, _Steps] = {}
        self._step_events = 0
        self._suspects: set[Hotkey] = set()
        self._differences: list[str] = []
        self._differences_in_all = 0

    def observe(self, state: State, records: Sequence[Record]) -> None:
        self._state = state
        for record in records:
            match record:
                case ForwardStarted():
                    self._forwards[record.forward_id] = _Steps()
                case ForwardRecovered():
                    self._forwards[record.forward_id] = _Steps(record.index, record.index - 1)
                case StepStarted():
                    self._start(record)
                case StepRecord():
                    self._count(record)
                case ForwardEnded():
                    self._end(record)
                case MetagraphChanged():
                    self._change_hands(record.metagraph)
                case WeightsRecord() | Notice():
                    pass
                case other:
                    assert_never(other)

    def result(self) -> Recounted:
        """The recount up to now, compared with the scores of the newest state."""
        for hotkey in sorted(self._scores.keys() | self._state.scores.keys()):
            self._compare("at the end", hotkey, self._state.scores.get(hotkey, 0.0))
        return Recounted(self._step_events, tuple(self._differences), self._differences_in_all)

    def _start(self, record: StepStarted) -> None:
        steps = self._forwards.setdefault(record.forward_id, _Steps())
        if steps.told < steps.started:
            self._differ(f"forward {record.forward_id} step {steps.started} was never told")
        steps.started = record.index

    def _end(self, record: ForwardEnded) -> None:
        steps = self._forwards.pop(record.forward_id, _Steps())
        if record.complete and steps.told < steps.started:
            self._differ(f"forward {record.forward_id} step {steps.started} was never told")

    def _count(self, record: StepRecord) -> None:
        where = f"forward {record.forward_id} step {record.index}"
        steps = self._forwards.get(record.forward_id, _Steps())
        if not steps.told < record.index == steps.started:
            self._differ(f"{where} was told out of turn, or twice")
        steps.told = record.index
        self._step_events += 1
        for response in record.responses:
            self._update(where, response)

    def _update(self, where: str, response: Response) -> None:
        target, reward = response.target, response.reward
        self._compare(f"{where}, before", target.hotkey, response.before)
        counts = reward is not None and self._holders.get(target.uid) == target.hotkey
        if counts != response.counted:
            self._differ(f"{where}: whether uid {target.uid} counts")
        if reward is not None and counts:
            score = self._scores.get(target.hotkey, 0.0)
            self._scores[target.hotkey] = score + self._alpha * (reward - score)
        self._compare(f"{where}, after", target.hotkey, response.after)

    def _change_hands(self, metagraph: Metagraph) -> None:
        self._holders = _holders(metagraph)
        registered = set(self._holders.values())
        self._scores = {hotkey: score for hotkey, score in self._scores.items() if hotkey in registered}
        self._suspects &= registered

    def _compare(self, where: str, hotkey: Hotkey, found: float) -> None:
        recounted = self._scores.get(hotkey, 0.0)
        if hotkey not in self._suspects and not abs(found - recounted) <= TOLERANCE:
            self._suspects.add(hotkey)
            self._differ(f"{where}: average of {hotkey} is {found:.9f}, recounted {recounted:.9f}")

    def _differ(self, difference: str) -> None:
        self._differences_in_all += 1
        if len(self._differences) < MOST_DIFFERENCES:
            self._differences.append(difference)


def _holders(metagraph: Metagraph) -> dict[Uid, Hotkey]:
    return {neuron.uid: neuron.hotkey for neuron in metagraph.neurons}

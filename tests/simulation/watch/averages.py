"""The averages reckoned once more, from the raw events alone.

Rules:
- Nothing is shared with `core.judging`, `core.rewards`, `core.normalise` and `core.scores`. Penalties are taken as the step's record
  has them, of which one a step is found out again; so is, where a text is missing, that there was none.
- Who holds a uid says the last metagraph that was read, here as there.
- The recount goes on from life to life: a restart that loses or repeats something is seen.
"""

import math
from collections.abc import Mapping, Sequence

import attrs

from core.completions import scored_text
from core.config import CoreConfig
from core.events import CompletionsScored, MetagraphRead, MinersAnswered
from core.penalties import penalties
from core.records import Response, StepRecord
from core.state import Answered, Querying, Scoring, State, SyncReading
from core.types import OK, Hotkey, Metagraph, Outcome, RawMask, RawReward, TaskType, Uid
from tests.simulation.violation import Violation
from tests.simulation.watch.measured import Measured, usable
from tests.simulation.watch.seen import Seen

TOLERANCE = 1e-9


@attrs.frozen
class Judged:
    """A step's answers and the verdicts on those that have a text."""

    answered: Answered
    rewards: tuple[RawReward, ...] = ()
    masks: tuple[RawMask, ...] = ()


class Averages:
    """What each hotkey's average must be.

    Attributes:
        of: by hotkey; 0 for one that is not in it.
        holders: who holds each uid.
    """

    def __init__(self) -> None:
        self.of: dict[Hotkey, float] = {}
        self.holders: dict[Uid, Hotkey] = {}
        self._registered: set[Hotkey] = set()
        self._measured: dict[str, Measured] = {}
        self._steps = 0

    def take(self, seen: Seen) -> StepRecord | None:
        """Follow one step of the machine and compare; the record of a prompt step that was judged."""
        judged, record = judged_by(seen), _record(seen)
        if isinstance(seen.phase, SyncReading) and isinstance(seen.event, MetagraphRead):
            self._change_hands(seen.event.metagraph)
        if (judged is None) != (record is None):
            raise Violation(f"{type(seen.event).__name__}: a step is judged just when its record is told")
        if judged is not None and record is not None:
            self._judge(seen.before.config, judged, record)
        if seen.after.scores is not seen.before.scores or seen.after.metagraph is not seen.before.metagraph:
            self.compare(seen.after)
        return record

    def compare(self, state: State) -> None:
        """Hold all averages of a state to the recount."""
        for hotkey, found in state.scores.items():
            expected = self.of.get(hotkey, 0.0)
            if not abs(found - expected) <= TOLERANCE:
                raise Violation(f"the average of {hotkey} is {found!r}, recounted {expected!r}")
            if not 0 <= found <= 1:
                raise Violation(f"the average of {hotkey} is {found!r}, not within 0 and 1")
            if hotkey not in self._registered:
                raise Violation(f"{hotkey} has an average of {found!r}, but no uid")
        for hotkey in self.of.keys() - state.scores.keys():
            if self.of[hotkey] > TOLERANCE:
                raise Violation(f"the average of {hotkey} is gone, recounted {self.of[hotkey]!r}")

    def _change_hands(self, metagraph: Metagraph) -> None:
        self.holders = {neuron.uid: neuron.hotkey for neuron in metagraph.neurons}
        self._registered = set(self.holders.values())
        self.of = {hotkey: score for hotkey, score in self.of.items() if hotkey in self._registered}

    def _judge(self, config: CoreConfig, judged: Judged, record: StepRecord) -> None:
        self._steps += 1
        answered, where = judged.answered, f"forward {record.forward_id} step {record.index}"
        if (record.forward_id, record.index) != (answered.story.id, answered.plan.index):
            raise Violation(f"{where} is told, but it was step {answered.plan.index} that was judged")
        shares = self._shares(config.reward.weights, judged.rewards)
        masks = {mask.name: mask.values for mask in judged.masks}
        kept = [masks.get(name) for name in config.neuron.masks]
        row = 0
        for target, outcome, response in zip(
            answered.plan.targets, answered.outcomes, record.responses, strict=True
        ):
            reward: float | None = 0.0
            if _has_text(record.task_type, outcome, response):
                reward = _reward(shares, kept, row, response)
                row += 1
            if response.target != target:
                raise Violation(
                    f"{where}: uid {response.target.uid} is told in the place of uid {target.uid}"
                )
            self._count(where, config.neuron.moving_average_alpha, response, reward)
        self._find_out_again(config, answered, record)

    def _shares(
        self, weights: Mapping[str, float], rewards: Sequence[RawReward]
    ) -> list[tuple[float, list[float | None]]]:
        """Weight and normalised values of each reward function that counts, this step's values taken in first."""
        shares = []
        for raw in rewards:
            if weights[raw.name] > 0:
                measured = self._measured.setdefault(raw.name, Measured())
                pairs = zip(raw.values, raw.measured, strict=True)
                measured.take(x for x, is_real in pairs if is_real and x is not None and usable(x))
                values = [
                    measured.share_below(x) if x is not None and usable(x) else None for x in raw.values
                ]
                shares.append((weights[raw.name], values))
        return shares

    def _count(self, where: str, alpha: float, response: Response, reward: float | None) -> None:
        target = response.target
        if (reward is None) != (response.reward is None) or not _alike(reward, response.reward):
            raise Violation(
                f"{where}: the reward of {target.hotkey} (uid {target.uid}) is {response.reward!r}, recounted {reward!r}"
            )
        counts = reward is not None and self.holders.get(target.uid) == target.hotkey
        if counts != response.counted:
            verb = "ought to" if counts else "must not"
            raise Violation(f"{where}: the answer of {target.hotkey} for uid {target.uid} {verb} count")
        if reward is not None and counts:
            self.of[target.hotkey] = alpha * reward + (1 - alpha) * self.of.get(target.hotkey, 0.0)

    def _find_out_again(self, config: CoreConfig, answered: Answered, record: StepRecord) -> None:
        """One miner's penalties, another place in each step."""
        place = self._steps % len(record.responses)
        response, outcome = record.responses[place], answered.outcomes[place]
        if response.scored is None:
            return
        found = penalties(answered.plan.task, outcome.completion, config.reward)
        if found != response.penalties:
            raise Violation(
                f"forward {record.forward_id} step {record.index}: the penalties of {response.target.hotkey} are another's"
            )


def judged_by(seen: Seen) -> Judged | None:
    """What a step of the machine judges: verdicts that came, or at once answers without a text among them."""
    match seen.phase, seen.event:
        case Scoring(answered=answered), CompletionsScored(rewards=rewards, masks=masks):
            return Judged(answered, rewards, masks)
        case Querying() as phase, MinersAnswered() as event:
            if any(_text(phase.plan.task.type, outcome) for outcome in event.outcomes):
                return None
            return Judged(Answered(phase.story, phase.plan, event.outcomes, event.at_s))
        case _:
            return None


def _record(seen: Seen) -> StepRecord | None:
    records = [record for record in seen.step.records if isinstance(record, StepRecord)]
    if len(records) > 1:
        raise Violation(f"{type(seen.event).__name__}: {len(records)} steps are told at once")
    return records[0] if records else None


def _text(task_type: TaskType, outcome: Outcome) -> str:
    return scored_text(task_type, outcome.completion) if outcome.code == OK else ""


def _has_text(task_type: TaskType, outcome: Outcome, response: Response) -> bool:
    """Whether there is something to judge. That there is nothing is not believed, nor that a failure has a text."""
    if outcome.code == OK and response.scored:
        return True
    text = _text(task_type, outcome)
    if bool(text) != bool(response.scored):
        raise Violation(f"the answer of {response.target.hotkey} (uid {response.target.uid}) is left out")
    return bool(text)


def _reward(
    shares: Sequence[tuple[float, list[float | None]]],
    kept: Sequence[Sequence[int | None] | None],
    row: int,
    response: Response,
) -> float | None:
    """Of one completion, None where it is unscored: no reward function had a value, or a mask had none."""
    total = weight_in_all = 0.0
    for weight, values in shares:
        value = values[row]
        if value is not None:
            total += weight * value
            weight_in_all += weight
    masks = [None if values is None else values[row] for values in kept]
    if weight_in_all == 0 or None in masks:
        return None
    applied = math.prod(penalty.applied for penalty in response.penalties)
    return total / weight_in_all * applied if all(masks) else 0.0


def _alike(one: float | None, other: float | None) -> bool:
    return one is None or other is None or abs(one - other) <= TOLERANCE

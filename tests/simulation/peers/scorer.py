"""The scorer of a simulated validator, behind the `Scorer` port: judges by the texts, and fails as the dice say.

Rules:
- Verdicts come for the reward functions that have a weight and the masks that are on, as the real scorer loads those only. Now and then
  another function or mask comes with them, which must change nothing.
- What failed as a whole is left out and stands in `unscored`; there is always one value per completion in what is told.
- A value has one trouble at most, so that each one counted shows.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import anyio

from core.config import NeuronConfig
from core.randomness import choice
from core.types import RawMask, RawReward, TaskType
from effects.ports import Fault, Verdict
from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind
from tests.simulation.peers import judgement
from tests.simulation.swarm import Swarm

_SCORING_S = (0.05, 3.0)
_SLOW_FACTOR = 10
_ALL_MASKS = NeuronConfig().masks
# One verdict of so many comes with a function or a mask that does not count.
_IDLE_EVERY = 8

_LOST = (
    "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    "RuntimeError: CUDA error: an illegal memory access was encountered",
    "IndexError: index out of range in self",
)
NOT_FINITE = (float("nan"), float("inf"), float("-inf"))
HUGE = (1e38, -1e38, 1e300, -1e300, 1_000_001.0)
TINY = (5e-324, -5e-324, 1e-310, -0.0)

T = TypeVar("T")
Value = tuple[float | None, bool]
# A place among the verdicts: which reward function, which completion.
Place = tuple[int, int]


class SimulatedScorer:
    """An `effects.ports.Scorer`.

    Attributes:
        in_flight: steps that are being judged now.
    """

    def __init__(self, swarm: Swarm, dice: Dice) -> None:
        self.in_flight = 0
        self._dice, self._is_on_disk = dice, swarm.on_disk
        self._what, self._time, self._idle = (dice.of(f"scorer: {n}") for n in ("what", "time", "idle"))
        weights = swarm.config.reward.weights
        self._functions = tuple(name for name, weight in weights.items() if weight > 0)
        self._idle_functions = tuple(name for name, weight in weights.items() if not weight > 0)
        self._masks = swarm.config.neuron.masks
        self._idle_masks = tuple(name for name in _ALL_MASKS if name not in self._masks)
        self._odd_values: Mapping[Kind, Callable[[], Value]] = {
            Kind.SCORE_MISSING: lambda: (None, False),
            Kind.SCORE_HUGE: lambda: (choice(self._what, HUGE), True),
            Kind.SCORE_TINY: lambda: (choice(self._what, TINY), True),
            Kind.SCORE_UNMEASURED: lambda: (judgement.DPO_SENTINEL, False),
            Kind.SCORE_NOT_FINITE: lambda: (choice(self._what, NOT_FINITE), True),
        }

    async def score(
        self,
        *,
        task_type: TaskType,  # noqa: ARG002 - a port's signature is taken whole
        prompt: str,  # noqa: ARG002
        base_text: str,
        completions: Sequence[str],
    ) -> Verdict:
        """Judge the completions of one step, in 0.05 to 3 seconds.

        Raises:
            Fault: the device is lost.
        """
        self.in_flight += 1
        try:
            if self._dice.strikes_now(Kind.SCORER_HANGS):
                await anyio.sleep_forever()
            await anyio.sleep(self._seconds())
            if self._dice.strikes_now(Kind.DEVICE_LOST):
                raise Fault("the device is lost")
            return self._verdict(base_text, completions)
        finally:
            self.in_flight -= 1

    def _seconds(self) -> float:
        least, most = _SCORING_S
        seconds = least + (most - least) * self._time.random() ** 3
        return seconds * _SLOW_FACTOR if self._dice.strikes_now(Kind.SCORER_SLOW) else seconds

    def _verdict(self, base_text: str, completions: Sequence[str]) -> Verdict:
        readings = [judgement.read(text) for text in completions]
        rewards = [judgement.reward(name, readings) for name in self._functions]
        masks = judgement.masks(self._masks, base_text, readings)
        unscored = [*self._lose_function(rewards)]
        self._spoil_scores(rewards, len(completions))
        unscored += self._spoil_masks(masks)
        if self._idle.random() * _IDLE_EVERY < 1:
            rewards += _idle_rewards(self._idle_functions, len(completions))
            masks += _masking_all(self._idle_masks, len(completions))
        return Verdict(tuple(rewards), tuple(masks), tuple(unscored))

    def _lose_function(self, rewards: list[RawReward]) -> Sequence[tuple[str, str]]:
        if not self._dice.strikes_now(Kind.FUNCTION_LOST, possible=bool(rewards)):
            return ()
        lost = choice(self._what, rewards)
        rewards.remove(lost)
        return ((lost.name, choice(self._what, _LOST)),)

    def _spoil_scores(self, rewards: list[RawReward], count: int) -> None:
        if self._dice.strikes_now(Kind.SCORE_EQUAL, possible=bool(rewards) and count > 1):
            rewards[:] = [_made_equal(reward) for reward in rewards]
            return
        spoilt: set[Place] = set()
        for kind, value in self._odd_values.items():
            # A journal on a disk refuses numbers that JSON has no form for, and the real scorer never gives one.
            is_told = kind is not Kind.SCORE_NOT_FINITE or not self._is_on_disk
            if self._dice.strikes_now(kind, possible=is_told and len(spoilt) < len(rewards) * count):
                self._spoil(rewards, count, spoilt, value())

    def _spoil(self, rewards: list[RawReward], count: int, spoilt: set[Place], value: Value) -> None:
        whole = [(i, j) for i in range(len(rewards)) for j in range(count) if (i, j) not in spoilt]
        place = i, j = choice(self._what, whole)
        spoilt.add(place)
        reward, (x, is_measured) = rewards[i], value
        rewards[i] = RawReward(reward.name, _put(reward.values, j, x), _put(reward.measured, j, is_measured))

    def _spoil_masks(self, masks: list[RawMask]) -> Sequence[tuple[str, str]]:
        """One trouble at most: a second would not show."""
        strikes_now, is_possible = self._dice.strikes_now, bool(masks)
        if strikes_now(Kind.ALL_MASKED, possible=is_possible):
            i = masks.index(choice(self._what, masks))
            masks[i : i + 1] = _masking_all((masks[i].name,), len(masks[i].values))
        elif strikes_now(Kind.MASK_LOST, possible=is_possible):
            lost = choice(self._what, masks)
            masks.remove(lost)
            return ((lost.name, choice(self._what, _LOST)),)
        elif strikes_now(Kind.MASK_UNSURE, possible=is_possible):
            self._unsettle(masks)
        return ()

    def _unsettle(self, masks: list[RawMask]) -> None:
        mask = choice(self._what, masks)
        j = choice(self._what, range(len(mask.values)))
        masks[masks.index(mask)] = RawMask(mask.name, _put(mask.values, j, None), _put(mask.reasons, j, ""))


def _put(values: tuple[T, ...], place: int, value: T) -> tuple[T, ...]:
    return (*values[:place], value, *values[place + 1 :])


def _made_equal(reward: RawReward) -> RawReward:
    count = len(reward.values)
    return RawReward(reward.name, reward.values[:1] * count, reward.measured[:1] * count)


def _idle_rewards(names: Sequence[str], count: int) -> list[RawReward]:
    return [RawReward(name, (1e5,) * count, (True,) * count) for name in names]


def _masking_all(names: Sequence[str], count: int) -> list[RawMask]:
    return [RawMask(name, (0,) * count, ("score 9.99 above 0",) * count) for name in names]

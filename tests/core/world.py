"""The completions that a world could send back for an effect: the good one, and the ways in which it goes wrong."""

import random
from collections.abc import Sequence
from typing import assert_never

from core.effects import (
    DrawContext,
    Effect,
    QueryMiners,
    ReadLastUpdate,
    ReadMetagraph,
    ScoreCompletions,
    ServeAxon,
    SetWeights,
    Sleep,
)
from core.events import (
    AxonServed,
    Completion,
    CompletionsScored,
    ContextDrawn,
    EffectFailed,
    LastUpdateRead,
    MetagraphRead,
    MinersAnswered,
    Slept,
    WeightsSubmitted,
)
from core.types import (
    Block,
    Context,
    Metagraph,
    Outcome,
    RawMask,
    RawReward,
    TaskType,
    Uid,
    WeightsAccepted,
    WeightsRefused,
    WeightsResult,
    WeightsUnknown,
)
from tests.core.builders import CONTEXT, answered, completion, metagraph, refused, silent

MASKS = ("blacklist", "nsfw", "relevance", "diversity")
FUNCTIONS = ("dpo", "reciprocate")
ODD_SCORES = (None, float("nan"), float("inf"), -float("inf"), 1e300, -11.0, 0.0)


def task_type_of(prompt: str) -> TaskType:
    """What a prompt asks for, told by its opening."""
    if prompt.startswith("Summarize"):
        return TaskType.SUMMARY
    return TaskType.QUESTION if prompt.startswith("Ask") else TaskType.ANSWER


class World:
    """A small subnet that answers well most of the time; what goes wrong follows from `rng` alone."""

    def __init__(self, rng: random.Random, miners: int = 30) -> None:
        self.head = 1
        self._rng = rng
        self._miners = list(range(1, miners + 1))
        self._hotkeys: dict[int, str] = {}
        self._updated = 0

    def completion(self, effect: Effect, at_s: float) -> Completion:
        """What comes back for `effect`: a failure now and then, else a result."""
        if self._rng.random() < (0.3 if isinstance(effect, Sleep) else 0.08):
            timed_out = self._rng.random() < 0.5
            return EffectFailed(at_s, effect.effect_id, "not done" if timed_out else "broken", timed_out)
        return self._result(effect, at_s)

    def _result(self, effect: Effect, at_s: float) -> Completion:
        match effect:
            case DrawContext():
                context = CONTEXT if self._rng.random() < 0.95 else Context("...", "empty")
                return ContextDrawn(at_s, effect.effect_id, context)
            case QueryMiners():
                return MinersAnswered(at_s, effect.effect_id, self._outcomes(effect))
            case ScoreCompletions():
                return self._scored(effect, at_s)
            case ReadMetagraph():
                return MetagraphRead(at_s, effect.effect_id, self._metagraph())
            case ServeAxon():
                return AxonServed(at_s, effect.effect_id)
            case SetWeights():
                return WeightsSubmitted(at_s, effect.effect_id, self._judged())
            case ReadLastUpdate():
                return LastUpdateRead(at_s, effect.effect_id, Block(self._updated))
            case Sleep():
                return Slept(at_s, effect.effect_id)
            case other:
                assert_never(other)

    def _outcomes(self, effect: QueryMiners) -> tuple[Outcome, ...]:
        task_type = task_type_of(effect.synapse.messages[0])
        everyone_fails = self._rng.random() < 0.1
        return tuple(
            silent() if everyone_fails else self._outcome(task_type, target.uid) for target in effect.targets
        )

    def _outcome(self, task_type: TaskType, uid: Uid) -> Outcome:
        text = completion(task_type, uid)
        lots: Sequence[Outcome] = (
            silent(),
            refused(),
            answered(""),
            answered(" ... "),
            answered(f"Q: {text}"),
        )
        return lots[int(self._rng.random() * len(lots))] if self._rng.random() < 0.3 else answered(text)

    def _scored(self, effect: ScoreCompletions, at_s: float) -> CompletionsScored:
        count = len(effect.completions)
        functions = [name for name in FUNCTIONS if self._rng.random() < 0.95]
        masks = [name for name in MASKS if self._rng.random() < 0.98]
        left_out = {*FUNCTIONS, *MASKS} - {*functions, *masks}
        return CompletionsScored(
            at_s,
            effect.effect_id,
            tuple(self._reward(name, count) for name in functions),
            tuple(self._mask(name, count) for name in masks),
            tuple((name, "its device is lost") for name in sorted(left_out)),
        )

    def _reward(self, name: str, count: int) -> RawReward:
        return RawReward(
            name,
            tuple(self._raw() for _ in range(count)),
            tuple(self._rng.random() < 0.9 for _ in range(count)),
        )

    def _raw(self) -> float | None:
        if self._rng.random() < 0.1:
            return ODD_SCORES[int(self._rng.random() * len(ODD_SCORES))]
        return self._rng.random() * 8 - 4

    def _mask(self, name: str, count: int) -> RawMask:
        values = tuple(self._kept() for _ in range(count))
        return RawMask(name, values, tuple("" if value else "masked" for value in values))

    def _kept(self) -> int | None:
        lot = self._rng.random()
        return None if lot < 0.02 else int(lot > 0.1)

    def _metagraph(self) -> Metagraph:
        """As it is now: somebody may have left, joined or been replaced meanwhile, or our weights gone with their block."""
        if self._rng.random() < 0.05:
            self._updated = 0
        lot = self._rng.random()
        if lot < 0.2:
            self._miners = sorted(uid for uid in self._miners if self._rng.random() < 0.9)
        elif lot < 0.4:
            self._miners = sorted({*self._miners, int(self._rng.random() * 40) + 1})
        elif lot < 0.7:
            uid = int(self._rng.random() * 40) + 1
            self._hotkeys[uid] = f"hk{uid}+{self.head}"
        return metagraph(
            self._miners,
            block=self.head,
            hotkeys=self._hotkeys,
            registered=self._rng.random() > 0.02,
            last_epoch=self.head // 20 * 20,
            last_update=self._updated,
        )

    def _judged(self) -> WeightsResult:
        lot = self._rng.random()
        if lot < 0.15:
            if self._rng.random() < 0.2:
                self._updated = self.head  # by another program with our key
            return WeightsRefused("SettingWeightsTooFast", passing=True)
        if lot < 0.2:
            return WeightsRefused("too soon", passing=True, not_before=Block(self.head + 4))
        if lot < 0.25:
            return WeightsRefused("NotEnoughStakeToSetWeights", passing=False)
        if lot < 0.3:
            return WeightsRefused("HotKeyNotRegisteredInSubNet", passing=False, not_registered=True)
        if lot < 0.4:
            return WeightsUnknown("connection lost before they landed")
        self._updated = self.head
        if lot < 0.6:
            return WeightsUnknown("connection lost after they landed")
        return WeightsAccepted(Block(self.head))

"""A scorer that judges by a plain function of the text."""

from collections.abc import Callable, Sequence

import anyio

from core.types import RawMask, RawReward, TaskType
from effects.ports import Fault, Verdict


class FakeScorer:
    """Raw score of each reward function = `raw(completion)`; every mask keeps what `keep(completion)` says.

    `seconds` is how long a call takes; `broken` makes it fail as a lost device would.
    """

    def __init__(
        self,
        raw: Callable[[str], float | None],
        *,
        keep: Callable[[str], bool] = bool,
        functions: Sequence[str] = ("dpo", "reciprocate"),
        masks: Sequence[str] = ("blacklist", "nsfw", "relevance", "diversity"),
        seconds: float = 0.0,
        broken: bool = False,
    ) -> None:
        self._raw, self._keep = raw, keep
        self._functions, self._masks = tuple(functions), tuple(masks)
        self.seconds, self.broken = seconds, broken

    async def score(
        self, *, task_type: TaskType, prompt: str, base_text: str, completions: Sequence[str]
    ) -> Verdict:
        await anyio.sleep(self.seconds)
        if self.broken:
            raise Fault("the device is lost")
        values = tuple(self._raw(text) for text in completions)
        kept = tuple(int(self._keep(text)) for text in completions)
        reasons = tuple("" if keep else "not kept" for keep in kept)
        rewards = tuple(RawReward(name, values, (True,) * len(values)) for name in self._functions)
        return Verdict(rewards, tuple(RawMask(name, kept, reasons) for name in self._masks))

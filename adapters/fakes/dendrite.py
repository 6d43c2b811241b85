"""A network of scripted miners."""

from collections.abc import Callable, Sequence

import anyio

from core.types import OK, Outcome, Prompting, Target

# What a miner does with a prompt: seconds it takes, and its completion, or None for an HTTP 500.
Miner = Callable[[Target, Prompting], tuple[float, str | None]]


class FakeDendrite:
    """Each target behaves as `miner` says; all of them at once. `asked` keeps who was prompted, call by call."""

    def __init__(self, miner: Miner) -> None:
        self._miner = miner
        self.asked: list[tuple[Target, ...]] = []
        self.in_flight = 0

    async def query(
        self, targets: Sequence[Target], synapse: Prompting, *, timeout_s: float
    ) -> tuple[Outcome, ...]:
        self.asked.append(tuple(targets))
        self.in_flight += 1
        try:
            outcomes = [self._outcome(target, synapse, timeout_s) for target in targets]
            await anyio.sleep(max(outcome.process_time_s for outcome in outcomes))
            return tuple(outcomes)
        finally:
            self.in_flight -= 1

    def _outcome(self, target: Target, synapse: Prompting, timeout_s: float) -> Outcome:
        seconds, completion = self._miner(target, synapse)
        if seconds > timeout_s:
            return Outcome(408, f"no answer within {timeout_s:g} s", "", timeout_s)
        if completion is None:
            return Outcome(500, "the miner failed", "", seconds)
        return Outcome(OK, "", completion, seconds)

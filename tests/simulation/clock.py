"""Two clocks: the world's, which the chain goes by, and the validator's, which may be wrong.

Both go at the pace of the event loop's time. A suspended machine's loop stands still while the world goes on.
"""

import anyio

from tests.simulation.dice import Dice
from tests.simulation.kinds import Kind

START_S = 1_700_000_000.0


class SimulatedClock:
    """The world's true time, and what the validator takes it for.

    Attributes:
        wrong_s: how far the validator's clock is ahead of the world's.
    """

    def __init__(self) -> None:
        self.wrong_s = 0.0
        self._suspended_s = 0.0

    def true_s(self) -> float:
        """Unix time in the world."""
        return START_S + anyio.current_time() + self._suspended_s

    def now_s(self) -> float:
        """Unix time as the validator sees it."""
        return self.true_s() + self.wrong_s

    def suspend(self, seconds: float) -> None:
        """The machine slept: the world is so much further, and no timer of ours has run."""
        self._suspended_s += seconds


class Timers:
    """The validator's clock as its port: now and then a timer never goes off."""

    def __init__(self, clock: SimulatedClock, dice: Dice) -> None:
        self._clock, self._dice = clock, dice

    def now_s(self) -> float:
        return self._clock.now_s()

    async def sleep(self, seconds: float) -> None:
        if self._dice.strikes_now(Kind.TIMER_LOST):
            await anyio.sleep_forever()
        await anyio.sleep(seconds)

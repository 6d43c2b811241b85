"""A clock that goes with the event loop's: virtual where that is."""

import anyio


class LoopClock:
    """Time counted from `start_s` (Unix seconds) at the loop's own pace."""

    def __init__(self, start_s: float = 1_700_000_000.0) -> None:
        self._start_s = start_s

    def now_s(self) -> float:
        return self._start_s + anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

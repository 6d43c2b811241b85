"""The clock of this machine."""

import time

import anyio


class SystemClock:
    """Wall-clock time and sleeping, on whichever event loop runs."""

    def now_s(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

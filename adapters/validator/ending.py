"""What ends a session from outside: SIGINT and SIGTERM. The first asks, the second insists."""

import signal
from collections.abc import Awaitable, Callable

import anyio

Stop = Callable[[str], Awaitable[None]]


class Ending:
    """Turns signals into a stop of what runs: by `on_stop` once the machine runs, by cancelling `scope` before and after that."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope
        self._stop: Stop | None = None

    def on_stop(self, stop: Stop) -> None:
        """From now on the next signal calls `stop` with the signal's name."""
        self._stop = stop

    async def watch(self) -> None:
        """Wait for signals until cancelled."""
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for number in signals:
                stop, self._stop = self._stop, None
                if stop is None:
                    self._scope.cancel()
                else:
                    await stop(number.name)

"""What ends a program from outside: SIGINT and SIGTERM. The first asks, the second insists."""

import signal
from collections.abc import Awaitable, Callable

import anyio
from anyio.abc import TaskStatus

Stop = Callable[[str], Awaitable[None]]


class Ending:
    """Turns signals into a stop of what runs: by what `on_stop` names, by cancelling `scope` before and after that."""

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope
        self._stop: Stop | None = None

    def on_stop(self, stop: Stop) -> None:
        """From now on the next signal calls `stop` with the signal's name."""
        self._stop = stop

    async def watch(self, *, task_status: TaskStatus[None]) -> None:
        """Wait for signals until cancelled. Started once none is missed, which is before anything begins to load."""
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            task_status.started()
            async for number in signals:
                stop, self._stop = self._stop, None
                if stop is None:
                    self._scope.cancel()
                else:
                    await stop(number.name)

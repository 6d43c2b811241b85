"""Taking an axon's connections, a few at a time, so that those which are there already get their turn as well.

Why not asyncio's own server: it takes as many at once as the system may hold ready, pauses for a second when there are no more file
descriptors, and does not tell of connections that are half taken when it is closed.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

TAKEN_AT_ONCE = 64
# Callers decide how often the system has no more to give; the log must not be theirs to fill.
TOLD_EVERY_S = 60.0
# Where nobody of ours can go for a newcomer, the next is tried so much later: it stays ready, and would be tried without end.
PAUSE_S = 0.05


class Acceptor:
    """Takes connections of `listener` until it is closed; `make_room` is called where the system has no more to give.

    It tells whether it could make any.
    """

    def __init__(
        self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol], make_room: Callable[[], bool]
    ) -> None:
        self._listener, self._protocol, self._make_room = listener, protocol, make_room
        self._loop = asyncio.get_running_loop()
        self._half_taken: set[asyncio.Task[object]] = set()
        self._told_s = -TOLD_EVERY_S
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._listen()

    async def close(self) -> None:
        """Take no more, and see to the end what is half taken."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        await asyncio.gather(*self._half_taken, return_exceptions=True)

    def _listen(self) -> None:
        self._loop.add_reader(self._listener, self._take)

    def _take(self) -> None:
        for _ in range(TAKEN_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                self._tell(error)
                if not self._make_room():
                    self._loop.remove_reader(self._listener)
                    self._pause = self._loop.call_later(PAUSE_S, self._listen)
                return
            self._begin(connection)

    def _tell(self, error: OSError) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            _log.warning(
                "connections could not be taken, so those that wait longest are closed (told once a minute): %s",
                error,
            )

    def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._half_taken.add(task)
        task.add_done_callback(self._half_taken.discard)

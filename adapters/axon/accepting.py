"""Taking an axon's connections, a few at a time, so that those which are there already get their turn as well.

Why not asyncio's own server: it takes as many at once as the system may hold ready, pauses for a second when there are no more file
descriptors, and does not tell of connections that are half taken when it is closed.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

_log = logging.getLogger(__name__)

TAKEN_AT_ONCE = 64


class Acceptor:
    """Takes connections of `listener` until it is closed; `make_room` is called where the system has no more to give."""

    def __init__(
        self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol], make_room: Callable[[], None]
    ) -> None:
        self._listener, self._protocol, self._make_room = listener, protocol, make_room
        self._loop = asyncio.get_running_loop()
        self._half_taken: set[asyncio.Task[object]] = set()
        listener.setblocking(False)
        self._loop.add_reader(listener, self._take)

    async def close(self) -> None:
        """Take no more, and see to the end what is half taken."""
        self._loop.remove_reader(self._listener)
        self._listener.close()
        await asyncio.gather(*self._half_taken, return_exceptions=True)

    def _take(self) -> None:
        for _ in range(TAKEN_AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                _log.warning(
                    "a connection could not be taken, so the one that waits longest is closed: %s", error
                )
                self._make_room()
                return
            self._begin(connection)

    def _begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._half_taken.add(task)
        task.add_done_callback(self._half_taken.discard)

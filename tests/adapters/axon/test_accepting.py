"""Taking connections where the system has none to give."""

import asyncio
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.axon.accepting import PAUSE_S, Acceptor


@contextmanager
def no_more_files() -> Iterator[None]:
    """Not one more file can be opened by this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_where_no_room_can_be_made_it_waits() -> None:
    """It tries again now and then, not without end, and takes who still waits as soon as there is room."""
    taken, tries = asyncio.Event(), 0

    class Taken(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken.set()
            transport.close()

    def make_room() -> bool:
        nonlocal tries
        tries += 1
        return False

    listener = socket.create_server(("127.0.0.1", 0))
    acceptor = Acceptor(listener, Taken, make_room)
    with socket.socket() as caller:
        with no_more_files():
            caller.connect(listener.getsockname())
            await asyncio.sleep(4 * PAUSE_S)
        assert 1 <= tries <= 5
        async with asyncio.timeout(5):
            await taken.wait()
    await acceptor.close()


async def test_it_can_be_closed_while_it_waits() -> None:
    """Nothing is tried after the end."""
    tried, tries = asyncio.Event(), 0

    def make_room() -> bool:
        nonlocal tries
        tries += 1
        tried.set()
        return False

    listener = socket.create_server(("127.0.0.1", 0))
    acceptor = Acceptor(listener, asyncio.Protocol, make_room)
    with socket.socket() as caller, no_more_files():
        caller.connect(listener.getsockname())
        async with asyncio.timeout(5):
            await tried.wait()
        await acceptor.close()
        await asyncio.sleep(2 * PAUSE_S)
    assert tries == 1

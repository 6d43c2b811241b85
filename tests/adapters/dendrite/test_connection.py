"""One connection: to whom it may lead, and what its want is taken for."""

import resource
import socket

import anyio
import pytest
from anyio.abc import SocketStream

from adapters.dendrite.address import Address
from adapters.dendrite.answer import AnswerReader
from adapters.dendrite.connection import Exchange, connect
from adapters.dendrite.sinks import WholeSink
from adapters.dendrite.verdict import Refused
from effects.ports import Fault
from tests.adapters.dendrite.peers import SYNAPSE, dendrite, server, target


async def test_a_connection_that_ends_on_this_machine_is_dropped() -> None:
    """Whatever address led there: where both ends have the same one, not a byte is sent."""
    received: list[bytes] = []

    async def handle(stream: SocketStream) -> None:
        received.extend([chunk async for chunk in stream])

    async with server(handle) as address:
        host, _, port = address.rpartition(":")
        exchange = Exchange(AnswerReader(WholeSink(), 1000))
        with pytest.raises(Refused, match="is this machine"):
            await connect(Address(host, int(port)), exchange, allow_private=False)
        await anyio.wait_all_tasks_blocked()
    assert received == []


async def test_want_of_sockets_is_no_miners_fault() -> None:
    """Where the operating system gives no more, the query fails as a whole, with the remedy, and lets go of what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        targets = [target(f"127.0.0.1:{listener.getsockname()[1]}")] * 50
        resource.setrlimit(resource.RLIMIT_NOFILE, (listener.fileno() + 10, hard))
        try:
            with pytest.raises(Fault, match="more open files"):
                await dendrite().query(targets, SYNAPSE, timeout_s=5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with socket.socket() as next_one:
            assert next_one.fileno() < listener.fileno() + 10

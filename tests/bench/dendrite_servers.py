"""`python -m tests.bench.dendrite_servers COUNT`: that many axons in one process, which answer at once.

Tells their ports as a line of JSON, and serves until standard input ends. Bare servers: what is measured is the client, so
they verify nothing, and their answer is made once.
"""

import asyncio
import json
import sys

import msgspec

from tests.bench.dendrite_synapse import COMPLETION, SYNAPSE

# The v10 SDK makes a synapse of the answer, so it wants to have its own fields back; the other wire skips them.
BODY = msgspec.json.encode({"roles": SYNAPSE.roles, "messages": SYNAPSE.messages, "completion": COMPLETION})
HEAD = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n".encode()
V10_HEAD = b"bt_header_axon_status_code: 200\r\nbt_header_axon_status_message: Success\r\n"
V10_MARK = b"bt_header_dendrite_"
HEAD_END = b"\r\n\r\n"


class Axon(asyncio.Protocol):
    """One connection: an answer for each whole request, kept open unless the caller says otherwise."""

    def __init__(self) -> None:
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := _request_end(self._rest)) is not None:
            self._answer(self._rest[:end].partition(HEAD_END)[0].lower())
            self._rest = self._rest[end:]

    def _answer(self, head: bytes) -> None:
        assert self._transport is not None
        self._transport.write(HEAD + (V10_HEAD if V10_MARK in head else b"") + b"\r\n" + BODY)
        if b"connection: close" in head:
            self._transport.close()


def _request_end(data: bytes) -> int | None:
    """Where the first request in `data` ends, None while it is not whole."""
    head, found, body = data.partition(HEAD_END)
    if not found:
        return None
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return len(head) + len(HEAD_END) + length if len(body) >= length else None


async def serve(count: int) -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Axon, "127.0.0.1", 0) for _ in range(count)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)  # noqa: T201 - its one line
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

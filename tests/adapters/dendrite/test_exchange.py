"""One exchange: what is bounded on the connection, and when its time begins."""

import httpcore2
import pytest
from anyio.abc import SocketStream

from adapters.dendrite.address import dial_address
from adapters.dendrite.exchange import Call, exchange
from adapters.dendrite.stream import BoundedStream
from adapters.dendrite.verdict import Refused
from tests.adapters.dendrite.peers import http, read_request, server


async def drain(stream: BoundedStream) -> int:
    total = 0
    while data := await stream.read(65536):
        total += len(data)
    return total


@pytest.mark.parametrize("pieces", [[b"xxxxxxxxxxx"], [b"x"] * 11])
async def test_more_bytes_than_allowed_are_refused(pieces: list[bytes]) -> None:
    """The eleventh byte of ten is not read, in one piece or in many; a new allowance counts from its start."""
    stream = BoundedStream(httpcore2.AsyncMockStream([b"x" * 5, *pieces]), 5)
    await stream.read(65536)
    stream.allow(10)
    with pytest.raises(Refused) as refused:
        await drain(stream)
    assert refused.value.code == 413


async def test_more_reads_than_an_answer_needs_are_refused() -> None:
    """Bytes that come one by one are refused long before their limit."""
    assert await drain(BoundedStream(httpcore2.AsyncMockStream([b"x"] * 4000), 10**6)) == 4000
    with pytest.raises(Refused):
        await drain(BoundedStream(httpcore2.AsyncMockStream([b"x"] * 5000), 10**6))


async def test_time_begins_with_the_first_byte_sent() -> None:
    """`sending` is called once the connection stands and before the request arrives; never without a connection."""
    story: list[str] = []

    def sign(_body: bytes) -> dict[str, str]:
        story.append("signed")
        return {}

    async def handle(stream: SocketStream) -> None:
        await read_request(stream)
        story.append("arrived")
        await stream.send(http(b"body"))

    def call(address: str) -> Call:
        return Call(
            address=dial_address(address, allow_private=True),
            body=b"",
            sign=sign,
            max_answer_bytes=1000,
            sending=lambda: story.append("sending"),
        )

    async with server(handle) as address:
        assert await exchange(call(address)) == b"body"
    assert story == ["signed", "sending", "arrived"]
    with pytest.raises(Refused, match="cannot connect"):
        await exchange(call(address))
    assert story == ["signed", "sending", "arrived"]

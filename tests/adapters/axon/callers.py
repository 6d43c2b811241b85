"""Callers of an axon that are not our dendrite: signed by hand, altered, or not signed at all."""

from typing import Any

import anyio
import httpx2
from anyio.abc import SocketStream
from bittensor import http_auth

from adapters.wire.prompting import encode_request
from tests.adapters.dendrite.peers import MINER, SYNAPSE, VALIDATOR

BODY = encode_request(SYNAPSE)
# The head of a request that claims to be signed, up to what is said of its body.
CLAIMED = b"POST /Prompting HTTP/1.1\r\nHost: x\r\nX-Bittensor-Version: 1\r\n"


def signed(body: bytes = BODY, **changes: Any) -> dict[str, str]:
    """Headers that MINER's axon takes for `body`; `changes` are further arguments of http_auth.sign."""
    arguments: dict[str, Any] = {"method": "POST", "path": "/Prompting", "receiver_ss58": MINER.ss58_address}
    return http_auth.sign(VALIDATOR, body=body, **(arguments | changes))


async def post(
    address: str, body: bytes = BODY, headers: dict[str, str] | None = None, *, path: str = "/Prompting"
) -> httpx2.Response:
    """One POST over a new connection, signed unless `headers` say otherwise."""
    headers = signed(body) if headers is None else headers
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        return await client.post(f"http://{address}{path}", content=body, headers=headers)


async def connect(address: str) -> SocketStream:
    host, _, port = address.rpartition(":")
    return await anyio.connect_tcp(host, int(port))


async def read_all(stream: SocketStream) -> bytes:
    """Everything until the axon closes."""
    data = b""
    with anyio.fail_after(5):
        try:
            while True:
                data += await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return data

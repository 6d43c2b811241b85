"""Reading a request's body, within bounds of bytes and time."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import anyio

from adapters.axon.head import too_large
from adapters.axon.limits import AxonLimits
from adapters.axon.refusal import Refused

Receive = Callable[[], Awaitable[Any]]


async def read_body(receive: Receive, limits: AxonLimits) -> bytes:
    """The raw bytes that are signed.

    Raises:
        Refused: 400 it ended early, 408 too slow, 413 too large.
    """
    with anyio.move_on_after(limits.read_timeout_s):
        return await _read(receive, limits)
    raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the body took too long to arrive")


async def _read(receive: Receive, limits: AxonLimits) -> bytes:
    body, has_more = bytearray(), True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(HTTPStatus.BAD_REQUEST, "the body ended early")
        body += message["body"]
        has_more = message["more_body"]
        if len(body) > limits.max_body_bytes:
            refusal = too_large(limits)
            raise Refused(refusal.status, refusal.message)
    return bytes(body)


async def read_away(receive: Receive, limits: AxonLimits) -> None:
    """Let a caller that is refused send its body to the end, so that it reads why instead of an error of its own."""
    read_bytes = 0
    with anyio.move_on_after(limits.linger_s):
        while read_bytes <= limits.max_body_bytes:
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                return

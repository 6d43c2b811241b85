"""Reading a request's body, within bounds of bytes and time."""

from http import HTTPStatus

import anyio
from starlette.requests import ClientDisconnect, Request

from adapters.axon.limits import AxonLimits
from adapters.axon.refusal import refusal


async def read_body(request: Request, limits: AxonLimits) -> bytes:
    """The raw bytes that the signature covers; raises refusals 400, 408 and 413."""
    if _announced_bytes(request) > limits.max_body_bytes:
        raise _too_large(limits)
    try:
        with anyio.fail_after(limits.read_timeout_s):
            return await _read(request, limits)
    except TimeoutError:
        raise refusal(HTTPStatus.REQUEST_TIMEOUT, "the body took too long to arrive") from None
    except ClientDisconnect:
        raise refusal(HTTPStatus.BAD_REQUEST, "the body ended early") from None


async def _read(request: Request, limits: AxonLimits) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limits.max_body_bytes:
            raise _too_large(limits)
    return bytes(body)


def _announced_bytes(request: Request) -> int:
    """Content-Length; the server has refused by now what is no number."""
    return int(request.headers.get("content-length", "0"))


def _too_large(limits: AxonLimits) -> Exception:
    return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is above {limits.max_body_bytes} bytes")

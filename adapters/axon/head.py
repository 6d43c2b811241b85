"""The head of a request, and what can be said of it before anything else: which wire it is on, and whether it is refused at once.

Rules:
- The wire is decided here, once for each request, by the names of its headers alone. What fails on one wire is never tried on the other.
- A near miss of a path is none: no redirect, no case, no slash too many.
- All of this must cost next to nothing: it is what stands between a flood and us.
"""

from collections.abc import Sequence
from http import HTTPStatus

import attrs

from adapters.axon.limits import AxonLimits
from adapters.axon.refusal import Refusal
from adapters.wire.prompting import METHOD, STREAM_PATH, WHOLE_PATH
from adapters.wire.v10 import CALLER_PREFIX
from core.types import Wire

RawHeaders = Sequence[tuple[bytes, bytes]]

_BTAUTH_MARK = b"x-bittensor-"
_V10_MARK = CALLER_PREFIX.encode()
_METHOD = METHOD.encode()
_PATHS = {path.encode(): path for path in (WHOLE_PATH, STREAM_PATH)}

_NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "Not Found")
_NOT_ALLOWED = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")
_UNSIGNED = Refusal(HTTPStatus.UNAUTHORIZED, "the request is not signed")
HEAD_TOO_LARGE = Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too large or too many")
BROKEN = Refusal(HTTPStatus.BAD_REQUEST, "this is no HTTP/1 request")


@attrs.frozen
class Head:
    """A request as far as its headers tell.

    Attributes:
        target: path and query as sent, which is what btauth/1 signs.
        headers: by lower-case name; of two with one name the later counts.
    """

    path: str
    target: str
    headers: dict[str, str]

    @property
    def is_streamed(self) -> bool:
        return self.path == STREAM_PATH

    @property
    def synapse_name(self) -> str:
        return self.path.removeprefix("/")


def wire_of(headers: RawHeaders) -> Wire | None:
    """By which wire a request wants to be known; names are lower case."""
    wire = None
    for name, _ in headers:
        if name.startswith(_BTAUTH_MARK):
            return Wire.BTAUTH
        if name.startswith(_V10_MARK):
            wire = Wire.V10
    return wire


def path_of(target: bytes) -> str | None:
    """The path that is meant, if there is one."""
    return _PATHS.get(target.partition(b"?")[0])


def refused_at_once(
    method: bytes, target: bytes, headers: RawHeaders, wire: Wire | None, limits: AxonLimits
) -> Refusal | None:
    """Why nothing more of this request is wanted; None where its sender must be looked at."""
    if path_of(target) is None:
        return _NOT_FOUND
    if method != _METHOD:
        return _NOT_ALLOWED
    if _announced_bytes(headers) > limits.max_body_bytes:
        return too_large(limits)
    return _UNSIGNED if wire is None else None


def too_large(limits: AxonLimits) -> Refusal:
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is above {limits.max_body_bytes} bytes")


def read_head(target: bytes, headers: RawHeaders) -> Head:
    """The head of a request that was not refused at once."""
    decoded = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return Head(path_of(target) or "", target.decode("latin-1"), decoded)


def _announced_bytes(headers: RawHeaders) -> int:
    """Content-Length; the parser has refused by now what is no number."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)

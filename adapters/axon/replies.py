"""Answers and refusals as bytes, in the form that the caller's wire has.

Rules:
- Whoever calls by v10 gets its headers on every answer, good or bad, with names in lower case: its client knows no others.
- A refused connection is closed, so that no body need be read to find the next request.
"""

from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol, assert_never

import attrs
import msgspec

from adapters.axon.refusal import Refusal
from adapters.wire import v10
from adapters.wire.prompting import CONTENT_TYPE, encode_answer, encode_end, encode_error, encode_piece
from adapters.wire.sse import MEDIA_TYPE
from core.types import Prompting, Wire

Headers = tuple[tuple[str, str], ...]
SUCCESS = "Success"


@attrs.frozen
class Reply:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes

    def raw(self) -> bytes:
        """The answer on the wire, whole."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.all_headers())
        return (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n{lines}\r\n".encode("latin-1")
            + self.body
        )

    def all_headers(self) -> Headers:
        return (*self.headers, ("content-length", str(len(self.body))))


class Replies(Protocol):
    """How one request is answered. Whole and pieces raise UnicodeEncodeError for text that has no UTF-8 form."""

    def whole(self, completion: str, took_s: float) -> Reply: ...

    def refused(self, refusal: Refusal, took_s: float) -> Reply: ...

    def stream_headers(self, took_s: float) -> Headers: ...

    def piece(self, text: str) -> bytes: ...

    def end(self) -> bytes:
        """What follows the last piece."""
        ...

    def failed(self) -> bytes | None:
        """What follows the last piece where there should be more; None where only a broken connection can tell."""
        ...


@attrs.frozen
class PlainReplies:
    """Answers on btauth/1, and to those who call by no wire."""

    def whole(self, completion: str, took_s: float) -> Reply:  # noqa: ARG002 - a caller measures time itself
        return Reply(HTTPStatus.OK, _content(CONTENT_TYPE), encode_answer(completion))

    def refused(self, refusal: Refusal, took_s: float) -> Reply:  # noqa: ARG002
        return Reply(refusal.status, (*_content(CONTENT_TYPE), _CLOSE), _told(refusal.message))

    def stream_headers(self, took_s: float) -> Headers:  # noqa: ARG002
        return _content(MEDIA_TYPE)

    def piece(self, text: str) -> bytes:
        return encode_piece(text)

    def end(self) -> bytes:
        return encode_end()

    def failed(self) -> bytes | None:
        return encode_error()


@attrs.frozen
class V10Replies:
    """Answers that a v10 client understands.

    Attributes:
        name: of the synapse, "" where the path is unknown.
        timeout_s: as the caller gave it, None where it gave none.
        synapse: what is echoed beside the completion; a v10 client builds its synapse anew from an answer.
    """

    name: str
    timeout_s: float | None = None
    synapse: Prompting | None = None

    def whole(self, completion: str, took_s: float) -> Reply:
        axon = {"status_code": 200, "status_message": SUCCESS, "process_time": took_s}
        body: dict[str, Any] = {"name": self.name, "axon": axon, "completion": completion}
        if self.timeout_s is not None:
            body["timeout"] = self.timeout_s
        if self.synapse is not None:
            body |= {"roles": self.synapse.roles, "messages": self.synapse.messages}
        headers = (*_content(CONTENT_TYPE), *self._headers(200, SUCCESS, took_s))
        return Reply(HTTPStatus.OK, headers, msgspec.json.encode(body))

    def refused(self, refusal: Refusal, took_s: float) -> Reply:
        # Of a forward that is too slow, such a client knows 408.
        is_slow = refusal.status is HTTPStatus.GATEWAY_TIMEOUT
        status = HTTPStatus.REQUEST_TIMEOUT if is_slow else refusal.status
        headers = (*_content(CONTENT_TYPE), *self._headers(status, refusal.message, took_s), _CLOSE)
        return Reply(status, headers, _told(refusal.message))

    def stream_headers(self, took_s: float) -> Headers:
        return (*_content(MEDIA_TYPE), *self._headers(200, SUCCESS, took_s))

    def piece(self, text: str) -> bytes:
        return text.encode()

    def end(self) -> bytes:
        return b""

    def failed(self) -> bytes | None:
        return None

    def _headers(self, status: int, message: str, took_s: float) -> Headers:
        name = ((v10.NAME, self.name),) if self.name else ()
        return (
            *name,
            (v10.STATUS_CODE, str(int(status))),
            (v10.STATUS_MESSAGE, message),
            (v10.PROCESS_TIME, str(took_s)),
        )


_CLOSE = ("connection", "close")


def replies_on(wire: Wire | None, name: str) -> Replies:
    """How a request of that wire is answered, as long as nothing but its head is known."""
    match wire:
        case None | Wire.BTAUTH:
            return PlainReplies()
        case Wire.V10:
            return V10Replies(name)
        case _:
            assert_never(wire)


@lru_cache(maxsize=64)
def plain_refusal(refusal: Refusal) -> bytes:
    """A refusal to somebody who calls by no wire, made once."""
    return PlainReplies().refused(refusal, 0.0).raw()


def _content(media_type: str) -> Headers:
    return (("content-type", media_type),)


def _told(message: str) -> bytes:
    return msgspec.json.encode({"message": message})

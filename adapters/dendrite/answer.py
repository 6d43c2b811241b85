"""One answer as its bytes come in: HTTP/1.1 framing by a parser, bounded in all directions, the text by a `Sink`.

Rules:
- Bytes are looked at once, as they come; nothing is inflated, followed or kept beyond the limits.
- The first thing that is wrong ends it: what comes after is not looked at.
"""

import httptools

from adapters.dendrite.sinks import Sink
from adapters.dendrite.verdict import NOT_UNDERSTOOD, TOO_LARGE, Refused, refuse_status

# Above these an answer is refused, whatever it says.
MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 256
MAX_PIECES = 4096
MAX_INTERIM = 8
# Chunk sizes and the like, beyond the body itself.
_FRAMING_BYTES = 64 * 1024
_INTERIM = range(100, 200)
_VERSIONS = ("1.0", "1.1")


class _Whole(Exception):
    """Stops the parser: whatever follows is no part of the answer."""


class AnswerReader:
    """Takes an answer's bytes; raises Refused for whatever is no answer of 200.

    Attributes:
        over: the answer is whole; what else comes is not part of it.
    """

    def __init__(self, sink: Sink, max_answer_bytes: int) -> None:
        self.over = False
        self._sink = sink
        self._max_answer_bytes = max_answer_bytes
        self._parser = httptools.HttpResponseParser(self)
        self._left_bytes = MAX_HEAD_BYTES
        self._left_headers = MAX_HEADERS
        self._left_pieces = MAX_PIECES
        self._left_interim = MAX_INTERIM
        self._body_bytes = 0
        self._in_body = False
        self._is_framed = False

    def feed(self, data: memoryview) -> None:
        """The next bytes, at most as many as one read brings."""
        self._left_pieces -= 1
        self._left_bytes -= len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise Refused(NOT_UNDERSTOOD, "answer switches to another protocol") from None
        except httptools.HttpParserCallbackError as error:
            # What a callback below raised, which the parser wraps.
            if not isinstance(error.__context__, _Whole):
                raise (error.__context__ or error) from None
        except httptools.HttpParserError:
            raise Refused(NOT_UNDERSTOOD, "answer is not HTTP") from None
        if not self.over and (self._left_bytes < 0 or self._left_pieces < 0):
            raise _too_large()

    def close(self) -> None:
        """The miner closed the connection: the end of a body that announced none, else the answer is cut."""
        if self._in_body and not self._is_framed:
            self.over = True
        if not self.over:
            raise Refused(NOT_UNDERSTOOD, "answer is shorter than it says")

    # What the parser calls.
    def on_header(self, name: bytes, value: bytes) -> None:
        self._left_headers -= 1
        if self._left_headers < 0:
            raise Refused(NOT_UNDERSTOOD, f"answer has more than {MAX_HEADERS} headers")
        if self._in_body:
            # A trailer: it comes too late to say how the body is framed or coded.
            return
        name, value = name.lower(), value.strip().lower()
        if name == b"content-encoding" and value != b"identity":
            raise Refused(NOT_UNDERSTOOD, "answer is encoded, though identity was asked for")
        if name == b"transfer-encoding":
            _refuse_transfer(value)
        if name == b"content-length" and int(value) > self._max_answer_bytes:
            raise _too_large()
        self._is_framed = self._is_framed or name in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._parser.get_http_version() not in _VERSIONS:
            raise Refused(NOT_UNDERSTOOD, "answer is not of HTTP/1")
        if status in _INTERIM:
            self._count_interim()
            self._is_framed = False
            return
        refuse_status(status)
        self._in_body = True
        self._left_bytes = self._max_answer_bytes + _FRAMING_BYTES

    def on_body(self, piece: bytes) -> None:
        self._left_pieces -= 1
        self._body_bytes += len(piece)
        if self._body_bytes > self._max_answer_bytes or self._left_pieces < 0:
            raise _too_large()
        self._sink.feed(piece)
        if self._sink.ended:
            self._stop()

    def on_message_complete(self) -> None:
        # An interim answer is a message too, and the real one follows it.
        if self._in_body:
            self._stop()

    def _stop(self) -> None:
        self.over = True
        raise _Whole

    def _count_interim(self) -> None:
        self._left_interim -= 1
        if self._left_interim < 0:
            raise Refused(TOO_LARGE, f"more than {MAX_INTERIM} interim answers")


def _refuse_transfer(value: bytes) -> None:
    if value != b"chunked":
        raise Refused(NOT_UNDERSTOOD, "answer is encoded, though identity was asked for")


def _too_large() -> Refused:
    return Refused(TOO_LARGE, "answer above the limit of bytes or pieces")

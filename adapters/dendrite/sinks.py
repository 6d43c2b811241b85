"""What becomes of an answer's body: whole JSON, server-sent events, or bare text; one class each.

Rules:
- A stream's text is kept as it comes, so that there is something where it is cut.
- Text is decoded incrementally: a character may be cut anywhere by the network.
"""

import codecs
from typing import Protocol

from adapters.dendrite.verdict import NOT_UNDERSTOOD, TOO_LARGE, Refused
from adapters.wire.prompting import END_EVENT, ERROR_EVENT, Malformed, decode_answer, decode_piece
from adapters.wire.sse import DEFAULT_NAME, EventReader, ServerEvent

_MAX_EVENTS = 4096
_MAX_LINES = 3 * _MAX_EVENTS


class Sink(Protocol):
    @property
    def ended(self) -> bool:
        """Whether the body has said itself that this was all."""
        ...

    def feed(self, piece: bytes) -> None:
        """The next bytes of the body; raises Refused or Malformed."""
        ...

    def completion(self) -> str:
        """The completion, once the body is whole; raises Refused or Malformed where it is none."""
        ...

    def so_far(self) -> str:
        """The text of a stream that was cut."""
        ...


class WholeSink:
    """An answer that is one JSON object."""

    ended = False

    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, piece: bytes) -> None:
        self._body += piece

    def completion(self) -> str:
        return decode_answer(bytes(self._body))

    def so_far(self) -> str:
        return ""


class EventSink:
    """The stream of btauth/1: events with pieces, then one that says that this was all."""

    def __init__(self) -> None:
        self._reader = EventReader()
        self._pieces: list[str] = []
        self._left_events = _MAX_EVENTS
        self.ended = False

    def feed(self, piece: bytes) -> None:
        try:
            events = self._reader.feed(piece)
        except UnicodeDecodeError:
            raise Malformed("the stream is not UTF-8") from None
        if self._reader.lines > _MAX_LINES:
            raise Refused(TOO_LARGE, f"stream of more than {_MAX_LINES} lines")
        for event in events:
            self._take(event)

    def completion(self) -> str:
        if not self.ended:
            raise Refused(NOT_UNDERSTOOD, "stream closed before its end")
        return self.so_far()

    def so_far(self) -> str:
        return "".join(self._pieces)

    def _take(self, event: ServerEvent) -> None:
        self._left_events -= 1
        if self._left_events < 0:
            raise Refused(TOO_LARGE, f"stream of more than {_MAX_EVENTS} events")
        if event.name == ERROR_EVENT:
            raise Refused(NOT_UNDERSTOOD, "the miner failed half-way")
        if event.name == END_EVENT:
            self.ended = True
        elif event.name == DEFAULT_NAME and not self.ended:
            self._pieces.append(decode_piece(event))


class TextSink:
    """The stream of v10: bare text, whose end is the end of the body."""

    ended = False

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pieces: list[str] = []

    def feed(self, piece: bytes) -> None:
        self._decode(piece, final=False)

    def completion(self) -> str:
        self._decode(b"", final=True)
        return self.so_far()

    def so_far(self) -> str:
        return "".join(self._pieces)

    def _decode(self, piece: bytes, *, final: bool) -> None:
        try:
            self._pieces.append(self._decoder.decode(piece, final))
        except UnicodeDecodeError:
            raise Malformed("the stream is not UTF-8") from None

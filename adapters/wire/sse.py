"""Server-sent events: a stream of named texts over one HTTP answer (WHATWG HTML, "Server-sent events").

Of the format, what is used here: `event` and `data` lines, and comments, which are skipped; `id` and `retry` mean nothing to us.
"""

import codecs

import attrs

MEDIA_TYPE = "text/event-stream"
DEFAULT_NAME = "message"


@attrs.frozen
class ServerEvent:
    """One event; its data lines are joined by line feeds."""

    name: str
    data: str


def encode_event(data: str, name: str = DEFAULT_NAME) -> bytes:
    """The event on the wire; `data` is one line."""
    head = "" if name == DEFAULT_NAME else f"event: {name}\n"
    return f"{head}data: {data}\n\n".encode()


@attrs.define
class EventReader:
    """Takes bytes as they come, cut anywhere, and gives the events that are whole.

    Attributes:
        lines: how many there have been; empty ones and comments cost time as well, though they make no event.
    """

    lines: int = 0
    _is_begun: bool = False
    _rest: bytearray = attrs.field(factory=bytearray)
    _name: str = DEFAULT_NAME
    _data: list[str] = attrs.field(factory=list)

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """Events that `piece` completes.

        Raises:
            UnicodeDecodeError: a line is no UTF-8.
        """
        self._rest += piece
        if b"\n" not in piece:
            return []
        *lines, self._rest = self._rest.split(b"\n")
        if not self.lines:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        self.lines += len(lines)
        taken = (self._take(line) for line in lines if line or self._is_begun)
        return [event for event in taken if event is not None]

    def _take(self, raw: bytearray) -> ServerEvent | None:
        line = raw.rstrip(b"\r").decode()
        self._is_begun = bool(line)
        if not line:
            return self._event()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value or DEFAULT_NAME
        return None

    def _event(self) -> ServerEvent | None:
        """What the lines since the last empty one make; nothing where none of them was data."""
        event = ServerEvent(self._name, "\n".join(self._data)) if self._data else None
        self._name, self._data = DEFAULT_NAME, []
        return event

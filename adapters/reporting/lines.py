"""Log lines: on a terminal key=value, elsewhere one JSON object each; time in ISO 8601, UTC.

Rule: a logger of our own. Nothing global is configured, and other libraries' loggers stay as they are.
"""

from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor

from effects.ports import Clock


def line_logger(
    stream: TextIO,
    clock: Clock,
    *,
    is_terminal: bool | None = None,
    writer: type[structlog.WriteLogger] = structlog.WriteLogger,
) -> Any:
    """A structlog logger that writes to `stream`, at once and line by line, by way of `writer`.

    `is_terminal` chooses the form, by default as the stream is one or not.
    """

    def stamp(_logger: Any, level: str, event: EventDict) -> EventDict:
        now = datetime.fromtimestamp(clock.now_s(), UTC)
        head = {
            "timestamp": now.isoformat(timespec="milliseconds"),
            "level": level,
            "event": event.pop("event"),
        }
        return head | dict(event)

    return structlog.wrap_logger(
        writer(stream),
        processors=[stamp, _renderer(stream.isatty() if is_terminal is None else is_terminal)],
        wrapper_class=structlog.BoundLogger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )


def _renderer(is_terminal: bool) -> Processor:
    if is_terminal:
        return structlog.dev.ConsoleRenderer(sort_keys=False)
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event).decode()

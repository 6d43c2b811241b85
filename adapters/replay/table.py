"""How tables of a journal look, and how its values are written in them."""

import math
from contextlib import suppress
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from adapters.errors import OperatorError

ABSENT = "-"


PIPED_COLUMNS = 160


def console() -> Console:
    """Standard output, for text that may be anything; a pipe is as wide as the tables are."""
    made = Console(highlight=False, markup=False)
    return made if made.is_terminal else Console(highlight=False, markup=False, width=PIPED_COLUMNS)


def table(title: str, *columns: str, text: tuple[str, ...] = ()) -> Table:
    """A table whose columns are numbers, but for those named in `text`."""
    made = Table(title=title, box=box.SIMPLE, title_justify="left", title_style="bold", show_edge=False)
    for name in columns:
        made.add_column(name, justify="left" if name in text else "right", no_wrap=True, overflow="ellipsis")
    return made


def number(value: float | None, digits: int = 6) -> str:
    return ABSENT if value is None else f"{value:.{digits}f}"


def when(at_s: float) -> str:
    """Unix seconds as a time in UTC."""
    try:
        return datetime.fromtimestamp(at_s, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{at_s:g} s"


def seconds_of(flag: str, text: str | None, default: float) -> float:
    """Unix seconds of a time: "2026-11-25 09:00" (UTC unless it says otherwise), or Unix seconds themselves.

    Raises:
        OperatorError: it is neither, naming the flag.
    """
    if text is None:
        return default
    with suppress(ValueError):
        if math.isfinite(seconds := float(text)):
            return seconds
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError(
            f"{flag} {text}: give a time like 2026-11-25T09:00 (UTC) or Unix seconds"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()

"""Progress of a fold, on standard error, so that what a command prints can be piped."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def followed(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """The items, with a bar that grows by each; none where standard error is no terminal."""
    console = Console(stderr=True)
    return iter(
        track(items, what, total=total, console=console, transient=True, disable=not console.is_terminal)
    )

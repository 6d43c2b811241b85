"""What a run shows while it goes on: on a terminal tables that are drawn anew each epoch, a line an epoch elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from adapters.localnet.incentives.figures import Figures
from adapters.localnet.incentives.table import epoch_line, progress, tables

# What tables take; a terminal has the width it has.
WIDTH = 96


def make_console() -> Console:
    """Standard output."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=max(WIDTH, plain.width))


class Screen:
    """Writes to a console; to be entered before the first epoch."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def stage(self, doing: str) -> None:
        """What a start is busy with."""
        self._console.print(f"· {doing}", style="dim", markup=False, highlight=False)

    def epoch(self, figures: Figures, wanted: int, left_s: float) -> None:
        """After each epoch."""
        words = progress(figures.epochs, wanted, left_s)
        if self._console.is_terminal:
            self._live.update(Group(Text(words), tables(figures)), refresh=True)
        else:
            self._console.print(epoch_line(figures, words), soft_wrap=True, highlight=False, markup=False)

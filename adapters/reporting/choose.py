"""Which reporter a stream gets: the live view on a terminal, log lines anywhere else."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console

from adapters.reporting.live import LiveView
from adapters.reporting.logs import LogReporter
from core.types import Hotkey
from effects.ports import Clock, Reporter


def is_live(stream: TextIO) -> bool:
    """Whether the stream is a terminal that can redraw."""
    return stream.isatty() and os.environ.get("TERM", "") not in {"", "dumb", "unknown"}


@contextmanager
def reporting(
    stream: TextIO,
    clock: Clock,
    *,
    network: str,
    netuid: int,
    behaviours: Mapping[Hotkey, str] | None = None,
) -> Iterator[Reporter]:
    """The reporter for `stream`, for as long as the context lasts."""
    if not is_live(stream):
        yield LogReporter(stream, clock)
        return
    console = Console(file=stream)
    with LiveView(console, clock, network=network, netuid=netuid, behaviours=behaviours) as view:
        yield view

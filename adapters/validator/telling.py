"""What a session tells: stages while it starts, the live view or log lines while it runs, the summary when it is over."""

import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import anyio
import attrs
from rich.console import Console

from adapters.reporting import table
from adapters.reporting.choose import reporting
from adapters.reporting.collector import Collector
from adapters.reporting.fanout import FanOut
from adapters.reporting.files import write
from adapters.reporting.logs import LogReporter
from adapters.reporting.loop_lag import LoopLag
from adapters.reporting.recount import Recount
from adapters.reporting.summary import encode
from adapters.validator.place import Place
from adapters.validator.settings import ValidatorSettings
from core.state import State
from effects.ports import Clock, Reporter


@attrs.frozen
class Telling:
    """Everybody who is told, and what is kept for the end."""

    reporter: Reporter
    collector: Collector
    recount: Recount
    lag: LoopLag

    def finish(self, settings: ValidatorSettings) -> None:
        """Print the summary, and write it where `--summary` says."""
        summary = self.collector.summary(lag=self.lag.lag(), recount=self.recount.result())
        if settings.summary is not None:
            write("--summary", settings.summary, encode(summary))
        table.show(summary, Console())


@asynccontextmanager
async def open_telling(
    settings: ValidatorSettings, place: Place, initial: State, clock: Clock
) -> AsyncIterator[Telling]:
    """Ready to tell of a run from `initial`; the event loop's lag is measured meanwhile."""
    collector = Collector(initial, clock, behaviours=place.behaviours)
    recount, lag = Recount(initial), LoopLag()
    with ExitStack() as shown:
        if settings.logging.plain:
            screen: Reporter = LogReporter(sys.stderr, clock)
        else:
            view = reporting(
                sys.stderr, clock, network=place.label, netuid=settings.netuid, behaviours=place.behaviours
            )
            screen = shown.enter_context(view)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lag.run)
            yield Telling(FanOut(screen, collector, recount), collector, recount, lag)
            tasks.cancel_scope.cancel()


def tell_stage(doing: str) -> None:
    """One line for what a start is busy with."""
    Console(stderr=True).print(f"· {doing}", style="dim", markup=False, highlight=False)

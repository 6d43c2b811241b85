"""Draws docs/live.svg: the live view at one moment of a recorded run on the local subnet, by folding its journal up to there.

python -m tests.docs.live_picture runs/embedded/…/journal.sqlite --share 0.8 --out docs/live.svg
"""

import argparse
import io
from contextlib import closing
from pathlib import Path

import msgspec
from rich.console import Console

from adapters.journal.sqlite import SqliteJournal
from adapters.localnet.behaviours import population
from adapters.localnet.keys import miner_keys
from adapters.reporting.live import LiveView
from core.config import CoreConfig
from core.machine import step
from core.state import State

WIDTH, HEIGHT = 150, 38


class EventClock:
    """Stands at the time of the event last folded."""

    at_s = 0.0

    def now_s(self) -> float:
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        raise RuntimeError(f"nothing sleeps here, not for {seconds:g} s")


def draw(path: Path, share: float, out: Path) -> None:
    """Fold the first `share` of the journal at `path`, and write the view as it stood then to `out`."""
    clock = EventClock()
    console = Console(width=WIDTH, height=HEIGHT, record=True, file=io.StringIO(), force_terminal=True)
    with closing(SqliteJournal.read(path)) as journal:
        config = msgspec.json.decode(journal.headers()[0][1].configuration, type=CoreConfig)
        behaviours = {
            miner_keys(i).hotkey_ss58: behaviour.value
            for i, behaviour in enumerate(population(config.neuron.seed))
        }
        clock.at_s = next(journal.entries()).event.at_s
        view = LiveView(console, clock, network="embedded", netuid=1, behaviours=behaviours)
        state, last = State(config), int(journal.last_seq * share)
        for entry in journal.entries():
            taken = step(state, entry.event)
            state, clock.at_s = taken.state, entry.event.at_s
            view.observe(state, taken.records)
            if entry.seq == last:
                break
    console.print(view.render())
    console.save_svg(str(out), title="python -m cmd.validator --neuron.max_forwards 12")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", type=Path)
    parser.add_argument("--share", type=float, default=0.8)
    parser.add_argument("--out", type=Path, default=Path("docs/live.svg"))
    chosen = parser.parse_args()
    draw(chosen.journal, chosen.share, chosen.out)

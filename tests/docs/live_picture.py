"""Draws docs/live.svg: the live view at one moment of a recorded run on the local subnet, by folding its journal up to there.

python -m tests.docs.live_picture runs/embedded/…/journal.sqlite --share 0.8 --out docs/live.svg
"""

import argparse
import io
from itertools import islice
from pathlib import Path

from rich.console import Console

from adapters.journal.opening import reading
from adapters.localnet.behaviours import population
from adapters.localnet.keys import miner_keys
from adapters.reporting.live import LiveView

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
    with reading(path) as journal:
        seed = journal.headers()[0][1].config.neuron.seed
        behaviours = {
            miner_keys(i).hotkey_ss58: behaviour.value for i, behaviour in enumerate(population(seed))
        }
        clock.at_s = next(journal.entries()).event.at_s
        view = LiveView(console, clock, network="embedded", netuid=1, behaviours=behaviours)
        for folded in islice(journal.fold(journal.beginning()), int(journal.last_seq * share)):
            clock.at_s = folded.entry.event.at_s
            view.observe(folded.taken.state, folded.taken.records)
    console.print(view.render())
    console.save_svg(str(out), title="python -m cmd.validator --neuron.max_forwards 12")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", type=Path)
    parser.add_argument("--share", type=float, default=0.8)
    parser.add_argument("--out", type=Path, default=Path("docs/live.svg"))
    chosen = parser.parse_args()
    draw(chosen.journal, chosen.share, chosen.out)

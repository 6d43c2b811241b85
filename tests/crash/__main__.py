"""`python -m tests.crash`: kill a real validator on a local subnet again and again, and see that nothing is lost or done twice."""

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from rich.console import Console
from rich.progress import Progress

from tests.crash.children import fork_server, subnet
from tests.crash.killing import Killer
from tests.crash.moments import Moments
from tests.crash.place import Place
from tests.crash.report import Report, line, report, show

# The faster blocks come, the more windows for weights there are. Miners and validator share the machine with the chain.
BLOCK_TIME_S = 0.25


def main(argv: Sequence[str] | None = None) -> int:
    """Kill as often as asked; 0 if all is well, else 1."""
    options, console = _options(argv), Console(stderr=True)
    folder = Path(mkdtemp(prefix="crash-"))
    found = _killed(options.kills, options.seed, folder, console)
    if options.json:
        options.json.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    show(console, found)
    if found.is_good:
        shutil.rmtree(folder)
        return 0
    console.print(f"what was left is in {folder}", markup=False, highlight=False)
    return 1


def _killed(kills: int, seed: int, folder: Path, console: Console) -> Report:
    began_s, done = time.monotonic(), 0
    with subnet(folder / "subnet", BLOCK_TIME_S) as facts, fork_server(folder / "server") as server:
        (folder / "runs").mkdir()
        place = Place(folder / "runs", folder / "subnet", facts)
        killer = Killer(place, server, Moments(place, random.Random(seed)))
        with Progress(console=console) as progress:
            bar = progress.add_task("killing", total=kills)
            while done < kills and (killed := killer.kill()) is not None:
                done += 1
                progress.update(bar, completed=done)
                progress.console.print(
                    line(done, killed, killer), markup=False, highlight=False, soft_wrap=True
                )
        if done == kills:
            killer.finish()
    return report(killer, done, seed, time.monotonic() - began_s)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", type=Path, help="write what was found here, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.faults`: let a real validator live on a chain that fails in every way at random, and see what must hold.

What must hold stands in `report`, what counts as a window and as reachable in `windows`. The faults are those of the local chain, all
kinds of them; none of them is aimed at the validator's own hotkey or at the subnet as a whole, without which no validator can go on, and
none comes before its first weights are on chain: an endpoint that does not answer at the start is the operator's to mend.
"""

import argparse
import json
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from rich.console import Console

from adapters.journal.opening import reading
from tests.crash.arrivals import ACCEPTED
from tests.faults.children import Broken, Subnet, Validator, subnet, validator
from tests.faults.chronicle import Arrival, BlockLine, read
from tests.faults.following import follow
from tests.faults.happenings import Happened
from tests.faults.place import Place
from tests.faults.report import Ending, Report, report
from tests.faults.sendings import judge
from tests.faults.showing import show
from tests.faults.windows import Span, windows

FIRST_WEIGHTS_S = 90.0
POLL_S = 1.0
# From the last fault on, so that what it left undecided comes to an end.
CALM_S = 15.0
PROGRESS_S = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run for as long as asked; 0 if all is well, else 1."""
    options, console = _options(argv), Console(stderr=True)
    folder = Path(mkdtemp(prefix="faults-")) if options.folder is None else options.folder
    folder.mkdir(parents=True, exist_ok=True)
    found = _run(folder, options.seed, options.minutes, console)
    if options.json:
        options.json.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    show(console, found)
    if found.is_good and options.folder is None:
        shutil.rmtree(folder)
    else:
        console.print(f"what was left is in {folder}", markup=False, highlight=False)
    return 0 if found.is_good else 1


def _run(folder: Path, seed: int, minutes: float, console: Console) -> Report:
    with subnet(folder, seed, minutes) as network:
        place = Place(folder, network.facts())
        with validator(place) as running:
            _await_weights(place, running)
            began_s = time.time()
            network.begin_faults()
            _watch(network, place, running, console)
            ran = Span(began_s, time.time())
            ending = _end(place, running)
    return _report(place, seed, ran, ending)


def _await_weights(place: Place, running: Validator) -> None:
    deadline_s = time.monotonic() + FIRST_WEIGHTS_S
    while not any(arrival.outcome == ACCEPTED for arrival in read(place.arrivals, Arrival)):
        if running.code is not None or time.monotonic() > deadline_s:
            raise Broken(f"the validator has set no weights within {FIRST_WEIGHTS_S:g} s: see {place.log}")
        time.sleep(POLL_S)


def _watch(network: Subnet, place: Place, running: Validator, console: Console) -> None:
    """Tell of each fault as it ends, until all are over or the validator is."""
    told, next_s, began_s, is_over = 0, PROGRESS_S, time.monotonic(), False
    while running.code is None and not is_over:
        is_over = network.are_faults_over(POLL_S)
        account, passed_s = read(place.account, Happened), time.monotonic() - began_s
        for fault in account[told:]:
            console.print(f"{passed_s:6.0f} s  {fault}", markup=False, highlight=False, soft_wrap=True)
        told = len(account)
        if passed_s >= next_s:
            next_s += PROGRESS_S
            landed = sum(arrival.outcome == ACCEPTED for arrival in read(place.arrivals, Arrival))
            console.print(f"{passed_s:6.0f} s  weights landed {landed} times", style="bold", highlight=False)
    _calm(running)


def _calm(running: Validator) -> None:
    deadline_s = time.monotonic() + CALM_S
    while running.code is None and time.monotonic() < deadline_s:
        time.sleep(POLL_S)


def _end(place: Place, running: Validator) -> Ending:
    was_alive = running.code is None
    took_s = running.stop()
    logs = (place.log, place.subnet_log)
    found = [log.name for log in logs if "Traceback" in log.read_text(encoding="utf-8", errors="replace")]
    return Ending(running.code, took_s, was_alive, tuple(found))


def _report(place: Place, seed: int, ran: Span, ending: Ending) -> Report:
    happened = read(place.account, Happened)
    outages = [fault.span for fault in happened if fault.is_outage]
    closed = windows(read(place.blocks, BlockLine), outages)
    with reading(place.journal) as reader:
        journal = follow(reader)
    return report(
        seed=seed,
        ran=ran,
        happened=happened,
        windows=[window for window in closed if ran.begin_s <= window.span.begin_s],
        judged=judge(read(place.arrivals, Arrival), journal.sendings),
        journal=journal,
        ending=ending,
    )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long; 0 for each kind of fault once")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument("--json", type=Path, help="write what was found here, too")
    parser.add_argument("--folder", type=Path, help="keep everything here; it must be new")
    return parser.parse_args(argv)


if __name__ == "__main__":
    # So that the children are ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())

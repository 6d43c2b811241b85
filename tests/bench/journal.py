"""`python -m tests.bench.journal`: a day's journal, made in minutes, and what it costs to write, verify, keep and start over.

Nothing here fails for being slow.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from adapters.journal.opening import reading
from tests.bench.appending import appended
from tests.bench.contents import contents
from tests.bench.day import Made, make_day
from tests.bench.day_world import Scale
from tests.bench.deciding import deciding
from tests.bench.journal_report import Measured, as_json, show
from tests.bench.processes import restart, verification

# Enough for a p99, and for the disk's moods.
STEPS_APPENDED = 1000
EVENTS_DECIDED = 5000


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    scale = Scale(options.forwards, options.miners, options.uids)
    with _folder(options.keep) as folder:
        measured = _measured(make_day(folder, scale, _tell), folder, options.runs)
    show(measured)
    if options.json:
        options.json.write_text(json.dumps(as_json(measured), indent=2) + "\n", encoding="utf-8")


def _measured(made: Made, folder: Path, runs: int) -> Measured:
    """One after the other: nothing else of ours is under way while something is measured."""
    _tell("verifying")
    verified = verification(made.clean)
    _tell("starting over")
    starts = [restart(path, made.header, folder, runs) for path in (made.clean, made.killed)]
    _tell("appending, deciding, looking at the file")
    with reading(made.clean) as journal:
        appends = anyio.run(appended, journal, made.header, folder / "appended", STEPS_APPENDED)
        decisions = deciding(journal, EVENTS_DECIDED)
    return Measured(made, contents(made.clean), verified, starts[0], starts[1], appends, decisions)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """An empty folder: the one given, or one that is gone afterwards."""
    if kept is None:
        with TemporaryDirectory(prefix="journal-bench-") as folder:
            yield Path(folder)
        return
    kept.mkdir(parents=True, exist_ok=True)
    if any(kept.iterdir()):
        sys.exit(f"{kept} is not empty: give an empty folder")
    yield kept


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.journal", description=__doc__)
    parser.add_argument("--forwards", type=int, default=1000, help="of nine steps; a thousand make a day")
    parser.add_argument(
        "--miners", type=int, default=50, help="wished for in a step; a small subnet has fewer"
    )
    parser.add_argument(
        "--uids",
        type=int,
        default=512,
        help="of the metagraph; 50 miners in each of nine steps need more than 450",
    )
    parser.add_argument(
        "--keep", type=Path, help="make the journals in this folder, on its disk, and leave them there"
    )
    parser.add_argument("--runs", type=int, default=3, help="starts of which the median is told")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()

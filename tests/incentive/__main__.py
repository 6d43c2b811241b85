"""`python -m tests.incentive`: what attacks earn beside honest miners, under the default stack with the embedded models.

Each course is a subnet of its own: fifteen honest miners, five of each quality, and one miner for each attack of the course. Told are
the moving averages at the end, mean rewards by type of task, and the share of answers that each mask took; red is whoever ended above
the median honest miner without work. Ends with 1 if an attack did that; not for an evasion, of which it is known that it can.
"""

import argparse
import sys
from collections.abc import Sequence

import anyio
from rich.console import Console

from tests.incentive.attacks import EVASIONS
from tests.incentive.cast import COURSES, cast
from tests.incentive.course import play
from tests.incentive.standings import Standings, standings, table


def main(argv: Sequence[str] | None = None) -> int:
    """Play all courses of all seeds; 0 if no attack but an evasion beat the median honest miner."""
    options, console = _options(argv), Console(width=120)
    is_good = True
    for seed in options.seeds:
        for number in range(1, len(COURSES) + 1):
            played = anyio.run(_play, seed, number - 1, options.forwards)
            console.print(table(played, f"seed {seed}, course {number}, {options.forwards} forwards"))
            is_good = is_good and set(played.beaten()) <= set(EVASIONS)
    return 0 if is_good else 1


async def _play(seed: int, course: int, forwards: int) -> Standings:
    return standings(await play(cast(seed, COURSES[course]), seed=seed, forwards=forwards))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.incentive", description=__doc__)
    parser.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        default=[1],
        metavar="SEED",
        help="of contexts, tasks and miners: all courses are played for each (default 1)",
    )
    parser.add_argument(
        "--forwards",
        type=_count,
        default=20,
        help="how often every miner is prompted; a course of 20 takes some 7 seconds (default %(default)s)",
    )
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: give 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

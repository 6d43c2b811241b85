"""An incentive run from start to report.

Order: the places of the report, the subnet with all miners, the validators one after the other, their first weights, then the epochs
that count. Each epoch is seen at its block; in the middle of a run with both phases commit-reveal is turned on, as a subnet's owner
would. An interrupt ends a run early: what there was until then is reported.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

import anyio
import attrs
from rich.console import Console

from adapters.ending import Ending
from adapters.errors import OperatorError
from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.cast import cast_of
from adapters.localnet.incentives.company import start_colluders, start_validators, sybils_of
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.incentives.course import Course, warm_up, watch_epochs
from adapters.localnet.incentives.plot import png
from adapters.localnet.incentives.report import Report, encode, settings_of
from adapters.localnet.incentives.scene import genesis_of, scene_of
from adapters.localnet.incentives.screen import Screen, make_console
from adapters.localnet.incentives.table import tables
from adapters.localnet.subnet import open_subnet
from adapters.program import run_async
from adapters.reporting.files import check_place, write

REPORT_NAME, PICTURE_NAME = "report.json", "report.png"


@attrs.frozen
class Places:
    """Where a run writes: all of it in `folder`, but for what a flag puts elsewhere."""

    folder: Path
    report: Path
    picture: Path


def run_incentives(config: SubnetConfig, run: RunConfig) -> int:
    """Run to the last epoch or to an interrupt, and report; the exit code.

    Raises:
        OperatorError: something that the operator must put right.
    """
    places = _places(config, run)
    console = make_console()
    begun_s = time.monotonic()
    cast = cast_of(run, config.seed)
    course = Course(cast, run, scene_of(cast, config.seed))
    run_async(_until_the_end, attrs.evolve(config, folder=places.folder), course, console)
    _report(places, config, course, console, time.monotonic() - begun_s)
    return 0


def _places(config: SubnetConfig, run: RunConfig) -> Places:
    for flag, path in (("--json", run.json), ("--plot", run.plot)):
        if path is not None:
            check_place(flag, path)
    stamp = datetime.now(tz=UTC).strftime("%Y%m%d-%H%M%S-%f")
    folder = config.folder / "incentives" / stamp
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise OperatorError(
            f"--folder {config.folder}: {folder} cannot be made ({error.strerror}): give a folder of yours"
        ) from None
    return Places(folder, run.json or folder / REPORT_NAME, run.plot or folder / PICTURE_NAME)


def _report(
    places: Places, config: SubnetConfig, course: Course, console: Console, duration_s: float
) -> None:
    if not course.seen:
        console.print("ended before the first epoch that counts: there is nothing to report")
        return
    figures = course.figures()
    # Before anything is written: what a disk does not take is not lost.
    console.print(tables(figures))
    report = Report(settings_of(config, course.run), figures, duration_s)
    write("--json", places.report, encode(report))
    write("--plot", places.picture, png(figures))
    for what, path in (("report", places.report), ("picture", places.picture)):
        console.print(f"{what}: {path}", soft_wrap=True, highlight=False, markup=False)


async def _until_the_end(config: SubnetConfig, course: Course, console: Console) -> None:
    async with anyio.create_task_group() as group:
        ending = Ending(group.cancel_scope)
        await group.start(ending.watch)
        scope = anyio.CancelScope()

        async def stop(_signal: str) -> None:
            scope.cancel()

        ending.on_stop(stop)
        with scope, Screen(console) as screen:
            await _play(config, course, screen)
        group.cancel_scope.cancel()


async def _play(config: SubnetConfig, course: Course, screen: Screen) -> None:
    """Everybody at work, until the last epoch."""
    started_ms = round(time.time() * 1_000)
    chain = LocalChain(genesis_of(config, course.cast, course.run.commit_reveal, started_ms))
    reader = course.cast.validators[0].keys
    async with (
        open_subnet(config, chain, course.scene.members, reader, screen.stage) as subnet,
        anyio.create_task_group() as group,
        sybils_of(course, subnet, group) as tell_sybils,
    ):
        group.start_soon(subnet.admission.follow, subnet.reader, tell_sybils)
        await start_validators(config, course.cast, subnet, group, screen.stage)
        await warm_up(course, chain, screen)
        start_colluders(course.cast, subnet, group)
        await watch_epochs(config, course, chain, screen)
        group.cancel_scope.cancel()

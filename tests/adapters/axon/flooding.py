"""Running a flood against an axon, beside honest callers."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which

import anyio
import attrs

from adapters.dendrite import HttpDendrite
from core.types import Prompting
from tests.adapters.axon.attacks import Attack
from tests.adapters.dendrite.peers import dendrite, target

HERE = Path(__file__).parent
PAUSE_S = 0.05
HONEST = Prompting(("user",), ("an honest question",))


@attrs.define
class Honest:
    """What became of honest requests: seconds of each, and how many had which code."""

    seconds: list[float] = attrs.Factory(list)
    codes: Counter[int] = attrs.Factory(Counter)

    async def ask(self, client: HttpDendrite, address: str) -> None:
        started = time.perf_counter()
        (outcome,) = await client.query([target(address)], HONEST, timeout_s=10)
        self.seconds.append(time.perf_counter() - started)
        self.codes[outcome.code] += 1

    def quantile_s(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def ask_for(address: str, seconds: float) -> Honest:
    """Honest requests one after the other, for so long."""
    honest, client = Honest(), dendrite()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await honest.ask(client, address)
        await anyio.sleep(PAUSE_S)
    return honest


def python_loader() -> list[str]:
    return [sys.executable, str(HERE / "flood.py")]


def native_loader(folder: Path) -> list[str] | None:
    """The load generator in C, compiled into `folder`; None where there is no compiler."""
    compiler = which("cc") or which("gcc") or which("clang")
    if compiler is None:
        return None
    program = folder / "flood"
    subprocess.run([compiler, "-O2", "-o", program, HERE / "flood.c"], check=True)
    return [str(program)]


@attrs.define
class Flood:
    """A flood; `sent` once it is over."""

    sent: int = 0


@asynccontextmanager
async def flood(
    loader: list[str], attack: Attack, port: int, seconds: float, folder: Path
) -> AsyncIterator[Flood]:
    """The attack as long as the context lasts, which waits for its end; on one core where that can be had."""
    running = Flood()
    command = [
        *loader,
        str(port),
        str(attack.connections),
        str(seconds),
        attack.mode,
        str(attack.write(folder)),
    ]
    async with await anyio.open_process(command, stderr=None) as process:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        yield running
        assert process.stdout is not None
        running.sent = int(b"".join([piece async for piece in process.stdout]))

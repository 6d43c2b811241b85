"""Honest callers among floods from another process. `python -m tests.bench.axon` measures what is only held to here."""

import asyncio
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest

from adapters.axon import AxonLimits
from core.types import Hotkey, Prompting
from tests.adapters.axon.attacks import Attack, attacks
from tests.adapters.axon.callers import post
from tests.adapters.axon.flooding import HONEST, Honest, ask_for, flood, python_loader
from tests.adapters.dendrite.peers import axon, dendrite

SECONDS = 2.0
# A loaded machine has time to start the flood; what is held to is not how fast.
MAX_GROWN_MIB = 96
NAMES = [attack.name for attack in attacks()]


def peak_mib() -> float:
    """The most memory that this process has ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def named(name: str) -> Attack:
    """Made now, since signatures age."""
    return next(attack for attack in attacks() if attack.name == name)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NAMES)
async def test_the_honest_are_answered_under_any_flood(name: str, tmp_path: Path) -> None:
    """All honest requests are answered, the forward hears of nobody else, and memory has its bounds."""
    attack = named(name)
    asked: Counter[str] = Counter()

    async def forward(synapse: Prompting, _hotkey: Hotkey) -> AsyncIterator[str]:
        asked[synapse.messages[-1]] += 1
        yield "an answer"

    async with axon(forward, nonces=tmp_path / "nonces.sqlite") as address:
        await ask_for(address, 0.1)
        before_mib, port = peak_mib(), int(address.rpartition(":")[2])
        async with flood(python_loader(), attack, port, SECONDS, tmp_path) as running:
            honest = await ask_for(address, SECONDS)
    assert running.sent > 0
    assert set(honest.codes) == {200}
    assert sum(asked.values()) - asked[HONEST.messages[-1]] <= attack.taken
    assert peak_mib() - before_mib < MAX_GROWN_MIB


async def test_after_a_thousand_silent_connections_the_next_is_answered() -> None:
    """Connections that were opened first, and say nothing, do not keep others out."""
    async with axon() as address, anyio.create_task_group() as group:
        host, _, port = address.rpartition(":")
        silent = [await anyio.connect_tcp(host, int(port)) for _ in range(1000)]
        assert (await post(address)).status_code == 200
        for stream in silent:
            group.start_soon(stream.aclose)


@pytest.mark.timeout(60)
async def test_without_file_descriptors_the_oldest_make_room(tmp_path: Path) -> None:
    """The system gives no more before the axon's own limit: the next caller is answered still, and the log told once."""
    command = f"ulimit -n 64 && exec {sys.executable} -m tests.bench.axon_server {tmp_path}/nonces.sqlite"
    async with await anyio.open_process(command) as process, AsyncExitStack() as stack:
        assert process.stdout is not None
        assert process.stderr is not None
        port = int(await process.stdout.receive())
        for _ in range(100):
            await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port))
        assert (await post(f"127.0.0.1:{port}")).status_code == 200
        process.terminate()
        told = b"".join([piece async for piece in process.stderr])
    assert told.count(b"could not be taken") == 1


async def test_honest_callers_beside_each_other_are_all_answered() -> None:
    """More at once than may run wait for their turn."""
    honest = Honest()
    async with axon() as address, anyio.create_task_group() as group:
        for _ in range(150):
            group.start_soon(_ask_once, honest, address)
    assert honest.codes == Counter({200: 150})


async def _ask_once(honest: Honest, address: str) -> None:
    await honest.ask(dendrite(), address)


async def test_an_axon_stops_amid_a_flood(tmp_path: Path) -> None:
    """It stops within its time, and leaves no task on the loop."""
    async with axon() as address:
        pass
    tasks = asyncio.all_tasks()
    limits = AxonLimits(stop_timeout_s=0.5)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(axon(limits=limits))
        port = int(address.rpartition(":")[2])
        async with flood(python_loader(), named("slow bodies"), port, 1.5, tmp_path):
            await anyio.sleep(1.0)
            began = anyio.current_time()
            await stack.aclose()
            assert anyio.current_time() - began < 5
    assert asyncio.all_tasks() <= tasks

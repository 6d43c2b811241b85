"""The miner's place on a real chain: joined, published, followed through losses, and ended where it is registered no more."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import attrs
import pytest

from adapters.errors import OperatorError
from adapters.localnet.chain import LocalChain
from adapters.localnet.chain.calls import ServeAxon
from adapters.localnet.chain.chain import BuiltBlock
from adapters.miner.following import Following
from adapters.miner.gate import Gate
from core.callers import CallersPolicy
from tests.adapters.chain.world import chain_of, settings, start_node
from tests.adapters.localnet.chain.world import MINER, hotkey, key, neuron
from tests.adapters.miner.lines import Lines

AXON, OTHER_AXON = "127.0.0.1:4001", "127.0.0.1:4002"


@attrs.define
class Followed:
    """A miner that follows the node at a port, and what it told."""

    port: int
    folder: Path
    axon: str | None = AXON
    name: str = f"n{MINER}"
    silence_s: float = 5.0
    lines: Lines = attrs.field(factory=Lines)
    gate: Gate = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gate = Gate(CallersPolicy(), 4.0, self.lines.telling.refused)

    async def run(self) -> None:
        chain = attrs.evolve(settings(f"ws://127.0.0.1:{self.port}", self.folder), axon=self.axon)
        await Following(
            chain,
            key(self.name),
            self.gate,
            self.lines.telling,
            every_blocks=3,
            silence_s=self.silence_s,
            first_pause_s=0.05,
            longest_pause_s=0.2,
        ).run()


@asynccontextmanager
async def following(followed: Followed) -> AsyncIterator[Followed]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(followed.run)
        yield followed
        tasks.cancel_scope.cancel()


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(15):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to tell it by
            await anyio.sleep(0.01)


def published(chain: LocalChain) -> list[int]:
    """Ports that were published so far, in order; filled as blocks are built."""
    ports: list[int] = []

    def look(built: BuiltBlock) -> None:
        calls = (extrinsic.call for extrinsic in built.extrinsics)
        ports.extend(call.port for call in calls if isinstance(call, ServeAxon))

    chain.on_block(look)
    return ports


async def test_an_address_is_published_once(tmp_path: Path) -> None:
    """Over two starts with the same address, and many readings; another address replaces it, after the chain's own pause."""
    chain = chain_of(serving_rate_limit_blocks=5)
    ports = published(chain)
    async with anyio.create_task_group() as tasks:
        port, _ = await start_node(tasks, chain)
        for _ in range(2):
            async with following(Followed(port, tmp_path)) as first:
                await until(lambda first=first: "published" in first.lines.events())  # type: ignore[misc]  # bound here
                read = chain.head
                await until(lambda read=read: chain.head > read + 8)  # type: ignore[misc]  # bound here
        async with following(Followed(port, tmp_path, OTHER_AXON)) as second:
            await until(lambda: "published" in second.lines.events())
        tasks.cancel_scope.cancel()
    assert ports == [4001, 4002]


async def test_without_an_address_it_joins_all_the_same(tmp_path: Path) -> None:
    """It knows who is on the subnet, and says that nobody will find it."""
    chain = chain_of()
    ports = published(chain)
    async with anyio.create_task_group() as tasks:
        port, _ = await start_node(tasks, chain)
        async with following(Followed(port, tmp_path, axon=None)) as followed:
            await until(lambda: len(followed.lines.events()) == 2)
        tasks.cancel_scope.cancel()
    assert ports == []
    assert "--axon.external_ip" in followed.lines.events()[1]
    assert followed.gate.neuron(hotkey(MINER)) is not None


async def test_a_chain_that_is_not_there_is_waited_for(tmp_path: Path, free_port: int) -> None:
    """At the start, and again when it goes: both are told once, what was learned is kept, and it is found anew."""
    chain = chain_of()
    async with following(Followed(free_port, tmp_path)) as followed, anyio.create_task_group() as tasks:
        await until(lambda: bool(followed.lines.events()))
        await anyio.sleep(0.6)
        assert followed.lines.events() == ["chain lost"]
        _, kill = await start_node(tasks, chain, free_port)
        await until(lambda: "published" in followed.lines.events())
        await kill()
        await until(lambda: followed.lines.events()[-1] == "chain lost")
        assert followed.gate.neuron(hotkey(0)) is not None
        await start_node(tasks, chain, free_port)
        await until(lambda: followed.lines.events()[-1] == "chain found")
        tasks.cancel_scope.cancel()
    assert followed.lines.events() == ["chain lost", "chain found", "published", "chain lost", "chain found"]


async def test_a_chain_without_new_blocks_counts_as_lost(tmp_path: Path) -> None:
    """A node that answers but stands still tells nothing new, and is lost once, however often it is dialled."""
    async with anyio.create_task_group() as tasks:
        port, _ = await start_node(tasks, chain_of(), block_time_s=1000.0)
        async with following(Followed(port, tmp_path, axon=None, silence_s=0.3)) as followed:
            await until(lambda: "chain lost" in followed.lines.events())
            told = len(followed.lines.events())
            await anyio.sleep(1.5)
            assert len(followed.lines.events()) == told
        tasks.cancel_scope.cancel()
    assert followed.lines.named("chain lost")[0]["reason"] == "no new block for 0.3 s"


async def test_new_neurons_are_learned(tmp_path: Path) -> None:
    """Within the blocks that the flag says."""
    chain = chain_of()
    async with anyio.create_task_group() as tasks:
        port, _ = await start_node(tasks, chain)
        async with following(Followed(port, tmp_path)) as followed:
            await until(lambda: "chain found" in followed.lines.events())
            chain.register(neuron("newcomer"))
            await until(lambda: followed.gate.neuron(neuron("newcomer").hotkey) is not None)
        tasks.cancel_scope.cancel()


async def test_a_hotkey_that_is_not_registered_ends_it(tmp_path: Path) -> None:
    """At the start, and when another takes its place: with the remedy."""
    chain = chain_of(max_uids=4, immunity_period_blocks=0)
    async with anyio.create_task_group() as tasks:
        port, _ = await start_node(tasks, chain)
        with pytest.raises(OperatorError, match=r"is not registered on netuid 1 .*btcli subnet register"):
            await Followed(port, tmp_path, name="stranger").run()
        names = iter(range(100))
        chain.on_block(lambda _built: chain.register(neuron(f"rival{next(names)}")))
        with anyio.fail_after(15), pytest.raises(OperatorError, match=hotkey(MINER)):
            await Followed(port, tmp_path).run()
        tasks.cancel_scope.cancel()

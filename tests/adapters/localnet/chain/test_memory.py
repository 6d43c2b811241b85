"""The front without a socket: to the SDK it is the same chain as the one behind the node."""

import gc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.localnet.chain import Genesis, LocalChain, storage
from adapters.localnet.chain.gate import Gate
from adapters.localnet.chain.memory import MEMORY_ENDPOINT, memory_substrate
from core.types import Hotkey
from tests.adapters.localnet.chain.fronts import Front, client_of
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, genesis, hotkey, key, neuron

if TYPE_CHECKING:
    from bittensor import BlockHeader, Client, ExtrinsicResult

PALLET = "SubtensorModule"
BOTH = tuple(Front)


async def on_each(
    make: Callable[[], LocalChain], ask: Callable[["Client", LocalChain], Awaitable[Any]]
) -> list[Any]:
    """What a client of each front gets from a chain of its own, made alike."""
    answers = []
    for front in BOTH:
        chain = make()
        async with client_of(front, chain) as client:
            answers.append(await ask(client, chain))
    return answers


async def submitted(client: "Client", chain: LocalChain, name: str, **call: Any) -> "ExtrinsicResult":
    """A raw weight set by that key, put into the next block."""
    arguments = {"netuid": 1, "mecid": 0, "dests": [MINER], "weights": [65_535], "version_key": 0, **call}
    results: list[ExtrinsicResult] = []

    async def submit() -> None:
        composed = (PALLET, "set_mechanism_weights", arguments)
        results.append(
            await client.submit_call(composed, key(name), signer="hotkey", wait_for_finalization=False)
        )

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(submit)
        with anyio.fail_after(10):
            while not results:
                if chain.next_nonce(Hotkey(key(name).ss58_address)) > _used(chain, name):
                    chain.produce_block()
                await anyio.sleep(0.005)
    return results[0]


def _used(chain: LocalChain, name: str) -> int:
    return chain.at().get(storage.ACCOUNT, Hotkey(key(name).ss58_address)).nonce


async def test_both_fronts_read_the_same() -> None:
    """Metagraph, hyperparameters, epoch, weights, bonds, maps, batches, constants and events are equal on both."""

    async def everything(client: "Client", chain: LocalChain) -> dict[str, Any]:
        result = await submitted(client, chain, f"n{VALIDATOR}", dests=[MINER, OTHER_MINER], weights=[3, 1])
        while chain.head < 25:
            chain.produce_block()
        return {
            "set": (result.success, result.extrinsic_id, result.events),
            "metagraph": vars(await client.subnets.metagraph(1)) | {"commitments": None},
            "neurons": [each.raw for each in await client.neurons.all(1)],
            "hyperparameters": await client.subnets.subnet_hyperparameters(netuid=1),
            "epoch": await client.epochs.epoch_status(netuid=1),
            "weights": await client.weights.weights(netuid=1),
            "bonds": await client.weights.bonds(netuid=1),
            "uids": sorted(await client.query_map((PALLET, "Uids"), [1])),
            "owners": await client.query_batch((PALLET, "Owner"), [[hotkey(uid)] for uid in range(4)]),
            "then": await client.query((PALLET, "LastUpdate"), [1], block=0),
            "slot": await client.block_time(),
            "now": await client.timestamp(),
            "block": await client.block(),
            "finalized": await client.finalized_block(),
            "symbols": client.token_symbols,
        }

    by_node, in_memory = await on_each(lambda: LocalChain(genesis()), everything)
    assert by_node == in_memory
    assert in_memory["weights"][VALIDATOR] == pytest.approx({MINER: 0.75, OTHER_MINER: 0.25}, abs=1e-4)


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a stranger": ("stranger", {}),
    "a miner": (f"n{MINER}", {}),
    "an old version": (f"n{VALIDATOR}", {"version_key": 2}),
    "a uid twice": (f"n{VALIDATOR}", {"dests": [2, 2], "weights": [1, 1]}),
    "no such uid": (f"n{VALIDATOR}", {"dests": [77]}),
    "lengths that differ": (f"n{VALIDATOR}", {"dests": [2, 3]}),
    "too large a share": (f"n{VALIDATOR}", {"dests": [2, 3], "weights": [9, 1]}),
    "no such subnet": (f"n{VALIDATOR}", {"netuid": 9}),
    "no such mechanism": (f"n{VALIDATOR}", {"mecid": 3}),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_both_fronts_refuse_in_the_same_words(why: str) -> None:
    """Name and code of a refusal are equal on both, whether the pool or the block refused."""
    name, call = REFUSED[why]

    async def refusal(client: "Client", chain: LocalChain) -> tuple[object, ...]:
        result = await submitted(client, chain, name, **call)
        assert result.error is not None
        return result.success, result.error.name, result.error.code, result.message, result.extrinsic_id

    rules = genesis(weights_version_key=5, max_weights_limit=40_000)
    by_node, in_memory = await on_each(lambda: LocalChain(rules), refusal)
    assert by_node == in_memory
    assert in_memory[0] is False


@settings(max_examples=10, deadline=None)
@given(
    stakes=st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    tempo=st.integers(1, 12),
    limit=st.integers(1, 65_535),
    blocks=st.integers(0, 15),
)
def test_any_chain_is_read_alike(stakes: list[int], tempo: int, limit: int, blocks: int) -> None:
    """Whatever subnet it is, both fronts show the same metagraph and hyperparameters."""
    neurons = tuple(neuron(f"n{uid}", stake) for uid, stake in enumerate(stakes))

    def chain() -> LocalChain:
        made = LocalChain(Genesis(neurons=neurons, tempo=tempo, max_weights_limit=limit))
        for _ in range(blocks):
            made.produce_block()
        return made

    async def read(client: "Client", _chain: LocalChain) -> object:
        return vars(await client.subnets.metagraph(1)), await client.subnets.subnet_hyperparameters(netuid=1)

    async def compare() -> None:
        by_node, in_memory = await on_each(chain, read)
        assert by_node == in_memory

    anyio.run(compare)


@pytest.mark.parametrize("front", BOTH)
async def test_heads_come_and_the_final_ones_later(front: Front) -> None:
    """A stream of heads follows the chain block by block, that of final heads two blocks behind."""
    chain = LocalChain(genesis())
    async with client_of(front, chain) as client:
        for finalized, expected in ((False, [3, 4, 5]), (True, [3, 4, 5])):
            while chain.head < (5 if finalized else 3):
                chain.produce_block()
            heads = cast("AsyncGenerator[BlockHeader, None]", client.blocks(finalized=finalized))
            async with aclosing(heads):
                seen = [(await anext(heads)).number]
                while len(seen) < 3:
                    chain.produce_block()
                    seen.append((await anext(heads)).number)
            assert seen == expected


@pytest.mark.parametrize("front", BOTH)
async def test_a_pinned_snapshot_keeps_its_block(front: Front) -> None:
    """What was true at a block stays readable while the chain goes on."""
    chain = LocalChain(genesis())
    async with client_of(front, chain) as client:
        pinned = await client.at()
        await submitted(client, chain, f"n{VALIDATOR}")
        assert (await pinned.weights.weights(netuid=1), pinned.block) == ({}, 0)
        assert await client.weights.weights(netuid=1) == {VALIDATOR: {MINER: 1.0}}


@pytest.mark.parametrize("front", BOTH)
async def test_a_reorganisation_is_seen(front: Front) -> None:
    """Heights come again, each on the one before it, and on other blocks than at first."""
    chain = LocalChain(genesis())
    async with client_of(front, chain) as client:
        heads = cast("AsyncGenerator[BlockHeader, None]", client.blocks())
        async with aclosing(heads):
            seen = [await anext(heads)]
            for _ in range(4):
                chain.produce_block()
                seen.append(await anext(heads))
            chain.reorg(2)
            again = [await anext(heads) for _ in range(3)]
        assert [head.number for head in again] == [3, 4, 5]
        assert again[0].parent_hash == seen[3].parent_hash
        assert again[1].parent_hash != seen[4].parent_hash
        assert await client.block() == 5


async def test_a_client_that_is_closed_leaves_nothing() -> None:
    """Neither a listener on the chain nor a task is left, also where a stream was broken off before."""
    chain, gate = LocalChain(genesis()), Gate()
    tasks = len(anyio.get_running_tasks())
    for _ in range(3):
        async with client_of(Front.MEMORY, chain, gate) as client:
            async for _head in client.blocks():
                break
            gate.drop()
    gc.collect()
    await anyio.sleep(0.01)
    assert len(anyio.get_running_tasks()) == tasks
    chain.produce_block()


async def test_a_connection_that_nobody_waited_for_is_closed() -> None:
    """A chain that does not answer the first question leaves no half of a connection behind."""
    from bittensor import Client

    chain, gate = LocalChain(genesis()), Gate()
    gate.half_open()
    tasks = len(anyio.get_running_tasks())
    with anyio.move_on_after(0.1) as patience:
        await Client(MEMORY_ENDPOINT, substrate=memory_substrate(chain, gate)).connect()
    assert patience.cancelled_caught
    gc.collect()
    await anyio.sleep(0.01)
    assert len(anyio.get_running_tasks()) == tasks


async def test_what_the_chain_lacks_is_refused_by_name() -> None:
    """An item, an interface or a call that the local chain does not have is named."""
    chain = LocalChain(genesis())
    async with client_of(Front.MEMORY, chain) as client:
        with pytest.raises(ValueError, match="NoSuchItem"):
            await client.query((PALLET, "NoSuchItem"), [1])
        with pytest.raises(Exception, match="no_such_call"):
            await client.submit_call((PALLET, "no_such_call", {}), key("n0"), signer="hotkey")

"""Which endpoint is used, and when another is."""

from pathlib import Path

import anyio
import attrs
import pytest

from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings, connected
from adapters.errors import OperatorError
from core.types import Uid, WeightsAccepted
from effects.ports import Fault
from tests.adapters.chain.world import Reach, Way, by_node, chain_of, opened, settings, until
from tests.adapters.localnet.chain.world import MINER, VALIDATOR, hotkey, key


def both(first: Way, second: Way, cache_dir: Path) -> ChainSettings:
    return attrs.evolve(
        settings("", cache_dir), endpoints=(first.endpoint, second.endpoint), read_timeout_s=1.0
    )


async def test_another_endpoint_takes_over_where_the_first_goes_away(tmp_path: Path) -> None:
    """Readings, blocks and weights go on by the other node of the same chain, at the cost of one failed reading at most."""
    chain, seen = chain_of(), list[int]()
    async with (
        by_node(chain) as first,
        by_node(chain) as second,
        open_chain(both(first, second, tmp_path), key(f"n{VALIDATOR}")) as client,
        anyio.create_task_group() as tasks,
    ):

        async def collect() -> None:
            async for block in client.blocks():
                seen.append(block)

        tasks.start_soon(collect)
        await until(lambda: len(seen) > 1)
        first.gate.refuse()
        await _reads_again(client)
        count = len(seen)
        await until(lambda: len(seen) > count)
        assert isinstance(await client.set_weights([(Uid(MINER), 1.0)], 0), WeightsAccepted)
        tasks.cancel_scope.cancel()
    assert seen == list(range(seen[0], seen[0] + len(seen)))


async def test_a_half_open_endpoint_is_left_after_one_deadline(tmp_path: Path) -> None:
    """It answers nothing, and nothing says that it is dead but the time that passes."""
    chain = chain_of()
    async with (
        by_node(chain) as first,
        by_node(chain) as second,
        open_chain(both(first, second, tmp_path), key(f"n{VALIDATOR}")) as client,
    ):
        first.gate.half_open()
        with anyio.fail_after(10):
            with pytest.raises(Fault, match=f"{first.endpoint} did not answer within 1 s"):
                await client.metagraph()
            assert len((await client.metagraph()).neurons) == 4


async def _reads_again(client: SubtensorChain) -> None:
    """Read until a reading is answered."""
    with anyio.fail_after(10):
        while True:
            try:
                await client.last_update()
            except Fault:
                continue
            return


async def test_a_node_of_another_chain_is_not_used(tmp_path: Path) -> None:
    """Not at the start, where the genesis is known, and not in the place of the chain that was there first."""
    chain, other = chain_of(), chain_of(tempo=33)
    async with by_node(chain) as first, by_node(other) as second:
        async with open_chain(both(first, second, tmp_path), key(f"n{VALIDATOR}")) as client:
            genesis = client.genesis
            first.gate.refuse()
            with pytest.raises(Fault):
                await client.metagraph()
            with pytest.raises(Fault, match=f"{second.endpoint} serves another chain .*not {genesis}"):
                await client.metagraph()
        known = attrs.evolve(settings(second.endpoint, tmp_path), genesis=genesis)
        with pytest.raises(OperatorError, match="serves another chain"):
            async with open_chain(known, key(f"n{VALIDATOR}")):
                pass


async def test_who_still_uses_a_lost_client_is_not_cut_off(reach: Reach, tmp_path: Path) -> None:
    """One call that found it lost does not end another's; the next one gets a new client."""
    async with (
        reach(chain_of()) as way,
        connected(settings(way.endpoint, tmp_path), way.substrate) as connection,
        connection.leased(5.0) as client,
    ):
        with pytest.raises(ConnectionResetError):
            async with connection.leased(5.0):
                raise ConnectionResetError
        assert await client.block() >= 0
        async with connection.leased(5.0) as successor:
            assert successor is not client


async def test_the_chains_own_no_is_no_reason_to_leave(reach: Reach, tmp_path: Path) -> None:
    """A refusal or an item that the runtime lacks changes no endpoint."""
    async with (
        reach(chain_of()) as way,
        connected(settings(way.endpoint, tmp_path), way.substrate) as connection,
        connection.leased(5.0) as client,
    ):
        with pytest.raises(ValueError, match="Nothing"):
            async with connection.leased(5.0) as same:
                await same.query(("SubtensorModule", "Nothing"))
        async with connection.leased(5.0) as still:
            assert still is client


async def test_weights_set_again_elsewhere_are_seen_by_the_last_update(reach: Reach, tmp_path: Path) -> None:
    """What one client did, another sees: the chain is one."""
    chain = chain_of()
    async with reach(chain) as way, opened(way, tmp_path) as one, opened(way, tmp_path) as two:
        result = await one.set_weights([(Uid(MINER), 1.0)], 0)
        assert isinstance(result, WeightsAccepted)
        assert await two.last_update() == result.block
    assert chain.next_nonce(hotkey(VALIDATOR)) == 1

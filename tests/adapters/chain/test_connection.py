"""Which endpoint is used, and when another is."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import attrs
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from adapters.chain.client import SubtensorChain, open_chain
from adapters.chain.connection import ChainSettings, connected
from adapters.chain.endpoints import GENESIS
from adapters.errors import OperatorError
from core.types import Uid, WeightsAccepted, WeightsRefused
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


@asynccontextmanager
async def answering(genesis: str, *, then_silent: bool) -> AsyncIterator[str]:
    """A server that answers the question for the first block, and hangs up at all else or says nothing to it."""

    async def converse(socket: ServerConnection) -> None:
        async for frame in socket:
            request = json.loads(frame)
            if request["method"] == "chain_getBlockHash" and request["params"] == [0]:
                await socket.send(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": genesis}))
            elif not then_silent:
                return

    async with serve(converse, "127.0.0.1", 0, close_timeout=0.2) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@asynccontextmanager
async def limiting(status: int, **headers: str) -> AsyncIterator[tuple[str, list[Request]]]:
    """A server that takes nobody, and who asked it."""
    asked = list[Request]()

    def refuse(_socket: ServerConnection, request: Request) -> Response:
        asked.append(request)
        return Response(status, "no", Headers(headers))

    async def never(_socket: ServerConnection) -> None: ...

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", asked


@pytest.mark.parametrize("then_silent", [True, False])
async def test_a_node_that_answers_and_does_not_work_is_passed_over(
    tmp_path: Path, then_silent: bool
) -> None:
    """At the start, and again where the good one goes away and comes back: the broken one in front never blocks the list."""
    chain = chain_of()
    async with by_node(chain) as way:
        async with opened(way, tmp_path) as client:
            genesis = client.genesis
        async with answering(genesis, then_silent=then_silent) as broken:
            wanted = attrs.evolve(
                settings("", tmp_path), endpoints=(broken, way.endpoint), connect_timeout_s=2.0
            )
            async with open_chain(wanted, key(f"n{VALIDATOR}")) as client:
                assert len((await client.metagraph()).neurons) == 4
                way.gate.refuse()
                with pytest.raises(Fault):
                    await client.metagraph()
                way.gate.heal()
                await _reads_again(client)


async def test_a_node_whose_head_stands_still_is_left_for_another(tmp_path: Path) -> None:
    """The first is twenty minutes behind: one refusal says so, and the second try goes by the other node."""
    chain = chain_of()
    async with (
        by_node(chain) as first,
        by_node(chain) as second,
        open_chain(both(first, second, tmp_path), key(f"n{VALIDATOR}")) as client,
    ):
        first.gate.fall_behind(1200.0)
        refused = await client.set_weights([(Uid(MINER), 1.0)], 0)
        assert isinstance(refused, WeightsRefused)
        assert "minutes old" in refused.reason
        assert isinstance(await client.set_weights([(Uid(MINER), 1.0)], 0), WeightsAccepted)


@pytest.mark.parametrize(
    ("status", "headers", "rest"),
    [
        (429, {"Retry-After": "45"}, "45 s"),
        (429, {}, "10 s"),
        (403, {"Retry-After": "soon"}, "60 s"),
        (429, {"Retry-After": "99999"}, "600 s"),
    ],
)
async def test_a_node_that_limits_us_is_left_alone_as_long_as_it_asks(
    tmp_path: Path, status: int, headers: dict[str, str], rest: str
) -> None:
    """It is told, the next endpoint is used, and the limiting one is not asked again before its time."""
    async with limiting(status, **headers) as (limited, asked), by_node(chain_of()) as way:
        alone = settings(limited, tmp_path)
        with pytest.raises(OperatorError, match=rf"wants to be left alone \(HTTP {status}, for {rest}\)"):
            async with open_chain(alone, key(f"n{VALIDATOR}")):
                pass
        asked.clear()
        wanted = attrs.evolve(alone, endpoints=(limited, way.endpoint))
        async with open_chain(wanted, key(f"n{VALIDATOR}")) as client:
            way.gate.refuse()
            for _ in range(3):
                with pytest.raises(Fault):
                    await client.metagraph()
    assert len(asked) == 1


async def test_a_public_chain_is_not_taken_for_a_local_one(tmp_path: Path) -> None:
    """Whoever names a public node without its network is told to name it; nothing is signed for it by mistake."""
    async with answering(GENESIS["finney"], then_silent=True) as endpoint:
        local = attrs.evolve(settings(endpoint, tmp_path), is_local=True)
        with pytest.raises(OperatorError, match=r"is a node of finney.*--subtensor\.network finney"):
            async with open_chain(local, key(f"n{VALIDATOR}")):
                pass

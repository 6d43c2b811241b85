"""The node as a raw client sees it: JSON-RPC manners, signatures, subscriptions, beginning and end."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import attrs
import bittensor_core as core  # type: ignore[import-untyped]  # compiled, ships no stubs
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from adapters.localnet.chain import BY_HAND, LocalChain, serve_node, storage
from adapters.localnet.chain.chain import FINALITY_LAG
from adapters.localnet.chain.line import WAITING_FRAMES_LIMIT
from adapters.localnet.chain.metadata import SPEC_VERSION, TRANSACTION_VERSION, build_metadata
from adapters.localnet.chain.session import SUBSCRIPTION_LIMIT
from tests.adapters.localnet.chain.world import MINER, VALIDATOR, genesis, hotkey, key, serving

IMMORTAL = "00"


@attrs.define
class RawClient:
    """A websocket and nothing else."""

    socket: ClientConnection

    async def send(self, message: object) -> Any:
        """Send one frame as it is and return the next that comes."""
        await self.socket.send(message if isinstance(message, str) else json.dumps(message))
        return await self.next()

    async def next(self) -> Any:
        return json.loads(await self.socket.recv())

    async def ask(self, method: str, *params: object) -> Any:
        """The result of a request."""
        reply = await self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return reply["result"]

    async def error(self, method: str, *params: object) -> tuple[int, str]:
        """Code and words of a refused request."""
        reply = await self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return reply["error"]["code"], f"{reply['error']['message']}: {reply['error'].get('data')}"


@asynccontextmanager
async def raw_client(chain: LocalChain) -> AsyncIterator[RawClient]:
    async with serving(chain, BY_HAND) as url, connect(url) as socket:
        yield RawClient(socket)


async def signed_weights(
    client: RawClient,
    chain: LocalChain,
    *,
    uid: int = VALIDATOR,
    nonce: int = 0,
    tampered: bool = False,
    signed_nonce: int | None = None,
) -> str:
    """A weight set of `uid` as hex, signed by its hotkey for this chain."""
    runtime = core.Runtime(build_metadata(chain.genesis.block_time_ms), SPEC_VERSION, TRANSACTION_VERSION, 42)
    arguments = {"netuid": 1, "mecid": 0, "dests": [MINER], "weights": [65_535], "version_key": 0}
    call = runtime.compose_call("SubtensorModule", "set_mechanism_weights", arguments)
    birth = bytes.fromhex((await client.ask("chain_getBlockHash", 0))[2:])
    common = {"era": IMMORTAL, "tip": 0, "tip_asset_id": None}
    payload = runtime.signature_payload(
        call,
        nonce=nonce if signed_nonce is None else signed_nonce,
        genesis_hash=birth,
        era_block_hash=birth,
        metadata_hash=None,
        **common,
    )
    signature = bytes(key(f"n{uid}").sign(bytes(payload)))
    raw, _ = runtime.encode_signed_extrinsic(
        call,
        public_key=bytes(key(f"n{uid}").public_key),
        signature=signature[:-1] + bytes([signature[-1] ^ 1]) if tampered else signature,
        signature_version=1,
        nonce=nonce,
        metadata_hash_enabled=False,
        **common,
    )
    return "0x" + bytes(raw).hex()


async def test_a_signature_that_does_not_hold_is_refused() -> None:
    """Neither a changed signature nor one for another nonce gets into the pool."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        tampered = await signed_weights(client, chain, tampered=True)
        replayed = await signed_weights(client, chain, nonce=1, signed_nonce=0)

        for raw in (tampered, replayed):
            code, words = await client.error("author_submitExtrinsic", raw)
            assert (code, "bad signature" in words) == (1010, True)
        assert await client.ask("account_nextIndex", hotkey(VALIDATOR)) == 0


async def test_a_signature_for_another_chain_is_refused() -> None:
    """The genesis hash is part of what is signed, and differs between chains that differ."""
    chain, other = LocalChain(genesis()), LocalChain(genesis(tempo=21))
    async with raw_client(chain) as client, raw_client(other) as elsewhere:
        raw = await signed_weights(client, chain)

        code, words = await elsewhere.error("author_submitExtrinsic", raw)
        assert (code, "bad signature" in words) == (1010, True)


async def test_a_watched_extrinsic_reports_until_it_is_final() -> None:
    """ready, inBlock and finalized come in order, after the reply and before the head that holds it."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        heads = await client.ask("chain_subscribeNewHeads")
        assert (await client.next())["params"]["result"]["number"] == "0x0"
        raw = await signed_weights(client, chain)
        watch = await client.ask("author_submitAndWatchExtrinsic", raw)
        ready = await client.next()
        assert ready["params"] == {"subscription": watch, "result": "ready"}
        assert await client.ask("account_nextIndex", hotkey(VALIDATOR)) == 1

        chain.produce_block()
        included, head = [(await client.next())["params"] for _ in range(2)]

        block_hash = await client.ask("chain_getHead")
        assert included == {"subscription": watch, "result": {"inBlock": block_hash}}
        assert (head["subscription"], head["result"]["number"]) == (heads, "0x1")
        for _ in range(FINALITY_LAG):
            chain.produce_block()
        told = [(await client.next())["params"] for _ in range(FINALITY_LAG + 1)]
        assert [each["subscription"] for each in told] == [heads] * FINALITY_LAG + [watch]
        assert told[-1]["result"] == {"finalized": block_hash}
        body = await client.ask("chain_getBlock", block_hash)
        assert body["block"]["extrinsics"] == [raw]
        assert chain.at().get(storage.WEIGHTS, 1, VALIDATOR) == ((MINER, 65_535),)


async def test_a_block_that_is_given_up_is_taken_back_from_watchers() -> None:
    """Retracted names the block that is gone, inBlock the one that has the extrinsic instead; final is only the latter."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        raw = await signed_weights(client, chain)
        watch = await client.ask("author_submitAndWatchExtrinsic", raw)
        assert (await client.next())["params"]["result"] == "ready"
        chain.produce_block()
        chain.reorg(1)
        first, taken_back, again = [(await client.next())["params"] for _ in range(3)]
        gone, kept = first["result"]["inBlock"], again["result"]["inBlock"]

        assert {each["subscription"] for each in (first, taken_back, again)} == {watch}
        assert taken_back["result"] == {"retracted": gone}
        assert await client.ask("chain_getHeader", gone) is None
        assert (await client.ask("chain_getBlock", kept))["block"]["extrinsics"] == [raw]
        chain.produce_block()
        assert (await client.next())["params"]["result"] == {"finalized": kept}


async def test_final_heads_come_behind_new_ones() -> None:
    """Each block is final once two stand on it, and a reorganisation takes back none that is."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        await client.ask("chain_subscribeFinalizedHeads")
        numbers = [(await client.next())["params"]["result"]["number"]]
        for _ in range(4):
            chain.produce_block()
        chain.reorg(2)
        numbers += [(await client.next())["params"]["result"]["number"] for _ in range(3)]

        assert numbers == ["0x0", "0x1", "0x2", "0x3"]
        assert await client.ask("chain_getFinalizedHead") == await client.ask("chain_getBlockHash", 3)


async def test_a_dropped_extrinsic_tells_its_watcher() -> None:
    """Of two weight sets in one block, the one over the rate limit ends as invalid."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        await client.ask("author_submitExtrinsic", await signed_weights(client, chain, nonce=0))
        raw = await signed_weights(client, chain, nonce=1)
        watch = await client.ask("author_submitAndWatchExtrinsic", raw)
        await client.next()

        chain.produce_block()

        assert (await client.next())["params"] == {"subscription": watch, "result": "invalid"}


async def test_an_unsubscribed_client_hears_nothing_more() -> None:
    """After unsubscribing, a block brings no frame."""
    chain = LocalChain(genesis())
    async with raw_client(chain) as client:
        heads = await client.ask("chain_subscribeFinalizedHeads")
        await client.next()
        assert await client.ask("chain_unsubscribeFinalizedHeads", heads) is True
        assert await client.ask("chain_unsubscribeFinalizedHeads", heads) is False
        chain.produce_block()

        assert await client.ask("chain_getBlockHash", 2) is None


async def test_subscriptions_of_one_client_are_bounded() -> None:
    """At the limit the next one is refused."""
    async with raw_client(LocalChain(genesis())) as client:
        for _ in range(SUBSCRIPTION_LIMIT):
            await client.ask("chain_subscribeNewHeads")
            await client.next()

        code, words = await client.error("chain_subscribeNewHeads")
        assert (code, "Too many" in words) == (-32006, True)


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    """Frames that wait are bounded: beyond the limit the node ends the connection, not itself."""
    chain = LocalChain(genesis(tempo=60_000))
    async with serving(chain, BY_HAND) as url, connect(url) as socket, connect(url) as other:
        await RawClient(socket).ask("chain_subscribeNewHeads")
        for _ in range(WAITING_FRAMES_LIMIT + 2):
            chain.produce_block()

        with pytest.raises(ConnectionClosed):
            await _read_all(socket)
        assert await RawClient(other).ask("chain_getBlockHash", 1) is not None


async def test_a_batch_is_answered_in_order() -> None:
    """One frame with several requests gets one frame with their answers."""
    async with raw_client(LocalChain(genesis())) as client:
        requests = [
            {"jsonrpc": "2.0", "id": 7, "method": "chain_getBlockHash", "params": [99]},
            {"jsonrpc": "2.0", "id": 8, "method": "no_such"},
        ]
        first, second = await client.send(requests)

        assert first == {"jsonrpc": "2.0", "id": 7, "result": None}
        assert (second["id"], second["error"]["code"]) == (8, -32601)


@pytest.mark.parametrize(
    ("frame", "code"),
    [("{", -32700), ("7", -32600), ("{}", -32600), ('{"method": "x", "params": {}}', -32602)],
)
async def test_a_malformed_frame_is_told_so(frame: str, code: int) -> None:
    """Bad JSON and bad requests get JSON-RPC's own codes, and the connection lives on."""
    async with raw_client(LocalChain(genesis())) as client:
        assert (await client.send(frame))["error"]["code"] == code
        assert await client.ask("account_nextIndex", hotkey(MINER)) == 0


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("account_nextIndex", [], -32602),
        ("author_submitExtrinsic", ["0xzz"], -32602),
        ("author_submitExtrinsic", ["0x00"], 1010),
        ("author_submitAndWatchExtrinsic", [None], -32602),
        ("chain_getBlockHash", ["one"], -32602),
        ("chain_getHeader", [3], -32602),
        ("state_call", ["Core_version", "0x"], 4002),
        ("state_call", ["SubnetInfoRuntimeApi_get_metagraph", "0x01"], -32602),
        ("state_getKeysPaged", ["0x", -1], -32602),
        ("state_getStorageAt", ["0x00", "0x" + "ab" * 32], 4003),
        ("state_queryStorageAt", ["0x00"], -32602),
    ],
)
async def test_bad_parameters_are_refused_by_code(method: str, params: list[object], code: int) -> None:
    """No parameter from outside breaks the connection."""
    async with raw_client(LocalChain(genesis())) as client:
        assert (await client.error(method, *params))[0] == code


async def test_a_cut_key_and_a_forgotten_block_are_refused() -> None:
    """Storage answers only whole keys of kept blocks."""
    chain = LocalChain(genesis(history_blocks=1))
    async with raw_client(chain) as client:
        first = await client.ask("chain_getBlockHash", 0)
        (whole,) = await client.ask("state_getKeysPaged", _prefix("Keys"), 1)
        assert await client.ask("state_getStorageAt", whole) == "0x" + bytes(key("n0").public_key).hex()
        assert await client.ask("state_getStorageAt", "0x" + "00" * 40) is None
        assert (await client.error("state_getStorageAt", whole[:-2]))[0] == -32602
        chain.produce_block()
        chain.produce_block()

        assert (await client.error("state_getStorageAt", whole, first))[0] == 4003


async def test_keys_come_in_pages() -> None:
    """Pages of a map join to all of its keys, each once, in order."""
    async with raw_client(LocalChain(genesis(count=7))) as client:
        prefix, seen = _prefix("Uids"), list[str]()
        while page := await client.ask("state_getKeysPaged", prefix, 3, seen[-1] if seen else prefix):
            seen += page

        assert len(seen) == len(set(seen)) == 7
        assert seen == sorted(seen)
        assert await client.ask("state_getKeysPaged", "0x" + "00" * 32, 3) == []


async def test_the_node_ends_with_its_task_group() -> None:
    """Cancellation closes the connections, ends every task and frees the port; another node can take it."""
    chain = LocalChain(genesis())
    before = asyncio.all_tasks()
    async with serving(chain, BY_HAND) as url:
        socket = await connect(url)
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    await socket.wait_closed()
    assert asyncio.all_tasks() == before
    port = int(url.rpartition(":")[2])

    async with anyio.create_task_group() as tasks:
        assert await tasks.start(partial(serve_node, chain, port=port, block_time_s=BY_HAND)) == port
        tasks.cancel_scope.cancel()
    chain.produce_block()


async def test_a_taken_port_is_named() -> None:
    """Two nodes cannot share a port, and the error says which and what to do."""
    async with serving(LocalChain(genesis()), BY_HAND) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match=rf":{port} .*choose another port"):
            await serve_node(LocalChain(genesis()), port=port)


async def test_blocks_come_by_themselves_at_the_pace_asked_for() -> None:
    """With a block time, heads arrive without anybody's help."""
    async with serving(LocalChain(genesis()), 0.01) as url, connect(url) as socket:
        client = RawClient(socket)
        await client.ask("chain_subscribeNewHeads")
        numbers = [int((await client.next())["params"]["result"]["number"], 16) for _ in range(4)]

        assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_the_node_starts_without_the_sdk() -> None:
    """Importing the node loads neither `bittensor` nor torch, so that it starts fast."""
    code = (
        "import sys, adapters.localnet.chain; print([m for m in ('bittensor', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def _read_all(socket: ClientConnection) -> None:
    while await socket.recv():
        pass


def _prefix(item: str) -> str:
    runtime = core.Runtime(build_metadata(1_000), SPEC_VERSION, TRANSACTION_VERSION, 42)
    return "0x" + bytes(runtime.storage_prefix("SubtensorModule", item)).hex()

"""Connecting and reading, on both fronts; what is about websockets, on the node's."""

import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import anyio
import attrs
import pytest
from anyio.abc import SocketAttribute, SocketStream

from adapters.chain.client import open_chain
from adapters.errors import OperatorError
from adapters.localnet.chain.gate import Snap
from core.types import Uid
from effects.ports import Fault
from tests.adapters.chain.world import Reach, by_node, chain_of, opened, settings
from tests.adapters.localnet.chain.world import MINER, VALIDATOR, genesis, hotkey, key


async def test_the_metagraph_is_read_with_stakes_permits_axons_and_incentives(
    reach: Reach, tmp_path: Path
) -> None:
    """After weights, an axon and an epoch, all of it stands in the metagraph."""
    chain = chain_of(tempo=20, weights_version_key=3)
    async with reach(chain) as way:
        async with opened(way, tmp_path, f"n{MINER}", axon="127.0.0.1:8123") as miner:
            await miner.serve_axon()
        async with opened(way, tmp_path) as validator:
            await validator.set_weights([(Uid(MINER), 1.0)], 3)
            async with aclosing(validator.blocks()) as blocks:
                async for block in blocks:
                    if block > 20:
                        break
            metagraph = await validator.metagraph()
    owner, miner_neuron = metagraph.neurons[VALIDATOR], metagraph.neurons[MINER]
    assert [neuron.hotkey for neuron in metagraph.neurons] == [hotkey(uid) for uid in range(4)]
    assert (owner.stake_tao >= 3000, owner.validator_permit, owner.axon) == (True, True, None)
    assert (miner_neuron.axon, miner_neuron.validator_permit) == ("127.0.0.1:8123", False)
    assert miner_neuron.incentive == pytest.approx(1.0, abs=1e-4)
    assert owner.dividends == pytest.approx(1.0, abs=1e-4)
    assert (metagraph.tempo_blocks, metagraph.last_epoch, metagraph.version_key) == (20, 20, 3)
    assert metagraph.weights_rate_limit_blocks == genesis().weights_rate_limit_blocks
    assert 0 < metagraph.last_update < metagraph.block


async def test_a_registered_hotkey_passes_the_check(reach: Reach, tmp_path: Path) -> None:
    """Nothing is said to an operator whose hotkey is in order."""
    async with reach(chain_of()) as way, opened(way, tmp_path) as chain:
        await chain.check_registered()


async def test_an_unregistered_hotkey_is_told_how_to_register(reach: Reach, tmp_path: Path) -> None:
    """The message names hotkey, netuid and the command; reading goes on all the same."""
    async with reach(chain_of()) as way, opened(way, tmp_path, "stranger") as chain:
        with pytest.raises(OperatorError) as caught:
            await chain.check_registered()
        assert len((await chain.metagraph()).neurons) == 4
        assert await chain.last_update() == 0
    for part in (
        key("stranger").ss58_address,
        "netuid 1",
        "btcli subnet register --netuid 1",
        "--wallet.hotkey",
    ):
        assert part in str(caught.value)


async def test_a_netuid_that_is_not_there_is_told(reach: Reach, tmp_path: Path) -> None:
    """At the start it is the operator's mistake; later it is the chain's doing."""
    async with reach(chain_of()) as way, opened(way, tmp_path, netuid=9) as chain:
        with pytest.raises(OperatorError, match=r"--netuid 9: no such subnet.*btcli subnet list"):
            await chain.check_registered()
        with pytest.raises(Fault, match="subnet 9 is not on"):
            await chain.metagraph()


async def test_a_refused_connection_is_told_at_once(tmp_path: Path, free_port: int) -> None:
    """No waiting for a node that is not there; the flags to look at are named."""
    began = time.monotonic()
    with pytest.raises(OperatorError, match=r"no chain.*--subtensor\.chain_endpoint.*--subtensor\.network"):
        async with opened(f"ws://127.0.0.1:{free_port}", tmp_path):
            pass
    assert time.monotonic() - began < 5


async def stay_silent(stream: SocketStream) -> None:
    async with stream:
        await anyio.sleep_forever()


async def test_a_server_that_never_shakes_hands_is_given_up_in_time(tmp_path: Path) -> None:
    """One that accepts and never shakes hands does not hold the start up."""
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, stay_silent)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - this `extra` is anyio's
        with pytest.raises(OperatorError, match="did not answer in time"), anyio.fail_after(5):
            async with opened(f"ws://127.0.0.1:{port}", tmp_path, connect_timeout_s=0.6):
                pass
        tasks.cancel_scope.cancel()


async def test_a_half_open_chain_is_given_up_in_time(reach: Reach, tmp_path: Path) -> None:
    """One that takes the connection and never answers a question does not hold the start up either."""
    async with reach(chain_of()) as way:
        way.gate.half_open()
        with pytest.raises(OperatorError, match="did not answer in time"), anyio.fail_after(5):
            async with opened(way, tmp_path, connect_timeout_s=0.6):
                pass


async def test_the_next_endpoint_is_taken_where_the_first_is_down(tmp_path: Path, free_port: int) -> None:
    """One dead endpoint of several costs nothing but its try."""
    async with by_node(chain_of()) as way:
        dead = f"ws://127.0.0.1:{free_port}"
        pool = attrs.evolve(settings(way.endpoint, tmp_path), endpoints=(dead, way.endpoint))
        async with open_chain(pool, key("n0")) as chain:
            await chain.check_registered()


async def test_a_reading_that_is_never_answered_ends_in_time(reach: Reach, tmp_path: Path) -> None:
    """The SDK would wait for a minute; our deadline makes it a fault that names the endpoint."""
    async with reach(chain_of()) as way, opened(way, tmp_path, read_timeout_s=0.3) as chain:
        way.gate.half_open()
        with pytest.raises(Fault, match=f"{way.endpoint} did not answer within 0.3 s"), anyio.fail_after(5):
            await chain.metagraph()
        with pytest.raises(Fault, match="did not answer"), anyio.fail_after(5):
            await chain.last_update()


async def test_a_reading_survives_a_lost_connection(reach: Reach, tmp_path: Path) -> None:
    """A connection that breaks under a reading is taken up again, and the reading is answered."""
    async with reach(chain_of()) as way, opened(way, tmp_path) as chain:
        way.gate.snare(Snap.CUT_BEFORE, "get_metagraph")
        assert len((await chain.metagraph()).neurons) == 4


async def test_the_sdk_keeps_its_files_where_it_is_told(tmp_path: Path) -> None:
    """Nothing goes to the home folder."""
    async with by_node(chain_of()) as way, opened(way, tmp_path / "cache"):
        pass
    assert (tmp_path / "cache" / "token_symbols.json").is_file()
    assert any((tmp_path / "cache" / "runtime").iterdir())


def test_the_sdk_leaves_loggers_and_arguments_alone(tmp_path: Path) -> None:
    """Loading it changes neither the root logger nor argv; and nothing of ours loads it on import."""
    program = f"""
import logging, sys, pathlib
import adapters.chain.client, adapters.chain.wallet
assert "bittensor" not in sys.modules
ours = logging.getLogger("ours")
before = (logging.root.level, list(logging.root.handlers), ours.level, list(sys.argv), sys.excepthook)
from adapters.chain.sdk import load_sdk
load_sdk(pathlib.Path({str(tmp_path)!r}))
assert "bittensor" in sys.modules
assert before == (logging.root.level, list(logging.root.handlers), ours.level, list(sys.argv), sys.excepthook)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=15)


async def test_a_node_that_lags_does_not_say_that_we_are_gone(reach: Reach, tmp_path: Path) -> None:
    """It may not know us yet: that ends nothing, neither at the start nor later."""
    async with reach(chain_of()) as way, opened(way, tmp_path, "stranger") as chain:
        way.gate.fall_behind(3600.0)
        for call in (chain.check_registered, chain.metagraph):
            with pytest.raises(Fault, match="is 60 minutes behind, and does not know our hotkey"):
                await call()
        way.gate.heal()
        with pytest.raises(OperatorError, match="is not registered"):
            await chain.check_registered()
        assert len((await chain.metagraph()).neurons) == 4

"""Those who live off others, each by itself on a real chain: what a copier, a colluder and a sybil do through the SDK."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import attrs
import pytest

from adapters.chain.client import SubtensorChain
from adapters.chain.connection import ChainSettings, Connection, connected
from adapters.localnet.chain import RAO_PER_TAO, Genesis, GenesisNeuron, LocalChain, serve_node, storage
from adapters.localnet.chain.calls import SetMechanismWeights
from adapters.localnet.chain.pool import Extrinsic
from adapters.localnet.incentives.cast import CastValidator, ValidatorKind, sybil_keys
from adapters.localnet.incentives.colluder import collude
from adapters.localnet.incentives.copier import copy_weights
from adapters.localnet.incentives.sybil import register
from adapters.localnet.incentives.timing import before_each_epoch
from adapters.localnet.keys import NeuronKeys, miner_keys, validator_keys
from core.types import Hotkey
from effects.ports import Fault

pytestmark = pytest.mark.timeout(60)

NETUID = 1
HONEST, PARASITE, MINER, OTHER_MINER = range(4)
ROW = ((MINER, 65_535), (OTHER_MINER, 21_845))
KEYS = (validator_keys(0), validator_keys(1), miner_keys(0), miner_keys(1))
STAKES_TAO = (1_000, 500, 0, 0)


@attrs.frozen
class World:
    """A chain whose first validator has weights on it, and a connection over loopback."""

    chain: LocalChain
    connection: Connection

    def row(self, uid: int) -> tuple[tuple[int, int], ...]:
        return self.chain.at().get(storage.WEIGHTS, NETUID, uid)


@asynccontextmanager
async def world(folder: Path, **changes: object) -> AsyncIterator[World]:
    neurons = tuple(_neuron(keys, stake) for keys, stake in zip(KEYS, STAKES_TAO, strict=True))
    genesis = Genesis(
        neurons=neurons,
        netuid=NETUID,
        tempo=5,
        block_time_s=0.2,
        weights_rate_limit_blocks=0,
        immunity_period_blocks=0,
        started_ms=round(time.time() * 1_000),
    )
    chain = LocalChain(attrs.evolve(genesis, **changes))  # type: ignore[arg-type]  # each test names its own
    chain.submit(Extrinsic(b"", "honest", KEYS[HONEST].hotkey_ss58, 0, _call(), None))
    async with anyio.create_task_group() as group:
        port = await group.start(partial(serve_node, chain))
        settings = ChainSettings((f"ws://127.0.0.1:{port}",), NETUID, folder, is_local=True)
        async with connected(settings) as connection:
            yield World(chain, connection)
        group.cancel_scope.cancel()


def _neuron(keys: NeuronKeys, stake_tao: int) -> GenesisNeuron:
    return GenesisNeuron(keys.hotkey_ss58, Hotkey(keys.coldkey_ss58), stake_tao * RAO_PER_TAO)


def _call() -> SetMechanismWeights:
    uids, weights = zip(*ROW, strict=True)
    return SetMechanismWeights(NETUID, 0, uids, weights, 0)


async def until(chain: LocalChain, condition: Callable[[], bool]) -> None:
    """Wait for a block after which the condition holds."""
    holds = anyio.Event()
    end = chain.on_block(lambda _: holds.set() if condition() else None)
    with anyio.fail_after(40):
        await holds.wait()
    end()


def parasite(kind: ValidatorKind) -> CastValidator:
    return CastValidator("validator2", kind, KEYS[PARASITE], 500 * RAO_PER_TAO)


async def test_a_copier_sets_what_it_sees(tmp_path: Path) -> None:
    """Its row on chain must become that of the only other validator, and nobody else's changes."""
    async with world(tmp_path) as running, anyio.create_task_group() as group:
        group.start_soon(copy_weights, running.connection, parasite(ValidatorKind.COPIER))
        await until(running.chain, lambda: bool(running.row(PARASITE)))
        assert running.row(PARASITE) == running.row(HONEST) == ROW
        group.cancel_scope.cancel()


async def test_a_copier_of_nothing_sets_nothing(tmp_path: Path) -> None:
    """Where commit-reveal is on and nothing has been revealed, a copier has nothing to commit either."""
    async with world(tmp_path, commit_reveal=True) as running, anyio.create_task_group() as group:
        group.start_soon(copy_weights, running.connection, parasite(ValidatorKind.COPIER))
        epoch = running.chain.at().hyper(storage.SUBNET_EPOCH_INDEX)
        await until(running.chain, lambda: running.chain.at().hyper(storage.SUBNET_EPOCH_INDEX) > epoch + 2)
        assert running.row(HONEST) == running.row(PARASITE) == ()
        group.cancel_scope.cancel()


async def test_a_colluder_weighs_its_accomplice_alone(tmp_path: Path) -> None:
    """Its row on chain must be one weight, for the accomplice's uid."""
    accomplice = KEYS[OTHER_MINER].hotkey_ss58
    async with world(tmp_path) as running, anyio.create_task_group() as group:
        group.start_soon(collude, running.connection, parasite(ValidatorKind.COLLUDER), accomplice)
        await until(running.chain, lambda: bool(running.row(PARASITE)))
        assert running.row(PARASITE) == ((OTHER_MINER, 65_535),)
        group.cancel_scope.cancel()


async def test_a_sybil_registers_by_itself(tmp_path: Path) -> None:
    """On a full subnet its new hotkey must take the uid of a miner that earns nothing; a second time it is refused."""
    keys = sybil_keys(0, 1)
    async with world(tmp_path, max_uids=len(KEYS)) as running:
        await register(running.connection, keys)
        assert running.chain.at().uid_of(keys.hotkey_ss58) is not None
        assert len(running.chain.at().hotkeys()) == len(KEYS)
        with pytest.raises(Fault, match="registering a hotkey"):
            await register(running.connection, keys)


async def test_the_moment_before_an_epoch_comes_once(tmp_path: Path) -> None:
    """Each must be told for a later epoch than the one before."""
    async with world(tmp_path) as running:
        chain = SubtensorChain(running.connection, KEYS[PARASITE].hotkey)
        async with aclosing(before_each_epoch(chain)) as moments:
            epochs = [(await anext(moments)).last_epoch for _ in range(3)]
    assert epochs == sorted(set(epochs))

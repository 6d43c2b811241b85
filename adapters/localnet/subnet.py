"""The local subnet: a chain node and 27 real miners in one task group on one event loop.

Rules:
- Miners are registered from the first block, but publish their axons themselves, by signed extrinsics through the SDK.
- They share one connection to the chain, and answer only hotkeys that it shows with a validator permit (`admission`).
- All of it ends with the cancellation of `run_subnet`: no task, no port, no process is left.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
import attrs
from anyio.abc import TaskGroup, TaskStatus

from adapters.axon import Axon
from adapters.chain.client import SubtensorChain
from adapters.chain.connection import ChainSettings, Connection, connected
from adapters.errors import OperatorError
from adapters.localnet.admission import Admission, EpochListener
from adapters.localnet.behaviours import Behaviour, Memory, Miner, population
from adapters.localnet.chain.chain import LocalChain
from adapters.localnet.chain.genesis import RAO_PER_TAO, Genesis, GenesisNeuron
from adapters.localnet.chain.node import serve_node
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import SubnetFacts
from adapters.localnet.keys import (
    WALLET_HOTKEY,
    NeuronKeys,
    miner_keys,
    spare_keys,
    validator_keys,
    write_wallet,
)
from core.randomness import key_of
from core.types import Hotkey

HOST = "127.0.0.1"
# The first validator's weights must hold against the idle stake of the spare ones: it has over half by far.
VALIDATOR_STAKES_TAO = (10_000, 500, 500)


@attrs.frozen
class Member:
    """A miner of the zoo with its keys."""

    keys: NeuronKeys
    miner: Miner


async def run_subnet(
    config: SubnetConfig,
    *,
    on_epoch: EpochListener = lambda _metagraph: None,
    on_stage: Callable[[str], None] = lambda _doing: None,
    make_chain: Callable[[Genesis], LocalChain] = LocalChain,
    task_status: TaskStatus[SubnetFacts] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Run the subnet until cancelled; reports its facts once all axons are on chain.

    `on_epoch` is given the metagraph after each epoch; `on_stage` is told what is being done until all is ready. `make_chain` is for
    who wants to look on at the chain's own work.

    Raises (in an exception group):
        OperatorError: the node's port is taken.
        Fault: a wallet or an axon could not be written or published.
    """
    validators = tuple(validator_keys(index) for index in range(len(VALIDATOR_STAKES_TAO)))
    members = make_members(config.seed)
    for keys in (*validators, spare_keys()):
        write_wallet(keys, config.wallets)
    chain = make_chain(make_genesis(config, validators, members))
    on_stage("starting the chain node")
    async with _node(chain, config) as endpoint:
        settings = ChainSettings((endpoint,), config.netuid, config.folder.resolve() / "cache")
        async with connected(settings) as connection, anyio.create_task_group() as group:
            reader = SubtensorChain(connection, validators[0].hotkey)
            admission = Admission(await reader.metagraph())
            on_stage(f"publishing the axons of {len(members)} miners")
            async with anyio.create_task_group() as joining:
                for member in members:
                    joining.start_soon(_join, group, connection, admission, member)
            task_status.started(_facts(config, endpoint, validators, members))
            await admission.follow(reader, on_epoch)


@asynccontextmanager
async def _node(chain: LocalChain, config: SubnetConfig) -> AsyncIterator[str]:
    """The chain's endpoint. The node ends after all that uses it: the SDK fails where both ends close at once."""
    scope = anyio.CancelScope()

    async def serve(*, task_status: TaskStatus[int]) -> None:
        with scope:
            await serve_node(chain, host=HOST, port=config.port, task_status=task_status)

    async with anyio.create_task_group() as group:
        try:
            port = await group.start(serve)
        except OSError as error:
            raise OperatorError(
                f"--port {config.port} cannot be listened on ({error.strerror}): choose another, or 0 for any"
            ) from None
        # Not before it has started: whoever cancels a start waits for its end.
        scope.shield = True
        try:
            yield f"ws://{HOST}:{port}"
        finally:
            scope.cancel()


async def _join(group: TaskGroup, connection: Connection, admission: Admission, member: Member) -> None:
    """Serve a miner's axon from now on, and publish where."""
    axon = Axon(member.keys.hotkey, member.miner.forward, blacklist=admission.refusal)
    port = await group.start(partial(axon.serve, host=HOST))
    settings = attrs.evolve(connection.settings, axon=f"{HOST}:{port}")
    await SubtensorChain(Connection(connection.client, settings), member.keys.hotkey).serve_axon()


def make_members(seed: int) -> tuple[Member, ...]:
    """The zoo in the order of its uids; the copycat's victim is the first good miner."""
    memory = Memory()
    zoo = population(seed)
    keys = tuple(miner_keys(index) for index in range(len(zoo)))
    victim = keys[zoo.index(Behaviour.GOOD)].hotkey_ss58
    return tuple(
        Member(
            own,
            Miner(
                hotkey=own.hotkey_ss58,
                behaviour=behaviour,
                key=key_of(seed, "miner", index),
                memory=memory,
                victim=victim if behaviour is Behaviour.COPYCAT else None,
            ),
        )
        for index, (own, behaviour) in enumerate(zip(keys, zoo, strict=True))
    )


def make_genesis(
    config: SubnetConfig, validators: tuple[NeuronKeys, ...], members: tuple[Member, ...]
) -> Genesis:
    """Validators have the first uids, each its stake; miners have none. The last uid waits for a miner of one's own."""
    staked = [
        _neuron(keys, stake * RAO_PER_TAO)
        for keys, stake in zip(validators, VALIDATOR_STAKES_TAO, strict=True)
    ]
    return Genesis(
        neurons=(*staked, *(_neuron(member.keys, 0) for member in members), _neuron(spare_keys(), 0)),
        netuid=config.netuid,
        tempo=config.tempo,
        block_time_s=config.block_time,
    )


def _neuron(keys: NeuronKeys, stake_rao: int) -> GenesisNeuron:
    return GenesisNeuron(keys.hotkey_ss58, Hotkey(keys.coldkey_ss58), stake_rao)


def _facts(
    config: SubnetConfig, endpoint: str, validators: tuple[NeuronKeys, ...], members: tuple[Member, ...]
) -> SubnetFacts:
    return SubnetFacts(
        endpoint=endpoint,
        netuid=config.netuid,
        wallet_path=str(config.wallets.resolve()),
        wallet_names=tuple(keys.name for keys in validators),
        wallet_hotkey=WALLET_HOTKEY,
        spare_wallet=spare_keys().name,
        spare_hotkey=spare_keys().hotkey_ss58,
        behaviours={member.miner.hotkey: member.miner.behaviour for member in members},
    )

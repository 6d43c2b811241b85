"""The local subnet: a chain node and 27 real miners in one task group on one event loop.

Rules:
- Miners are registered from the first block, but publish their axons themselves, by signed extrinsics through the SDK.
- They share one connection to the chain, and answer only hotkeys that it shows with a validator permit (`admission`).
- All of it ends with the cancellation of `run_subnet`: no task, no port, no process is left.

`open_subnet` is the same for any other cast: the subnet that it yields also lets miners join and leave later.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

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
from adapters.localnet.chain.faults import FaultPlan
from adapters.localnet.chain.gate import Gate
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
from adapters.localnet.misfortune import inject_faults
from core.randomness import key_of
from core.types import Hotkey, Prompting

HOST = "127.0.0.1"
# The first validator's weights must hold against the idle stake of the spare ones: it has over half by far.
VALIDATOR_STAKES_TAO = (10_000, 500, 500)


class Answering(Protocol):
    """What a miner is to its axon."""

    def forward(self, synapse: Prompting, caller: Hotkey, /) -> AsyncIterator[str]: ...


M_co = TypeVar("M_co", bound=Answering, covariant=True)


@attrs.frozen
class Member(Generic[M_co]):
    """A miner with its keys."""

    keys: NeuronKeys
    miner: M_co


@attrs.frozen
class OpenSubnet:
    """A subnet that runs.

    Attributes:
        chain: its state, for who looks on or decides as the subnet's owner would.
        endpoint: of its node.
        connection: to that node, the one that the miners share.
        reader: what the miners read the chain by.
        admission: whom they answer.
        gate: what makes the node fail on demand.
    """

    chain: LocalChain
    endpoint: str
    connection: Connection
    reader: SubtensorChain
    admission: Admission
    gate: Gate
    _axons: TaskGroup

    async def join(self, member: Member[Answering]) -> Callable[[], None]:
        """Serve a registered miner's axon from now on, and publish where; returns what ends the axon.

        Raises:
            Fault: the address could not be published.
        """
        axon = Axon(member.keys.hotkey, member.miner.forward, blacklist=self.admission.refusal)
        scope = anyio.CancelScope()
        port = await self._axons.start(_serve, axon, scope)
        await SubtensorChain(self.connection, member.keys.hotkey, f"{HOST}:{port}").serve_axon()
        return scope.cancel


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
    started_ms = round(time.time() * 1_000)
    chain = make_chain(make_genesis(config, validators, members, started_ms))
    async with open_subnet(config, chain, members, validators[0], on_stage) as subnet:
        task_status.started(_facts(config, subnet.endpoint, validators, members))
        async with anyio.create_task_group() as group:
            if config.faults is not None:
                group.start_soon(inject_faults, FaultPlan(config.faults), chain, subnet.gate, config.folder)
            await subnet.admission.follow(subnet.reader, on_epoch)


@asynccontextmanager
async def open_subnet(
    config: SubnetConfig,
    chain: LocalChain,
    members: Sequence[Member[Answering]],
    reader: NeuronKeys,
    on_stage: Callable[[str], None],
) -> AsyncIterator[OpenSubnet]:
    """The chain's node and the miners' axons, all on chain; ended with the block. `reader` is whose view of the chain they share.

    Raises (in an exception group):
        OperatorError: the node's port is taken.
        Fault: an axon could not be published.
    """
    on_stage("starting the chain node")
    gate = Gate()
    async with _node(chain, config, gate) as endpoint:
        cache = config.folder.resolve() / "cache"
        settings = ChainSettings((endpoint,), config.netuid, cache, is_local=True)
        async with connected(settings) as connection, anyio.create_task_group() as group:
            view = SubtensorChain(connection, reader.hotkey)
            admission = Admission(await view.metagraph())
            subnet = OpenSubnet(chain, endpoint, connection, view, admission, gate, group)
            on_stage(f"publishing the axons of {len(members)} miners")
            async with anyio.create_task_group() as joining:
                for member in members:
                    joining.start_soon(subnet.join, member)
            yield subnet
            group.cancel_scope.cancel()


@asynccontextmanager
async def _node(chain: LocalChain, config: SubnetConfig, gate: Gate) -> AsyncIterator[str]:
    """The chain's endpoint. The node ends after all that uses it: the SDK fails where both ends close at once."""
    scope = anyio.CancelScope()

    async def serve(*, task_status: TaskStatus[int]) -> None:
        with scope:
            await serve_node(chain, host=HOST, port=config.port, gate=gate, task_status=task_status)

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


async def _serve(axon: Axon, scope: anyio.CancelScope, *, task_status: TaskStatus[int]) -> None:
    with scope:
        await axon.serve(host=HOST, task_status=task_status)


def make_members(seed: int) -> tuple[Member[Miner], ...]:
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
    config: SubnetConfig,
    validators: tuple[NeuronKeys, ...],
    members: tuple[Member[Miner], ...],
    started_ms: int,
) -> Genesis:
    """Validators have the first uids, each its stake; miners have none. The last uid waits for a miner of one's own.

    When it started tells a chain from one that ran before it in the same place.
    """
    staked = [
        _neuron(keys, stake * RAO_PER_TAO)
        for keys, stake in zip(validators, VALIDATOR_STAKES_TAO, strict=True)
    ]
    return Genesis(
        neurons=(*staked, *(_neuron(member.keys, 0) for member in members), _neuron(spare_keys(), 0)),
        netuid=config.netuid,
        tempo=config.tempo,
        block_time_s=config.block_time,
        started_ms=started_ms,
    )


def _neuron(keys: NeuronKeys, stake_rao: int) -> GenesisNeuron:
    return GenesisNeuron(keys.hotkey_ss58, Hotkey(keys.coldkey_ss58), stake_rao)


def _facts(
    config: SubnetConfig,
    endpoint: str,
    validators: tuple[NeuronKeys, ...],
    members: tuple[Member[Miner], ...],
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

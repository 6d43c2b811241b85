"""The local subnet in this process: chain, axons on it, who is answered, and the end of it."""

import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import attrs
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream

from adapters.chain.client import open_chain
from adapters.chain.connection import ChainSettings
from adapters.dendrite import HttpDendrite
from adapters.errors import OperatorError
from adapters.localnet.behaviours import Behaviour
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import SubnetFacts
from adapters.localnet.keys import NeuronKeys, development_keys, validator_keys
from adapters.localnet.subnet import run_subnet
from core.selection import available
from core.types import Metagraph, Outcome, Prompting, Target, TaskType
from tests.adapters.localnet.tasks import make_task

SYNAPSE = Prompting(("user",), (make_task(TaskType.SUMMARY, 3).prompt(),))


@attrs.frozen
class Running:
    """A local subnet that runs, and where it tells its epochs."""

    facts: SubnetFacts
    epochs: MemoryObjectReceiveStream[Metagraph]


@asynccontextmanager
async def subnet(folder: Path, port: int = 0) -> AsyncIterator[Running]:
    config = SubnetConfig(netuid=5, port=port, block_time=0.1, tempo=5, folder=folder)
    told, epochs = anyio.create_memory_object_stream[Metagraph](math.inf)
    with told, epochs:
        async with anyio.create_task_group() as group:
            facts = await group.start(partial(run_subnet, config, on_epoch=told.send_nowait))
            yield Running(facts, epochs)
            group.cancel_scope.cancel()


async def read(facts: SubnetFacts, folder: Path) -> Metagraph:
    settings = ChainSettings((facts.endpoint,), facts.netuid, folder)
    async with open_chain(settings, validator_keys(0).hotkey) as chain:
        return await chain.metagraph()


async def ask(keys: NeuronKeys, metagraph: Metagraph, facts: SubnetFacts, kind: Behaviour) -> Outcome:
    """Prompt a miner of that kind, signed by these keys."""
    neuron = next(n for n in metagraph.neurons if facts.behaviours.get(n.hotkey) is kind)
    target = Target(neuron.uid, neuron.hotkey, neuron.axon or "")
    dendrite = HttpDendrite(keys.hotkey, allow_private=True)
    (outcome,) = await dendrite.query((target,), SYNAPSE, timeout_s=5)
    return outcome


def is_open(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


async def test_all_miners_are_on_chain(tmp_path: Path) -> None:
    """Once it is ready the chain must show 27 serving miners without stake, and three validators with permits."""
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
    miners = available(metagraph, validator_keys(0).hotkey_ss58, 4096)
    assert {neuron.hotkey for neuron in miners} == set(running.facts.behaviours)
    assert len({neuron.axon for neuron in miners}) == 27
    assert all(neuron.stake_tao == 0 for neuron in miners)
    permits = [neuron.hotkey for neuron in metagraph.neurons if neuron.validator_permit]
    assert permits == [validator_keys(index).hotkey_ss58 for index in range(3)]


async def test_a_neuron_waits_for_a_miner_of_ones_own(tmp_path: Path) -> None:
    """The last uid must be registered without stake, permit or axon, and its wallet must be at hand."""
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
    facts, spare = running.facts, metagraph.neurons[-1]
    assert (spare.uid, spare.hotkey) == (30, facts.spare_hotkey)
    assert (spare.stake_tao, spare.validator_permit, spare.axon) == (0, False, None)
    wallet = Path(facts.wallet_path) / facts.spare_wallet / "hotkeys" / facts.wallet_hotkey
    assert wallet.is_file()
    assert spare.hotkey not in facts.behaviours


async def test_the_validator_decides_consensus(tmp_path: Path) -> None:
    """The first validator must hold well over half of all stake, so that its weights alone make consensus."""
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
    stakes = [neuron.stake_tao for neuron in metagraph.neurons]
    assert stakes[0] > 0.8 * sum(stakes)


async def test_validators_are_answered_and_strangers_are_not(tmp_path: Path) -> None:
    """A miner must answer any registered validator, and refuse a hotkey without a permit."""
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
        asking = [validator_keys(0), validator_keys(2), development_keys("stranger")]
        codes = [(await ask(keys, metagraph, running.facts, Behaviour.GOOD)).code for keys in asking]
    assert codes == [200, 200, 403]


async def test_epochs_are_told(tmp_path: Path) -> None:
    """Each epoch must be told once, with the metagraph after it."""
    async with subnet(tmp_path) as running:
        with anyio.fail_after(10):
            first, second, third = [await running.epochs.receive() for _ in range(3)]
    assert first.last_epoch < second.last_epoch < third.last_epoch
    assert len(first.neurons) == 31


async def test_nothing_is_left(tmp_path: Path) -> None:
    """After its end no port of it may be open, and no task may run."""
    before = len(anyio.get_running_tasks())
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
    addresses = [neuron.axon for neuron in metagraph.neurons if neuron.axon]
    assert len(addresses) == 27
    assert not [address for address in addresses if is_open(address)]
    assert not is_open(running.facts.endpoint.removeprefix("ws://"))
    assert len(anyio.get_running_tasks()) == before


async def test_it_ends_while_a_miner_is_silent(tmp_path: Path) -> None:
    """A request that a miner holds for ever must not hold up the end."""
    async with subnet(tmp_path) as running:
        metagraph = await read(running.facts, tmp_path)
        async with anyio.create_task_group() as group:
            group.start_soon(ask, validator_keys(0), metagraph, running.facts, Behaviour.SILENT)
            await ask(validator_keys(0), metagraph, running.facts, Behaviour.GOOD)
            group.cancel_scope.cancel()
        ended_s = anyio.current_time()
    assert anyio.current_time() - ended_s < 5


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """A port that is taken must end the start with the flag to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.RaisesGroup(
            pytest.RaisesExc(OperatorError, match=f"--port {port} "), flatten_subgroups=True
        ):
            async with subnet(tmp_path, port=port):
                pass

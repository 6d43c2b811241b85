"""What operators type: the SDK's own `btcli`, as it is installed, against the local chain's node.

Each call of it is a process of its own that takes a second or two, so a test asks several things of one node at once.
"""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from adapters.localnet.chain import BY_HAND, RAO_PER_TAO, Genesis, GenesisNeuron, LocalChain, storage
from adapters.localnet.chain.state import StateView
from adapters.localnet.chain.storage import Item
from adapters.localnet.keys import NeuronKeys, miner_keys, spare_keys, validator_keys, write_wallet
from core.types import Hotkey, Uid
from tests.adapters.localnet.chain.world import serving

pytestmark = pytest.mark.timeout(120)

VALIDATOR, SECOND_VALIDATOR, MINER, OTHER_MINER = range(4)
NEURONS = (validator_keys(0), validator_keys(1), miner_keys(0), miner_keys(1))
STAKE_TAO = {VALIDATOR: 3_000, SECOND_VALIDATOR: 1_000}
BTCLI = Path(sys.executable).with_name("btcli")
LIMIT_S = 60


@attrs.frozen
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@attrs.frozen
class Btcli:
    """The installed btcli with a home and wallets of its own, bound to one node."""

    url: str
    home: Path

    async def __call__(self, command: str, *, wallet: NeuronKeys = NEURONS[VALIDATOR]) -> Said:
        """Run `btcli COMMAND` to its end."""
        options = (
            *("--network", self.url, "--fallback-endpoints", "none", "--archive-endpoints", "none"),
            *("--wallet-path", str(self.home / "wallets"), "-w", wallet.name, "-H", "default"),
        )
        with anyio.fail_after(LIMIT_S):
            done = await anyio.run_process(
                [str(BTCLI), *command.split(), *options],
                check=False,
                env={**os.environ, "HOME": str(self.home), "NO_COLOR": "1", "COLUMNS": "200"},
            )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    async def read(self, command: str, *, wallet: NeuronKeys = NEURONS[VALIDATOR]) -> Any:
        """What a command prints as JSON, where it must succeed."""
        said = await self(f"{command} --json", wallet=wallet)
        assert said.code == 0, said
        return said.json

    async def read_all(self, *commands: str) -> list[Any]:
        """The same for several commands, run side by side."""
        told: dict[str, Any] = {}

        async def tell(command: str) -> None:
            told[command] = await self.read(command)

        async with anyio.create_task_group() as tasks:
            for command in commands:
                tasks.start_soon(tell, command)
        return [told[command] for command in commands]


def genesis(**changes: object) -> Genesis:
    neurons = tuple(
        GenesisNeuron(
            keys.hotkey_ss58,
            Hotkey(keys.coldkey_ss58),
            STAKE_TAO.get(uid, 0) * RAO_PER_TAO,
            balance_rao=(uid + 1) * RAO_PER_TAO,
        )
        for uid, keys in enumerate(NEURONS)
    )
    return attrs.evolve(Genesis(neurons=neurons, tempo=5), **changes)  # type: ignore[arg-type]  # each test names its own


@asynccontextmanager
async def operator(chain: LocalChain, home: Path, block_time_s: float) -> AsyncIterator[Btcli]:
    """A node for the chain, wallets for its neurons and for one that is not registered, and btcli."""
    for keys in (*NEURONS, spare_keys()):
        write_wallet(keys, home / "wallets")
    async with serving(chain, block_time_s) as url:
        yield Btcli(url, home)


async def test_weights_that_btcli_sets_are_paid_and_seen(tmp_path: Path) -> None:
    """A validator's weights come through btcli onto the chain; metagraph, weights and bonds then show the epoch's own numbers."""
    chain = LocalChain(genesis(emission_per_block_rao=3 * RAO_PER_TAO, tempo=1_000))
    async with operator(chain, tmp_path, 0.05) as btcli:
        command = f"misc weights set --netuid 1 --uids {MINER},{OTHER_MINER} --weights 0.75,0.25 -y"
        assert (await btcli.read(command))["success"] is True
        axon = "tx serve-axon --netuid 1 --ip 127.0.0.1 --port 8091 -y"
        assert (await btcli.read(axon, wallet=NEURONS[MINER]))["success"] is True
    assert chain.at().get(storage.WEIGHTS, 1, VALIDATOR) == ((MINER, 65_535), (OTHER_MINER, 21_845))
    _to_the_next_epoch(chain)
    async with operator(chain, tmp_path, BY_HAND) as btcli:
        graph, weights, bonds = await btcli.read_all(
            "subnets metagraph 1", "query weights --netuid 1", "query bonds --netuid 1"
        )
        table = await btcli("subnets metagraph 1")
    state = chain.at()
    assert graph["hotkeys"] == list(state.hotkeys())
    assert graph["incentives"] == _by_uid(state, storage.INCENTIVE)
    assert graph["incentives"][MINER] > graph["incentives"][OTHER_MINER] > 0
    assert graph["dividends"] == _by_uid(state, storage.DIVIDENDS)
    assert graph["consensus"] == _by_uid(state, storage.CONSENSUS)
    assert graph["emission"] == _by_uid(state, storage.EMISSION)
    assert graph["last_update"] == _by_uid(state, storage.LAST_UPDATE)
    assert graph["total_stake"] == [state.stake_rao(hotkey) for hotkey in state.hotkeys()]
    assert graph["alpha_out"] == sum(graph["total_stake"])
    assert [axon["port"] for axon in graph["axons"]] == [0, 0, 8091, 0]
    assert f"uid {MINER}" in table.out
    assert "127.0.0.1:8091" in table.out
    assert f"incentive {graph['incentives'][MINER] / 65_535:.3f}" in table.out
    assert weights[str(VALIDATOR)] == pytest.approx({str(MINER): 0.75, str(OTHER_MINER): 0.25}, abs=1e-4)
    assert bonds[str(VALIDATOR)] == pytest.approx({str(MINER): 1.0, str(OTHER_MINER): 1.0})


async def test_btcli_shows_the_subnet(tmp_path: Path) -> None:
    """List, one subnet, its hyperparameters, its neurons and its price are those of the chain; what it has not is absent."""
    chain = LocalChain(genesis(burn_rao=7, kappa=40_000, commit_reveal=True))
    chain.produce_block()
    async with operator(chain, tmp_path, BY_HAND) as btcli:
        (listed,), shown, values, price, neurons = await btcli.read_all(
            "subnets list",
            "subnets show 1",
            "subnets hyperparameters 1",
            "subnets price --netuid 1",
            "query neurons --netuid 1 --no-lite",
        )
        nowhere = await btcli("subnets metagraph 9")
    assert (listed["netuid"], listed["tempo"], listed["neurons"], listed["max_neurons"]) == (1, 5, 4, 256)
    assert (listed["price_tao_per_alpha"], listed["burn_tao"]) == (1.0, 7e-9)
    assert (shown["tempo"], shown["registered_at"], shown["name"]) == (5, 0, None)
    assert (values["kappa"], values["commit_reveal_weights_enabled"], values["tempo"]) == (40_000, True, 5)
    assert "adjustment_alpha" not in values
    assert price["price_rao"] == RAO_PER_TAO
    assert [neuron["hotkey"] for neuron in neurons] == list(chain.at().hotkeys())
    assert nowhere.code == 1
    assert "subnet 9 does not exist" in nowhere.out + nowhere.err


async def test_btcli_shows_what_wallets_hold(tmp_path: Path) -> None:
    """Balance, overview, stake and registrations of each wallet are the chain's; a stranger has nothing."""
    chain = LocalChain(genesis())
    chain.produce_block()
    async with operator(chain, tmp_path, BY_HAND) as btcli:
        rows, (overview,), stakes, registered, one, inspected = await btcli.read_all(
            "wallet balance --all",
            "wallet overview",
            "stake list",
            "wallet registrations --all",
            f"wallet balance {NEURONS[OTHER_MINER].coldkey_ss58}",
            f"wallet inspect --coldkey {NEURONS[VALIDATOR].coldkey_ss58}",
        )
    balances = {row["wallet"]: row for row in rows}
    slots = {row["wallet"]: row["hotkeys"][0]["registrations"] for row in registered}
    assert [balances[keys.name]["free_tao"] for keys in NEURONS] == [1, 2, 3, 4]
    assert [balances[keys.name]["stake_value_tao"] for keys in NEURONS] == [3_000, 1_000, 0, 0]
    assert balances[spare_keys().name]["total_value_tao"] == 0
    (stake,) = overview["stakes"]
    assert (stake["uid"], stake["stake_amount"], stake["registered"]) == (VALIDATOR, 3_000, True)
    assert [(row["hotkey"], row["stake_amount"]) for row in stakes] == [
        (NEURONS[VALIDATOR].hotkey_ss58, 3_000)
    ]
    assert [slots[keys.name] for keys in NEURONS] == [[{"netuid": 1, "uid": uid}] for uid in range(4)]
    assert slots[spare_keys().name] == []
    assert (one["free_tao"], one["total_value_tao"]) == (4, 4)
    assert (inspected["identity"], inspected["delegations"], inspected["baskets"]) == (None, [], [])


async def test_the_stake_of_a_hotkey_that_was_replaced_is_still_its_owners(tmp_path: Path) -> None:
    """After another hotkey took its uid, btcli lists the old one's stake as unregistered, and counts it as alpha."""
    chain = LocalChain(genesis())
    newcomer = spare_keys()
    chain.replace(
        Uid(VALIDATOR), GenesisNeuron(newcomer.hotkey_ss58, Hotkey(newcomer.coldkey_ss58), RAO_PER_TAO)
    )
    chain.produce_block()
    async with operator(chain, tmp_path, BY_HAND) as btcli:
        (stake,), graph = await btcli.read_all("stake list", "query metagraph --netuid 1")
    old = NEURONS[VALIDATOR].hotkey_ss58
    assert (stake["hotkey"], stake["stake_amount"], stake["registered"]) == (old, 3_000, False)
    assert (graph["hotkeys"][VALIDATOR], graph["total_stake"][VALIDATOR]) == (
        newcomer.hotkey_ss58,
        RAO_PER_TAO,
    )
    assert graph["alpha_out"] == (3_000 + 1_000 + 1) * RAO_PER_TAO


async def test_btcli_commits_weights_where_the_subnet_asks_for_it(tmp_path: Path) -> None:
    """With commit-reveal on, the same command commits; the commit waits on the chain, and no weight is set in the open."""
    chain = LocalChain(genesis(commit_reveal=True, tempo=50_000))
    async with operator(chain, tmp_path, 0.05) as btcli:
        said = await btcli.read(f"misc weights set --netuid 1 --uids {MINER} --weights 1 -y")
        waiting = await btcli.read("query timelocked-weight-commits --netuid 1")
    assert said["success"] is True
    ((commit,),) = waiting.values()
    assert commit["hotkey"] == NEURONS[VALIDATOR].hotkey_ss58
    assert chain.at().get(storage.WEIGHTS, 1, VALIDATOR) == ()


async def test_what_the_chain_refuses_or_lacks_ends_with_one_clear_error(tmp_path: Path) -> None:
    """A call that breaks a rule, one that is not there and a read that is not there each name the reason, and the node goes on."""
    chain = LocalChain(genesis())
    async with operator(chain, tmp_path, 0.05) as btcli:
        stranger = await btcli(
            f"misc weights set --netuid 1 --uids {MINER} --weights 1 -y", wallet=spare_keys()
        )
        root = await btcli("tx root-register -y")
        cost = await btcli("subnets create-cost")
        assert await btcli.read("query uid --netuid 1 --hotkey " + NEURONS[MINER].hotkey_ss58) == MINER
    for said, reason in (
        (stranger, "not registered"),
        (root, "root_register"),
        (cost, "get_network_registration_cost"),
    ):
        assert said.code != 0
        assert reason in said.out + said.err, said
        assert "Traceback" not in said.out + said.err


def _by_uid(state: StateView, vector: Item[tuple[int, ...]]) -> list[int]:
    values = state.hyper(vector)
    return list(values)


def _to_the_next_epoch(chain: LocalChain) -> None:
    epochs = chain.at().hyper(storage.SUBNET_EPOCH_INDEX)
    while chain.at().hyper(storage.SUBNET_EPOCH_INDEX) == epochs:
        chain.produce_block()

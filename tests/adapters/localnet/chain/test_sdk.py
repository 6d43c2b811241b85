"""The unmodified SDK against a real node on loopback."""

import attrs
import bittensor as bt
import pytest
from bittensor.error_map import ErrorCode
from bittensor.keyfiles import Keypair
from bittensor.result import ChainError, ExtrinsicResult

from adapters.localnet.chain import BY_HAND, LocalChain
from adapters.localnet.chain.hashes import BlockId
from adapters.localnet.chain.rpc import Rpc, RpcError
from adapters.timelock import seal
from core.types import Block
from tests.adapters.localnet.chain.world import (
    MINER,
    OTHER_MINER,
    SECOND_VALIDATOR,
    VALIDATOR,
    genesis,
    hotkey,
    key,
    neuron,
    serving,
)

FAST_S = 0.05


@attrs.frozen
class KeyedWallet:
    """What the SDK needs of a wallet."""

    hotkey: Keypair
    coldkey: Keypair
    coldkeypub: Keypair


def wallet(uid: int) -> KeyedWallet:
    cold = key(f"n{uid}//cold")
    return KeyedWallet(key(f"n{uid}"), cold, cold)


def error_of(result: ExtrinsicResult) -> ChainError:
    """The error of an extrinsic that has failed."""
    assert not result.success
    assert result.error is not None
    return result.error


def fast_chain(**changes: int) -> LocalChain:
    return LocalChain(genesis(**changes, block_time_s=FAST_S))


async def test_the_sdk_reads_the_subnet() -> None:
    """Metagraph, uids, hyperparameters and epoch status come out as the genesis has them."""
    chain = LocalChain(genesis(tempo=7, block_time_s=2.0))
    async with serving(chain, BY_HAND) as url, bt.Subtensor(url) as client:
        metagraph = await client.subnets.metagraph(1)
        assert metagraph is not None
        assert metagraph.hotkeys == [hotkey(uid) for uid in range(4)]
        assert [neuron.uid for neuron in metagraph.validators] == [VALIDATOR, SECOND_VALIDATOR]
        assert metagraph.neurons[VALIDATOR].total_stake.rao == 3_000 * 10**9
        assert (metagraph.tempo, metagraph.raw["weights_rate_limit"]) == (7, 10)
        assert (metagraph.price, metagraph.moving_price) == (None, 1.0)
        assert metagraph.neurons[MINER].axon is None

        assert await client.block_time() == 2.0
        assert await client.neurons.uid(hotkey_ss58=hotkey(MINER), netuid=1) == MINER
        assert await client.neurons.uid(hotkey_ss58=key("stranger").ss58_address, netuid=1) is None
        assert await client.neurons.netuids_for_hotkey(hotkey_ss58=hotkey(MINER)) == [1]
        assert (await client.subnets.subnet_hyperparameters(netuid=1) or {})["tempo"] == 7
        assert await client.hyperparameters.weights_rate_limit(netuid=1) == 10
        assert await client.subnets.commit_reveal_enabled(1) is False
        assert await client.query(("SubtensorModule", "WeightsVersionKey"), [1]) == 0
        assert await client.weights.timelocked_weight_commits(netuid=1) == {}

        status = await client.epochs.epoch_status(netuid=1)
        assert (status["block"], status["next_epoch_start_block"], status["seconds_remaining"]) == (
            0,
            7,
            14.0,
        )


async def test_a_subnet_that_is_not_there_reads_as_none() -> None:
    """Another netuid has no metagraph, no neurons, no hyperparameters."""
    async with serving(LocalChain(genesis()), BY_HAND) as url, bt.Subtensor(url) as client:
        assert await client.subnets.metagraph(9) is None
        assert await client.subnets.subnet_hyperparameters(netuid=9) is None
        assert await client.neurons.all(9) == []
        assert await client.epochs.next_epoch_start_block(netuid=9) is None


async def test_weights_set_through_the_sdk_read_back() -> None:
    """SetWeights is included, its event names its uid, and weights and last update show it."""
    async with serving(fast_chain()) as url, bt.Subtensor(url) as client:
        result = await client.execute(
            bt.SetWeights(netuid=1, weights={MINER: 0.75, OTHER_MINER: 0.25}), wallet(VALIDATOR)
        )

        assert result.success, result.message
        assert ("WeightsSet", (1, VALIDATOR)) in [(e["event_id"], e["attributes"]) for e in result.events]
        assert await client.weights.weights(netuid=1) == {
            VALIDATOR: {MINER: pytest.approx(0.75, abs=1e-5), OTHER_MINER: pytest.approx(0.25, abs=1e-5)}
        }
        assert result.extrinsic_id is not None
        block = int(result.extrinsic_id.split("-")[0])
        metagraph = await client.subnets.metagraph(1)
        assert metagraph is not None
        assert metagraph.neurons[VALIDATOR].last_update == block


async def test_weights_that_come_too_soon_are_rate_limited() -> None:
    """The SDK's preflight and the node's pool tell the same code."""
    async with serving(fast_chain(weights_rate_limit_blocks=1_000)) as url, bt.Subtensor(url) as client:
        assert (await client.execute(bt.SetWeights(netuid=1, weights={MINER: 1}), wallet(VALIDATOR))).success

        with pytest.raises(ChainError) as preflight:
            await client.execute(bt.SetWeights(netuid=1, weights={MINER: 1}), wallet(VALIDATOR))
        raw = bt.calls.SubtensorModule.set_mechanism_weights(
            netuid=1, mecid=0, dests=[MINER], weights=[1], version_key=0
        )
        pooled = await client.submit_call(raw, wallet(VALIDATOR), signer="hotkey")

        assert preflight.value.code == ErrorCode.RATE_LIMITED
        assert error_of(pooled).code == ErrorCode.RATE_LIMITED


@pytest.mark.parametrize(
    ("signer", "weights", "name", "code"),
    [
        (MINER, {OTHER_MINER: 1.0}, "NeuronNoValidatorPermit", ErrorCode.NOT_AUTHORIZED),
        (VALIDATOR, {MINER: 1.0, 77: 1.0}, "UidVecContainInvalidOne", ErrorCode.INVALID_ARGUMENT),
    ],
)
async def test_failed_weights_name_the_chains_error(
    signer: int, weights: dict[int, float], name: str, code: ErrorCode
) -> None:
    """A module error is included, and the SDK finds its name and code."""
    async with serving(fast_chain()) as url, bt.Subtensor(url) as client:
        result = await client.execute(bt.SetWeights(netuid=1, weights=weights), wallet(signer))

        assert (error_of(result).name, error_of(result).code) == (name, code)


async def test_an_old_version_key_is_refused() -> None:
    """A validator behind the subnet's version is told so; one that is not sets its weights."""
    async with serving(fast_chain(weights_version_key=5)) as url, bt.Subtensor(url) as client:
        old = await client.execute(bt.SetWeights(netuid=1, weights={MINER: 1}), wallet(VALIDATOR))
        new = await client.execute(
            bt.SetWeights(netuid=1, weights={MINER: 1}, version_key=5), wallet(VALIDATOR)
        )

        assert error_of(old).name == "IncorrectWeightVersionKey"
        assert new.success


async def test_an_axon_on_loopback_is_served() -> None:
    """ServeAxon publishes the address; a second one too soon is refused by the pool's code."""
    async with serving(fast_chain(serving_rate_limit_blocks=1_000)) as url, bt.Subtensor(url) as client:
        served = await client.execute(bt.ServeAxon(netuid=1, ip="127.0.0.1", port=9_010), wallet(MINER))
        again = await client.execute(bt.ServeAxon(netuid=1, ip="127.0.0.1", port=9_011), wallet(MINER))
        metagraph = await client.subnets.metagraph(1)

        assert served.success, served.message
        assert error_of(again).name == "ServingRateLimitExceeded"
        assert metagraph is not None
        assert metagraph.neurons[MINER].axon == "127.0.0.1:9010"


async def test_an_epoch_pays_what_the_weights_say() -> None:
    """After the epoch that follows, incentives follow the weights and dividends go to who set them."""
    async with serving(fast_chain(tempo=12)) as url, bt.Subtensor(url) as client:
        weights = bt.SetWeights(netuid=1, weights={MINER: 0.75, OTHER_MINER: 0.25})
        assert (await client.execute(weights, wallet(VALIDATOR))).success
        event = await client.wait_for_epoch(1, timeout=10)
        at_epoch = await client.at(event.block)
        metagraph = await at_epoch.subnets.metagraph(1)
        validator = (await at_epoch.neurons.all(1))[VALIDATOR]

        assert event.block == event.previous + 12
        assert metagraph is not None
        assert [neuron.incentive for neuron in metagraph] == pytest.approx([0, 0, 0.75, 0.25], abs=1e-4)
        assert metagraph.neurons[VALIDATOR].dividends == 1.0
        assert metagraph.neurons[MINER].emission.rao == pytest.approx(12 * 10**9 / 2 * 0.75, rel=1e-4)
        assert validator.raw["validator_trust"] == 65_535
        assert (await client.weights.bonds(netuid=1))[VALIDATOR] == {MINER: 1.0, OTHER_MINER: 1.0}


async def test_blocks_stream_without_gaps() -> None:
    """A head stream gives each block once; what is final stays behind it."""
    chain = LocalChain(genesis())
    async with serving(chain, BY_HAND) as url, bt.Subtensor(url) as client:
        numbers: list[int] = []
        async for header in client.blocks():
            numbers.append(header.number)
            if len(numbers) == 4:
                break
            chain.produce_block()

        assert numbers == [0, 1, 2, 3]
        assert await client.finalized_block() == 1


async def test_a_snapshot_reads_the_past() -> None:
    """A client pinned to a block sees the metagraph of that block."""
    chain = LocalChain(genesis(tempo=3))
    async with serving(chain, BY_HAND) as url, bt.Subtensor(url) as client:
        for _ in range(4):
            chain.produce_block()
        past = await (await client.at(2)).subnets.metagraph(1)
        now = await client.subnets.metagraph(1)

        assert past is not None
        assert now is not None
        assert (past.block, past.last_step) == (2, 0)
        assert (now.block, now.last_step) == (4, 3)


async def test_stored_records_decode_in_the_sdk() -> None:
    """Axons, accounts and a block's own events come through the codec as records."""
    chain = fast_chain()
    chain.register(neuron("late"))
    async with serving(chain, BY_HAND) as url, bt.Subtensor(url) as client:
        chain.produce_block()
        (event,) = await client.query(("System", "Events"), [])
        assert (event["phase"], event["event_id"]) == ("Initialization", "NeuronRegistered")
        assert event["attributes"] == (1, 4, neuron("late").hotkey)

    async with serving(chain) as url, bt.Subtensor(url) as client:
        assert (await client.execute(bt.ServeAxon(netuid=1, ip="::1", port=9_012), wallet(MINER))).success
        axon = await client.query(("SubtensorModule", "Axons"), [1, hotkey(MINER)])
        assert (axon["ip"], axon["ip_type"], axon["port"]) == (1, 6, 9_012)
        assert (await client.query(("System", "Account"), [hotkey(MINER)]))["nonce"] == 1


async def test_sealed_weights_of_the_sdk_are_taken_and_expire() -> None:
    """SetWeights commits under commit-reveal; the commit can be read, and is given up unopened after its epoch."""
    chain = fast_chain(commit_reveal=True, tempo=8)
    async with serving(chain) as url, bt.Subtensor(url) as client:
        result = await client.execute(bt.SetWeights(netuid=1, weights={MINER: 1}), wallet(VALIDATOR))
        assert result.success, result.message
        assert "TimelockedWeightsCommitted" in [event["event_id"] for event in result.events]
        ((epoch, (commit,)),) = (await client.weights.timelocked_weight_commits(netuid=1)).items()
        assert (commit["hotkey"], commit["reveal_round"]) == (hotkey(VALIDATOR), result.data["reveal_round"])

        expiry = 8 * (epoch + 2)
        await client.wait_for_block(expiry, timeout=10)
        events = await client.query(("System", "Events"), [], block=expiry)
        assert [event["event_id"] for event in events] == ["TimelockedWeightsNotRevealed"]
        assert await client.weights.timelocked_weight_commits(netuid=1) == {}
        assert await client.weights.weights(netuid=1) == {}


@pytest.mark.parametrize("weight", [65_535, 1])
async def test_a_stand_ins_commit_is_opened_by_the_node(weight: int) -> None:
    """The same call with a readable seal sets the row at its epoch, whatever bytes it holds."""
    chain = fast_chain(commit_reveal=True, tempo=4)
    async with serving(chain) as url, bt.Subtensor(url) as client:
        version = await client.query(("SubtensorModule", "CommitRevealWeightsVersion"), [])
        call = bt.calls.SubtensorModule.commit_timelocked_mechanism_weights(
            netuid=1,
            mecid=0,
            commit=seal([(MINER, weight)], 0, bytes(key(f"n{VALIDATOR}").public_key)),
            reveal_round=0,
            commit_reveal_version=version,
        )
        assert (await client.submit_call(call, wallet(VALIDATOR), signer="hotkey")).success
        await client.wait_for_epoch(1, timeout=10)

        assert await client.weights.weights(netuid=1) == {VALIDATOR: {MINER: 1.0}}


async def test_plain_weights_under_commit_reveal_are_disabled() -> None:
    """The chain's name for it reaches the client."""
    async with serving(fast_chain(commit_reveal=True)) as url, bt.Subtensor(url) as client:
        raw = bt.calls.SubtensorModule.set_mechanism_weights(
            netuid=1, mecid=0, dests=[MINER], weights=[1], version_key=0
        )
        refused = await client.submit_call(raw, wallet(VALIDATOR), signer="hotkey")

        assert (error_of(refused).name, error_of(refused).code) == ("CommitRevealEnabled", ErrorCode.DISABLED)


async def test_a_coldkey_registers_through_the_sdk() -> None:
    """The call that btcli's registration sends is included, and paid by the coldkey."""
    async with serving(fast_chain(burn_rao=10**9)) as url, bt.Subtensor(url) as client:
        call = bt.calls.SubtensorModule.burned_register(netuid=1, hotkey=neuron("late").hotkey)
        before = await client.balances.get(wallet(MINER).coldkey.ss58_address)
        registered = await client.submit_call(call, wallet(MINER), signer="coldkey")
        again = await client.submit_call(call, wallet(MINER), signer="coldkey")

        assert registered.success, registered.message
        assert error_of(again).name == "HotKeyAlreadyRegisteredInSubNet"
        assert await client.neurons.uid(hotkey_ss58=neuron("late").hotkey, netuid=1) == 4
        assert (before - await client.balances.get(wallet(MINER).coldkey.ss58_address)).rao == 10**9


async def test_a_client_follows_a_new_runtime() -> None:
    """A connection of before signs for the old version, which is a bad signature; a new one signs for the new."""
    chain = fast_chain(weights_rate_limit_blocks=0)
    weights = bt.SetWeights(netuid=1, weights={MINER: 1})
    async with serving(chain) as url, bt.Subtensor(url) as old:
        assert (await old.execute(weights, wallet(VALIDATOR))).success
        chain.upgrade_runtime()
        chain.produce_block()
        stale = await old.execute(weights, wallet(VALIDATOR))
        async with bt.Subtensor(url) as new:
            fresh = await new.execute(weights, wallet(VALIDATOR))

        assert (error_of(stale).name, error_of(stale).code) == ("BadProof", ErrorCode.INVALID_ARGUMENT)
        assert fresh.success, fresh.message


async def test_hashes_of_a_fork_that_is_gone_are_unknown() -> None:
    """After a reorganisation the heights have other hashes, and the old ones lead nowhere."""
    chain = LocalChain(genesis())
    for _ in range(3):
        chain.produce_block()
    rpc = Rpc(chain)
    old = rpc.answer("chain_getBlockHash", [2])
    chain.reorg()

    assert rpc.answer("chain_getBlockHash", [2]) != old
    assert rpc.answer("chain_getHeader", [old]) is None
    with pytest.raises(RpcError, match="UnknownBlock"):
        rpc.answer("state_getStorageAt", ["0x00", old])
    assert rpc.header(Block(2))["parentHash"] == rpc.hash_of(BlockId(Block(1), 0))
    assert (
        rpc.answer("chain_getFinalizedHead", []) == rpc.hash_of(Block(2)) == rpc.hash_of(BlockId(Block(2), 1))
    )

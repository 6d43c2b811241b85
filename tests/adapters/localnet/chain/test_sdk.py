"""The unmodified SDK against a real node on loopback."""

import attrs
import bittensor as bt
import pytest
from bittensor.error_map import ErrorCode
from bittensor.keyfiles import Keypair
from bittensor.result import ChainError, ExtrinsicResult

from adapters.localnet.chain import BY_HAND, LocalChain
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
        assert (metagraph.tempo, metagraph.raw["weights_rate_limit"], metagraph.price) == (7, 10, 1.0)
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
    """A head stream gives each block once, each linked to the one before."""
    chain = LocalChain(genesis())
    async with serving(chain, BY_HAND) as url, bt.Subtensor(url) as client:
        numbers: list[int] = []
        async for header in client.blocks():
            numbers.append(header.number)
            if len(numbers) == 4:
                break
            chain.produce_block()

        assert numbers == [0, 1, 2, 3]
        assert await client.finalized_block() == 3


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

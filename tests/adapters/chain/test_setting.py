"""Setting weights and publishing the axon, over real websockets."""

from pathlib import Path

import anyio
import pytest

from adapters.localnet.chain import BY_HAND, LocalChain
from core.types import Block, Uid, WeightsAccepted, WeightsRefused, WeightsUnknown
from effects.ports import Fault
from tests.adapters.chain.relay import Failure, relaying
from tests.adapters.chain.world import chain_of, opened, start_node, until
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, hotkey, serving

FIRST, SECOND = Uid(MINER), Uid(OTHER_MINER)
WEIGHTS = [(FIRST, 0.75), (SECOND, 0.25)]
SUBMISSION = "author_submitAndWatchExtrinsic"


def included(chain: LocalChain) -> bool:
    """Whether some block holds an extrinsic."""
    blocks = (chain.block(Block(number)) for number in range(chain.head + 1))
    return any(block is not None and block.extrinsics for block in blocks)


async def test_weights_are_accepted_and_the_chain_says_when(tmp_path: Path) -> None:
    """The block of the acceptance is that of the last update."""
    local = chain_of()
    async with serving(local) as endpoint, opened(endpoint, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsAccepted)
        assert await chain.last_update() == result.block


async def test_weights_too_soon_are_refused_until_later(tmp_path: Path) -> None:
    """The rate limit passes by itself, and the reason says when."""
    async with (
        serving(chain_of(weights_rate_limit_blocks=100_000)) as endpoint,
        opened(endpoint, tmp_path) as chain,
    ):
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_registered) == (True, False)
        assert "100000 blocks" in result.reason


async def test_weights_of_a_stranger_are_refused_as_such(tmp_path: Path) -> None:
    """That the hotkey is not registered is told apart from all other refusals."""
    async with serving(chain_of()) as endpoint, opened(endpoint, tmp_path, "stranger") as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_registered) == (False, True)


async def test_weights_without_a_permit_are_refused_for_good(tmp_path: Path) -> None:
    """No waiting helps; the chain's own name for it is in the reason."""
    async with serving(chain_of()) as endpoint, opened(endpoint, tmp_path, f"n{MINER}") as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_registered) == (False, False)
        assert "NeuronNoValidatorPermit" in result.reason


async def test_the_version_key_reaches_the_chain(tmp_path: Path) -> None:
    """A key below the subnet's is refused, the subnet's own is taken."""
    async with serving(chain_of(weights_version_key=5)) as endpoint, opened(endpoint, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 4)
        assert isinstance(result, WeightsRefused)
        assert not result.passing
        assert "IncorrectWeightVersionKey" in result.reason
        assert isinstance(await chain.set_weights(WEIGHTS, 5), WeightsAccepted)


async def test_a_weight_above_the_subnets_limit_is_clipped(tmp_path: Path) -> None:
    """What the chain would refuse as too large a share arrives within the limit."""
    async with serving(chain_of(max_weights_limit=32_768)) as endpoint, opened(endpoint, tmp_path) as chain:
        assert isinstance(await chain.set_weights([(FIRST, 0.99), (SECOND, 0.01)], 0), WeightsAccepted)


async def test_all_zero_weights_are_refused_for_good(tmp_path: Path) -> None:
    """Bad input is not tried again."""
    async with serving(chain_of()) as endpoint, opened(endpoint, tmp_path) as chain:
        result = await chain.set_weights([(FIRST, 0.0)], 0)
        assert isinstance(result, WeightsRefused)
        assert not result.passing


async def test_a_connection_lost_after_sending_leaves_the_result_unknown(tmp_path: Path) -> None:
    """The weights may have landed: here they did, and the last update tells."""
    local = chain_of()
    async with (
        serving(local) as endpoint,
        relaying(endpoint) as (relay, address),
        opened(address, tmp_path) as chain,
    ):
        relay.arm(SUBMISSION, Failure.CUT_AFTER)
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsUnknown)
        await until(lambda: included(local))
        assert await chain.last_update() > 0


async def test_a_connection_lost_before_sending_leaves_the_result_unknown(tmp_path: Path) -> None:
    """From here the two look the same: the last update tells that nothing landed, and a second try does."""
    async with (
        serving(chain_of()) as endpoint,
        relaying(endpoint) as (relay, address),
        opened(address, tmp_path) as chain,
    ):
        relay.arm(SUBMISSION, Failure.CUT_BEFORE)
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsUnknown)
        assert await chain.last_update() == 0
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)


async def test_a_node_killed_during_the_submission_leaves_the_result_unknown(tmp_path: Path) -> None:
    """The extrinsic waits in the pool as the node dies; once it is back, the last update tells what became of it."""
    local, results = chain_of(), list[object]()
    async with anyio.create_task_group() as tasks:
        port, kill = await start_node(tasks, local, block_time_s=BY_HAND)
        async with opened(f"ws://127.0.0.1:{port}", tmp_path) as chain:

            async def submit() -> None:
                results.append(await chain.set_weights(WEIGHTS, 0))

            tasks.start_soon(submit)
            await until(lambda: local.next_nonce(hotkey(VALIDATOR)) == 1)
            await kill()
            await until(lambda: bool(results))
            assert isinstance(results[0], WeightsUnknown)
            with pytest.raises(Fault):
                await chain.last_update()
            await start_node(tasks, local, port, BY_HAND)
            assert await chain.last_update() == 0
            local.produce_block()
            assert await chain.last_update() == local.head
        tasks.cancel_scope.cancel()


async def test_a_submission_that_is_never_answered_ends_unknown_in_time(tmp_path: Path) -> None:
    """A node that falls silent after the sending does not hold the validator up."""
    async with (
        serving(chain_of()) as endpoint,
        relaying(endpoint) as (relay, address),
        opened(address, tmp_path, submit_timeout_s=0.4) as chain,
    ):
        relay.arm(SUBMISSION, Failure.SILENCE)
        with anyio.fail_after(5):
            assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsUnknown)


async def test_silence_before_the_sending_is_a_refusal_that_passes(tmp_path: Path) -> None:
    """As long as nothing was sent, nothing is unknown."""
    local = chain_of()
    async with (
        serving(local) as endpoint,
        relaying(endpoint) as (relay, address),
        opened(address, tmp_path, read_timeout_s=0.4) as chain,
    ):
        relay.silent = True
        with anyio.fail_after(5):
            result = await chain.set_weights(WEIGHTS, 0)
    assert isinstance(result, WeightsRefused)
    assert result.passing
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_the_axon_is_published_once(tmp_path: Path) -> None:
    """The second time the chain has it already, and nothing is sent; another address replaces it."""
    local = chain_of(serving_rate_limit_blocks=0)
    async with serving(local) as endpoint:
        for axon, sent in (("127.0.0.1:8091", 1), ("127.0.0.1:8091", 1), ("[2001:db8::1]:8092", 2)):
            async with opened(endpoint, tmp_path, axon=axon) as chain:
                await chain.serve_axon()
                assert (await chain.metagraph()).neurons[VALIDATOR].axon == axon
                assert local.next_nonce(hotkey(VALIDATOR)) == sent


async def test_without_an_axon_nothing_is_published(tmp_path: Path) -> None:
    """A validator with its axon off leaves the chain alone."""
    local = chain_of()
    async with serving(local) as endpoint, opened(endpoint, tmp_path) as chain:
        await chain.serve_axon()
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_a_refused_axon_is_a_fault_in_the_chains_words(tmp_path: Path) -> None:
    """Publishing for a hotkey that is not registered fails with the address and the reason."""
    async with (
        serving(chain_of()) as endpoint,
        opened(endpoint, tmp_path, "stranger", axon="127.0.0.1:8091") as chain,
    ):
        with pytest.raises(Fault, match=r"publishing the axon 127\.0\.0\.1:8091: HotKeyNotRegistered"):
            await chain.serve_axon()

"""Setting weights and publishing the axon, on both fronts."""

import time
from pathlib import Path

import anyio
import pytest

from adapters.localnet.chain import BY_HAND, LocalChain, codec, metadata, storage
from adapters.localnet.chain.gate import Snap
from adapters.timelock import opened as unsealed
from core.quantise import FULL
from core.submission import STALE_S
from core.types import Block, Limits, Uid, WeightsAccepted, WeightsRefused, WeightsUnknown
from effects.ports import Fault
from tests.adapters.chain.world import Reach, chain_of, opened, start_node, until
from tests.adapters.localnet.chain.world import MINER, OTHER_MINER, VALIDATOR, hotkey, neuron

FIRST, SECOND = Uid(MINER), Uid(OTHER_MINER)
WEIGHTS = [(FIRST, 0.75), (SECOND, 0.25)]
OWNERS = [hotkey(MINER), hotkey(OTHER_MINER)]
ROW = ((MINER, FULL), (OTHER_MINER, 21_845))
SUBMISSION = "author_submitAndWatchExtrinsic"


def included(chain: LocalChain) -> bool:
    """Whether some block holds an extrinsic."""
    blocks = (chain.block(Block(number)) for number in range(chain.head + 1))
    return any(block is not None and block.extrinsics for block in blocks)


def stored(chain: LocalChain) -> tuple[tuple[int, int], ...]:
    """Our row as the chain has it."""
    return chain.at().get(storage.WEIGHTS, 1, VALIDATOR)


async def test_weights_are_accepted_and_the_chain_says_when(reach: Reach, tmp_path: Path) -> None:
    """The block of the acceptance is that of the last update; the row that was sent is the row that is there."""
    local = chain_of(max_weights_limit=60_000, weights_version_key=7)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 7, OWNERS)
        assert isinstance(result, WeightsAccepted)
        assert await chain.last_update() == result.block
        assert result.row == stored(local) == ROW
        assert result.limits == Limits(result.limits.block if result.limits else Block(0), 1, 60_000, 7)


async def test_weights_too_soon_wait_for_their_block(reach: Reach, tmp_path: Path) -> None:
    """The rate limit passes by itself, and the refusal says when; nothing is sent for it."""
    local = chain_of(weights_rate_limit_blocks=100_000)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        accepted = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(accepted, WeightsAccepted)
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_before) == (True, accepted.block + 100_000)
    assert local.next_nonce(hotkey(VALIDATOR)) == 1


async def test_weights_of_a_stranger_are_refused_as_such(reach: Reach, tmp_path: Path) -> None:
    """That the hotkey is not registered is told apart from all other refusals."""
    async with reach(chain_of()) as way, opened(way, tmp_path, "stranger") as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_registered) == (False, True)


async def test_weights_without_a_permit_wait_for_the_next_epoch(reach: Reach, tmp_path: Path) -> None:
    """Only an epoch gives one; the chain's own name for it is in the reason."""
    async with reach(chain_of(tempo=1000)) as way, opened(way, tmp_path, f"n{MINER}") as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert (result.passing, result.not_before) == (True, 1000)
        assert "NeuronNoValidatorPermit" in result.reason


async def test_too_little_stake_is_told_before_anything_is_sent(reach: Reach, tmp_path: Path) -> None:
    """The chain's threshold is read, and what we have stands beside it."""
    local = chain_of(stake_threshold_rao=5_000 * 10**9)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert not result.passing
        assert "stake of 3000, 5000 is needed" in result.reason
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_the_subnets_owner_needs_neither_permit_nor_stake(reach: Reach, tmp_path: Path) -> None:
    """As on the chain, where its weights are taken whatever it has."""
    local = chain_of(stake_threshold_rao=5_000 * 10**9, owner_hotkey=hotkey(OTHER_MINER))
    async with reach(local) as way, opened(way, tmp_path, f"n{OTHER_MINER}") as chain:
        assert isinstance(await chain.set_weights([(FIRST, 1.0)], 0), WeightsAccepted)
    assert local.at().get(storage.WEIGHTS, 1, OTHER_MINER) == ((MINER, FULL),)


async def test_the_version_key_is_read_from_the_chain(reach: Reach, tmp_path: Path) -> None:
    """One below the subnet's asks for an update and sends nothing, the subnet's own is taken."""
    local = chain_of(weights_version_key=5)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 4)
        assert isinstance(result, WeightsRefused)
        assert not result.passing
        assert "the subnet wants 5, this program is 4" in result.reason
        assert local.next_nonce(hotkey(VALIDATOR)) == 0
        assert isinstance(await chain.set_weights(WEIGHTS, 5), WeightsAccepted)


@pytest.mark.parametrize("limit_u16", [32_768, 40_000, 65_534])
async def test_a_weight_above_the_subnets_limit_is_clipped(
    reach: Reach, tmp_path: Path, limit_u16: int
) -> None:
    """What the chain would refuse as too large a share arrives within the limit."""
    local = chain_of(max_weights_limit=limit_u16)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        assert isinstance(await chain.set_weights([(FIRST, 0.99), (SECOND, 0.01)], 0), WeightsAccepted)
    row = dict(stored(local))
    assert max(row.values()) / sum(row.values()) == pytest.approx(min(0.99, limit_u16 / FULL), abs=1e-4)


@pytest.mark.parametrize("least", [4, 1024])
async def test_zeros_fill_up_to_the_subnets_least(reach: Reach, tmp_path: Path, least: int) -> None:
    """Where the SDK would refuse, the chain takes explicit zeros, and wants no more entries than it has uids."""
    local = chain_of(min_allowed_weights=least)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)
    assert stored(local) == ((0, 0), (1, 0), *ROW)


async def test_all_zero_weights_are_refused(reach: Reach, tmp_path: Path) -> None:
    """There is nothing to send."""
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path) as chain:
        assert isinstance(await chain.set_weights([(FIRST, 0.0)], 0), WeightsRefused)
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_a_runtime_without_the_item_that_the_sdk_wants_takes_the_raw_call(
    reach: Reach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older runtimes have no SubnetEpochConsensus, and the SDK's own intent fails on them."""
    older = tuple(item for item in storage.ITEMS if item.name != "SubnetEpochConsensus")
    for module in (metadata, codec):
        monkeypatch.setattr(module, "ITEMS", older)
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path) as chain:
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)
    assert stored(local) == ROW


async def test_who_has_taken_over_a_uid_gets_nothing(reach: Reach, tmp_path: Path) -> None:
    """The uid changed hands between the decision and the sending: its weight goes to nobody."""
    local = chain_of()
    async with (
        reach(local, BY_HAND) as way,
        opened(way, tmp_path) as chain,
        anyio.create_task_group() as tasks,
    ):
        local.replace(SECOND, neuron("newcomer"))
        local.produce_block()
        tasks.start_soon(_block_when_waiting, local)
        assert isinstance(await chain.set_weights(WEIGHTS, 0, OWNERS), WeightsAccepted)
    assert stored(local) == ((MINER, FULL),)


async def _block_when_waiting(local: LocalChain) -> None:
    await until(lambda: local.next_nonce(hotkey(VALIDATOR)) == 1)
    local.produce_block()


async def test_a_head_that_stands_still_stops_weights(reach: Reach, tmp_path: Path) -> None:
    """Nothing is sent on a head more than ten minutes old; the refusal says how old, and that it can pass."""
    local = chain_of(started_ms=round((time.time() - STALE_S - 30) * 1000))
    async with reach(local, BY_HAND) as way, opened(way, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert result.passing
        assert "is 11 minutes old" in result.reason or "is 10 minutes old" in result.reason
        assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_with_commit_reveal_the_weights_are_committed_and_revealed_later(
    reach: Reach, tmp_path: Path
) -> None:
    """On a local chain by the stand-in: the last update is the commit's, the row appears when the chain opens it."""
    local = chain_of(commit_reveal=True, tempo=5)
    async with reach(local) as way, opened(way, tmp_path, is_local=True) as chain:
        result = await chain.set_weights(WEIGHTS, 0, OWNERS)
        assert isinstance(result, WeightsAccepted)
        assert result.limits is not None
        assert result.limits.commit_reveal
        assert await chain.last_update() == result.block
        assert stored(local) == ()
        await until(lambda: stored(local) == ROW)


async def test_the_stand_in_is_for_who_asks_for_it(reach: Reach, tmp_path: Path) -> None:
    """A chain cannot talk a validator into showing its weights: without the setting they are not committed."""
    local = chain_of(commit_reveal=True)
    async with reach(local) as way, opened(way, tmp_path) as chain:
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert not result.passing
        assert "IncorrectCommitRevealVersion" in result.reason
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


@pytest.mark.parametrize("least", [1, 4])
async def test_under_drands_time_lock_the_commitment_is_the_sdks(
    reach: Reach, tmp_path: Path, least: int
) -> None:
    """On a chain of version 4, by the SDK's intent or by the raw call: accepted, and nobody can read it."""
    local = chain_of(commit_reveal=True, min_allowed_weights=least, reveal_version=4, block_time_s=12.0)
    async with reach(local, 0.05) as way, opened(way, tmp_path) as chain:
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)
        (epoch,) = local.at().keys(storage.TIMELOCKED_WEIGHT_COMMITS)
    ((_, _, commit, _),) = local.at().get(storage.TIMELOCKED_WEIGHT_COMMITS, *epoch)
    assert unsealed(commit) is None


async def test_a_connection_lost_after_sending_leaves_the_result_unknown(
    reach: Reach, tmp_path: Path
) -> None:
    """The weights may have landed: here they did, and the last update tells."""
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path) as chain:
        way.gate.snare(Snap.CUT_AFTER, SUBMISSION)
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsUnknown)
        await until(lambda: included(local))
        assert await chain.last_update() > 0


async def test_a_connection_lost_before_sending_leaves_the_result_unknown(
    reach: Reach, tmp_path: Path
) -> None:
    """From here the two look the same: the last update tells that nothing landed, and a second try does."""
    async with reach(chain_of()) as way, opened(way, tmp_path) as chain:
        way.gate.snare(Snap.CUT_BEFORE, SUBMISSION)
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


async def test_a_submission_that_is_never_answered_ends_unknown_in_time(reach: Reach, tmp_path: Path) -> None:
    """A node that falls silent after the sending does not hold the validator up."""
    async with reach(chain_of()) as way, opened(way, tmp_path, submit_timeout_s=0.4) as chain:
        way.gate.snare(Snap.SILENCE, SUBMISSION)
        with anyio.fail_after(5):
            assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsUnknown)


async def test_silence_before_the_sending_is_a_refusal_that_passes(reach: Reach, tmp_path: Path) -> None:
    """As long as nothing was sent, nothing is unknown."""
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path, read_timeout_s=0.4) as chain:
        way.gate.half_open()
        with anyio.fail_after(5):
            result = await chain.set_weights(WEIGHTS, 0)
    assert isinstance(result, WeightsRefused)
    assert result.passing
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_after_a_runtime_upgrade_the_second_try_lands(reach: Reach, tmp_path: Path) -> None:
    """What was signed for the old runtime is refused; the next try, seconds later, is made by a new client for the new one."""
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path, axon="127.0.0.1:8091") as chain:
        local.upgrade_runtime()
        await until(lambda: local.at().spec_version() > metadata.SPEC_VERSION)
        result = await chain.set_weights(WEIGHTS, 0)
        assert isinstance(result, WeightsRefused)
        assert result.passing
        assert isinstance(await chain.set_weights(WEIGHTS, 0), WeightsAccepted)
        await chain.serve_axon()
        assert (await chain.metagraph()).neurons[VALIDATOR].axon == "127.0.0.1:8091"


async def test_the_axon_is_published_once(reach: Reach, tmp_path: Path) -> None:
    """The second time the chain has it already, and nothing is sent; another address replaces it."""
    local = chain_of(serving_rate_limit_blocks=0)
    async with reach(local) as way:
        for axon, sent in (("127.0.0.1:8091", 1), ("127.0.0.1:8091", 1), ("[2001:db8::1]:8092", 2)):
            async with opened(way, tmp_path, axon=axon) as chain:
                await chain.serve_axon()
                assert (await chain.metagraph()).neurons[VALIDATOR].axon == axon
                assert local.next_nonce(hotkey(VALIDATOR)) == sent


async def test_without_an_axon_nothing_is_published(reach: Reach, tmp_path: Path) -> None:
    """A validator with its axon off leaves the chain alone."""
    local = chain_of()
    async with reach(local) as way, opened(way, tmp_path) as chain:
        await chain.serve_axon()
    assert local.next_nonce(hotkey(VALIDATOR)) == 0


async def test_a_refused_axon_is_a_fault_in_the_chains_words(reach: Reach, tmp_path: Path) -> None:
    """Publishing for a hotkey that is not registered fails with the address and the reason."""
    async with (
        reach(chain_of()) as way,
        opened(way, tmp_path, "stranger", axon="127.0.0.1:8091") as chain,
    ):
        with pytest.raises(Fault, match=r"publishing the axon 127\.0\.0\.1:8091: HotKeyNotRegistered"):
            await chain.serve_axon()

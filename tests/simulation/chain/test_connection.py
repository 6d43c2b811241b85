"""Faults of the way to the simulated chain, of its pool and of its blocks: each does what its name says, and comes to an end."""

import anyio
import pytest

from core.submission import STALE_S
from core.types import Block, WeightsAccepted, WeightsRefused, WeightsUnknown
from effects.ports import Fault
from tests.simulation.chain import Dead, Landed, Pending
from tests.simulation.chain.names import OF_NODES, POOL_NAMES, of_pool, of_watch
from tests.simulation.chain.scene import BLOCK_S, Scene, scene
from tests.simulation.chain.submitting import STATUSES
from tests.simulation.kinds import Kind


async def test_a_reading_breaks_off() -> None:
    """A dropped reading is a fault, and the next one is not."""
    async with scene(once=(Kind.READ_DROPPED, 1)) as here:
        with pytest.raises(Fault, match="lost"):
            await here.chain.metagraph()
        await here.chain.last_update()


async def test_a_reading_is_not_answered() -> None:
    """A silent chain is against us as long as it is silent, and a fault in the end."""
    async with scene(once=(Kind.READ_SILENT, 1)) as here:
        began_s = anyio.current_time()
        with pytest.raises(Fault, match="no answer"):
            await here.chain.last_update()
        assert 20 <= anyio.current_time() - began_s < 95
        assert here.chain.trouble_until >= here.chain.head


async def test_a_connection_breaks_before_weights_are_sent() -> None:
    """Then nothing was sent, and they may be sent again."""
    async with scene(once=(Kind.CUT_BEFORE, 1)) as here:
        refused = await here.weigh()
        assert isinstance(refused, WeightsRefused)
        assert refused.passing
        assert not here.chain.submissions
        assert isinstance(await here.weigh(), WeightsAccepted)


async def test_a_connection_breaks_after_weights_were_sent() -> None:
    """Then they land unseen, and the chain is in trouble until they have."""
    async with scene(once=(Kind.CUT_AFTER, 1)) as here:
        assert isinstance(await here.weigh(), WeightsUnknown)
        (sent,) = here.chain.submissions
        assert (here.chain.in_flight(), here.chain.trouble_until) == (1, sent.dies_at + 1)
        await here.on(1)
        assert here.chain.fate(sent) == Landed(here.chain.head)
        assert await here.chain.last_update() == here.chain.head
        assert here.chain.trouble_until < here.chain.head


async def test_a_submission_is_not_answered() -> None:
    """It was heard or it was not: seeds know both; one that was not is void after its era."""
    fates = set()
    for seed in range(1, 9):
        async with scene(once=(Kind.SEND_SILENT, 1), seed=seed) as here:
            began_s = anyio.current_time()
            assert isinstance(await here.weigh(), WeightsUnknown)
            assert anyio.current_time() - began_s >= 60
            (sent,) = here.chain.submissions
            await here.to(sent.dies_at)
            fates.add(type(here.chain.fate(sent)))
    assert fates == {Landed, Dead}


async def test_the_chain_is_away() -> None:
    """For a while it cannot be reached by anybody; what happened meanwhile is told afterwards."""
    async with scene(once=(Kind.CHAIN_AWAY, 5)) as here:
        await here.to(5)
        gone_at = here.chain.head
        with pytest.raises(Fault, match="reached"):
            await here.chain.metagraph()
        assert isinstance(await here.weigh_now(), WeightsRefused)
        metagraph = await here.metagraph()
        assert here.chain.trouble_until >= metagraph.block > gone_at
        await here.on(2)
        await anyio.sleep(2)
        assert here.heads == list(range(1, here.chain.head + 1))


async def test_a_chain_that_goes_away_leaves_a_submission_open() -> None:
    """Who waits for a block as the connection breaks does not know what became of the weights."""
    async with scene(once=(Kind.CHAIN_AWAY, 2)) as here:
        await here.to(1)
        assert isinstance(await here.weigh(), WeightsUnknown)
        (sent,) = here.chain.submissions
        assert here.chain.fate(sent) == Landed(Block(2))


async def test_heads_get_stuck() -> None:
    """No heads arrive, all else is answered; then all of them do."""
    async with scene(once=(Kind.BLOCKS_STUCK, 3)) as here:
        await here.to(4)
        assert (await here.chain.metagraph()).block == 4
        assert here.heads == [1, 2]
        await here.on(40)
        await anyio.sleep(2)
        assert here.heads == list(range(1, here.chain.head + 1))


async def test_an_old_head_comes_again() -> None:
    """A head that was told of, or one before it, is told of once more."""
    async with scene({Kind.BLOCK_AGAIN: 0.5}) as here:
        await here.to(40)
        await anyio.sleep(2)
    again = [after for before, after in zip(here.heads, here.heads[1:], strict=False) if after <= before]
    assert len(again) >= here.struck(Kind.BLOCK_AGAIN) > 5
    assert sorted(set(here.heads)) == list(range(1, 41))


async def test_the_axon_is_refused() -> None:
    """Then the address is not on chain, and the next attempt puts it there."""
    async with scene(once=(Kind.SERVE_REFUSED, 1)) as here:
        with pytest.raises(Fault, match="ServingRateLimitExceeded"):
            await here.chain.serve_axon()
        assert (await here.metagraph()).neurons[0].axon is None
        await here.chain.serve_axon()
        assert (await here.metagraph()).neurons[0].axon is not None


async def test_the_pool_refuses() -> None:
    """It does for many reasons, by its own rules or by whim, and what it refuses never lands."""
    reasons = set()
    async with scene({Kind.POOL_REFUSED: 1.0}) as here:
        for _ in range(60):
            result = await here.weigh()
            assert isinstance(result, WeightsRefused | WeightsUnknown)
            reasons.add(result.reason.partition(":")[0])
            assert here.chain.in_flight() == 0
        await here.on(2)
        assert not here.chain.landed
        assert not here.chain.doubled
        assert all(isinstance(here.chain.fate(sent), Dead) for sent in here.chain.submissions)
    assert reasons > {"Stale", "BadProof", "PriorityTooLow", "AlreadyImported", "Payment", "Future"}


async def test_an_extrinsic_is_never_included() -> None:
    """The pool takes it, and it waits until it is void; so long nobody can know."""
    async with scene(once=(Kind.EXTRINSIC_DROPPED, 1)) as here:
        assert isinstance(await here.weigh(), WeightsUnknown)
        (sent,) = here.chain.submissions
        assert (here.chain.fate(sent), here.chain.in_flight()) == (Pending(), 1)
        await here.to(sent.dies_at)
        assert (here.chain.fate(sent), here.chain.in_flight()) == (Dead(), 0)
        assert not here.chain.landed


async def _longest_pause_s(here: Scene, blocks: int) -> float:
    longest_s, moved_s, head = 0.0, anyio.current_time(), here.chain.head
    while here.chain.head < blocks:
        await anyio.sleep(1)
        if here.chain.head > head:
            head, moved_s = here.chain.head, anyio.current_time()
        longest_s = max(longest_s, anyio.current_time() - moved_s)
    return longest_s


async def test_the_chain_halts() -> None:
    """No block comes for minutes."""
    async with scene(once=(Kind.CHAIN_HALTED, 4)) as here:
        assert 300 <= await _longest_pause_s(here, 8) <= 915


async def test_a_halted_chain_takes_no_weights() -> None:
    """Some halts are long enough that the core takes the head for stale."""
    reasons = ""
    for seed in range(1, 13):
        async with scene(once=(Kind.CHAIN_HALTED, 2), seed=seed) as here:
            await here.to(2)
            await anyio.sleep(STALE_S + BLOCK_S)
            result = await here.weigh()
            reasons += result.reason if isinstance(result, WeightsRefused) else ""
    assert "stands still" in reasons


async def test_blocks_are_given_up() -> None:
    """At each block others may take the place of the last ones: what is said to have landed is what stands in the chain."""
    async with scene({Kind.REORGANISED: 0.5}) as here:
        for _ in range(40):
            await here.weigh()
            await here.on(2)
            landed, seen = here.chain.landed, await here.chain.last_update()
            assert not landed or seen >= max(landed)
        blocks = here.chain._subnet.chain
        assert blocks.id_of(here.chain.head).fork > 20
        assert here.heads == sorted(set(here.heads))
    lost = [sent for sent in here.chain.submissions if isinstance(here.chain.fate(sent), Dead)]
    assert here.chain.landed
    assert lost


async def test_what_was_signed_for_an_older_runtime_is_refused() -> None:
    """After an upgrade the first submission has a bad signature, and the next one none."""
    async with scene(once=(Kind.RUNTIME_UPGRADED, 3)) as here:
        await here.to(4)
        refused = await here.weigh()
        assert isinstance(refused, WeightsRefused)
        assert refused.reason.startswith("BadProof")
        assert isinstance(await here.weigh(), WeightsAccepted)


def test_errors_are_called_what_the_sdk_calls_them() -> None:
    """What a node says has the name here that the real client's SDK gives it."""
    from bittensor.result import chain_error_from_substrate_request as named

    for words, name in POOL_NAMES.items():
        assert named(Exception(f"Invalid Transaction: {words}")).name == name
    for whim in OF_NODES:
        assert named(Exception(str(whim))).name == of_pool(whim).name
    for status in STATUSES:
        assert named(Exception(of_watch(status).message)).name == status

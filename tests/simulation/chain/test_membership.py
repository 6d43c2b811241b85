"""Faults of who is on the simulated subnet: each is seen in the metagraph, and we stay in it unless we are deregistered."""

import pytest

from core.types import Metagraph, Neuron, Target, Uid, WeightsAccepted, WeightsRefused
from tests.simulation.chain import OWN_AXON
from tests.simulation.chain.scene import OWN, Scene, axons, hotkeys, scene
from tests.simulation.kinds import Kind

HIDING = (Kind.METAGRAPH_SHRINKS, Kind.METAGRAPH_EMPTY, Kind.MALFORMED_NEURON)
MOVING = (Kind.AXON_ODD, Kind.AXON_OURS, Kind.ONE_ADDRESS)


async def _before_and_after(here: Scene) -> tuple[Metagraph, Metagraph]:
    """Of the fault that strikes at the third block."""
    await here.to(1)
    before = await here.metagraph()
    await here.to(3)
    after = await here.metagraph()
    assert any(neuron.hotkey == OWN for neuron in after.neurons)
    return before, after


async def test_a_uid_changes_hands() -> None:
    """One miner is another one, at another address."""
    async with scene(once=(Kind.REPLACED, 3)) as here:
        before, after = map(hotkeys, await _before_and_after(here))
        (uid,) = [uid for uid, hotkey in before.items() if after[uid] != hotkey]
        assert here.chain.owner_of(uid) == after[uid]
        assert not here.chain.registered(before[uid])


async def test_a_prompted_uid_changes_hands() -> None:
    """One of those who are being prompted is another one with the next block; whom nobody prompts stays."""
    async with scene(once=(Kind.REPLACED_MID_STEP, 1)) as here:
        await here.to(1)
        before = hotkeys(await here.metagraph())
        targets = [Target(Uid(uid), before[Uid(uid)], "") for uid in (2, 5)]
        here.chain.queried(targets)
        assert hotkeys(await here.metagraph()) == before
        await here.on(1)
        after = hotkeys(await here.metagraph())
        (uid,) = [uid for uid, hotkey in before.items() if after[uid] != hotkey]
        assert uid in {2, 5}


async def test_who_lost_its_uid_gets_nothing() -> None:
    """A replacement between a decision and its sending takes the uid out of the row."""
    async with scene(once=(Kind.REPLACED_MID_STEP, 1)) as here:
        await here.to(1)
        there = hotkeys(await here.metagraph())
        here.chain.queried([Target(Uid(2), there[Uid(2)], "")])
        await here.on(1)
        owners = [there[Uid(1)], there[Uid(2)]]
        result = await here.chain.set_weights([(Uid(1), 0.5), (Uid(2), 0.5)], 3_000, owners)
        assert isinstance(result, WeightsAccepted)
        assert result.row == ((1, 65_535),)


async def test_miners_join() -> None:
    """Now and then, until the subnet is full but for one place, which is ours."""
    async with scene({Kind.JOINED: 0.5}) as here:
        before = hotkeys(await here.metagraph())
        await here.to(60)
        after = hotkeys(await here.metagraph())
    assert len(after) == len(before) + 15
    assert before.items() <= after.items()


@pytest.mark.parametrize("kind", HIDING)
@pytest.mark.parametrize("seed", range(1, 5))
async def test_miners_disappear(kind: Kind, seed: int) -> None:
    """Some are not shown any more; all that were hidden for a while come back."""
    async with scene(once=(kind, 3), seed=seed) as here:
        before, after = await _before_and_after(here)
        lost = hotkeys(before).keys() - hotkeys(after).keys()
        assert lost
        assert kind is not Kind.METAGRAPH_EMPTY or len(after.neurons) == 1
        assert kind is not Kind.MALFORMED_NEURON or len(lost) == 1
        await here.on(155)
        assert kind is not Kind.METAGRAPH_EMPTY or hotkeys(await here.metagraph()) == hotkeys(before)


@pytest.mark.parametrize("kind", MOVING)
@pytest.mark.parametrize("seed", range(1, 5))
async def test_axons_move(kind: Kind, seed: int) -> None:
    """Some listen elsewhere: at a place that cannot be dialled, at ours, or all at the same."""
    async with scene(once=(kind, 3), seed=seed) as here:
        before, after = map(axons, await _before_and_after(here))
        moved = {hotkey: after[hotkey] for hotkey in before if after[hotkey] != before[hotkey]}
        assert len(moved) == (3 if kind is Kind.ONE_ADDRESS else 1)
        assert len(set(moved.values())) == 1
        assert (OWN_AXON in moved.values()) == (kind is Kind.AXON_OURS)


async def test_a_miner_becomes_a_large_validator() -> None:
    """It has a permit, and more stake than who is prompted may have."""
    async with scene(once=(Kind.BECAME_VALIDATOR, 3)) as here:
        before, after = await _before_and_after(here)
    assert len(_large(before)) == 1
    assert len(_large(after)) == 2


def _large(metagraph: Metagraph) -> list[Neuron]:
    return [neuron for neuron in metagraph.neurons if neuron.validator_permit and neuron.stake_tao > 4_096]


async def test_our_hotkey_is_deregistered_and_registered_again() -> None:
    """Weights are refused until the operator has registered it again, and an epoch has given it a permit."""
    async with scene(once=(Kind.DEREGISTERED, 3)) as here:
        await here.to(3)
        assert not here.chain.registered(OWN)
        refused = await here.weigh()
        assert isinstance(refused, WeightsRefused)
        assert refused.not_registered
        for _ in range(3):
            here.chain.register_again()
        await here.on(1)
        assert here.chain.registered(OWN)
        assert here.chain.trouble_until >= here.chain.head
        while not here.chain.may_set(here.chain.head):
            await here.on(1)
        await here.on(1)
        assert isinstance(await here.weigh(), WeightsAccepted)
        assert here.chain.head < 20


async def test_we_are_registered_on_a_full_subnet() -> None:
    """Somebody makes room for us, however often that is."""
    async with scene({Kind.DEREGISTERED: 0.2, Kind.JOINED: 1.0}) as here:
        while here.chain.head < 200:
            here.chain.register_again()
            await here.on(1)
            assert here.chain.registered(OWN) or here.struck(Kind.DEREGISTERED)
    assert here.struck(Kind.DEREGISTERED) > 20

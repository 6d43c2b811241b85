"""The simulated chain: weights land, what was sent is kept account of, the same seed does the same."""

from contextlib import suppress
from functools import partial

import anyio
import pytest

from core.types import Block, Target, WeightsAccepted, WeightsRefused
from core.version import VERSION_KEY
from effects.ports import Fault
from tests.simulation.chain import OWN_AXON, Dead, Landed, Pending, SimulatedChain
from tests.simulation.chain.conftest import anyio_backend as anyio_backend  # noqa: PLC0414 - a fixture for this module, too
from tests.simulation.chain.scene import BLOCK_S, OWN, Scene, scene
from tests.simulation.kinds import Kind
from tests.simulation.loop import SeededLoop
from tests.simulation.rates import RATES

KINDS = list(Kind)
OURS = KINDS[KINDS.index(Kind.READ_DROPPED) : KINDS.index(Kind.ONE_ADDRESS) + 1]


async def test_a_clean_chain_takes_weights_in_each_window() -> None:
    """Weights land as often as the rate limit lets them, and stand in the chain as they were sent."""
    async with scene() as here:
        for number in range(1, 11):
            result = await here.weigh()
            assert isinstance(result, WeightsAccepted)
            sent = here.chain.submissions[-1]
            assert sent.number == number
            assert here.chain.fate(sent) == Landed(result.block)
            assert here.chain.landed[result.block] == result.row == sent.row
            assert await here.chain.last_update() == result.block
            await here.to(result.block + 5)
    # What is sent at the head at which the limit ends lands one block later.
    assert list(here.chain.landed) == [1 + 6 * window for window in range(10)]
    assert here.chain.in_flight() == len(here.chain.doubled) == here.chain.trouble_until == 0


async def test_between_windows_weights_are_refused() -> None:
    """Before its window, a submission is refused with the block at which that comes, and the chain says so, too."""
    async with scene() as here:
        landed = await here.weigh()
        assert isinstance(landed, WeightsAccepted)
        refused = await here.weigh()
        assert isinstance(refused, WeightsRefused)
        assert refused.not_before == landed.block + 5
        assert not here.chain.may_set(landed.block)
        await here.to(landed.block + 4)
        assert here.chain.may_set(Block(landed.block + 4))


async def test_heads_come_in_order() -> None:
    """Every block is told of, once."""
    async with scene() as here:
        await here.to(30)
        await anyio.sleep(2)
    assert here.heads == list(range(1, 31))


async def test_two_submissions_at_once_are_noticed() -> None:
    """What is sent while another submission could still land is kept."""
    async with scene() as here:
        await here.to(1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.weigh)
            tasks.start_soon(here.weigh)
    assert here.chain.doubled == here.chain.submissions[1:2]


async def test_a_cancelled_submission_stays_in_the_pool() -> None:
    """Who stops waiting takes nothing back: the weights land with the next block."""
    async with scene() as here:
        await here.to(1)
        with anyio.move_on_after(5) as scope:
            await here.weigh()
        assert scope.cancelled_caught
        (sent,) = here.chain.submissions
        assert (here.chain.in_flight(), here.chain.fate(sent)) == (1, Pending())
        await here.on(1)
        assert (here.chain.in_flight(), here.chain.fate(sent)) == (0, Landed(Block(2)))


async def test_a_call_may_be_cancelled_at_any_moment() -> None:
    """Whenever a submission is cancelled, it was sent wholly or not at all, and the next one goes its way."""
    async with scene() as here:
        for tenths in range(1, 60):
            with anyio.move_on_after(tenths / 3):
                await here.weigh()
            await here.on(6)
            assert here.chain.in_flight() == 0
        assert not here.chain.doubled
        assert len(here.chain.landed) == len(here.chain.submissions) > 20


async def test_the_axon_is_published_once() -> None:
    """The address stands in the metagraph after the first call, and the second has nothing to do."""
    async with scene() as here:
        await here.chain.serve_axon()
        head = here.chain.head
        await here.chain.serve_axon()
        assert here.chain.head == head
        neurons = (await here.metagraph()).neurons
    assert [neuron.uid for neuron in neurons if neuron.axon == OWN_AXON] == [0]


async def test_a_machine_that_slept_finds_the_chain_in_its_present() -> None:
    """Blocks came meanwhile, each at its time."""
    async with scene() as here:
        await here.to(3)
        here.clock.suspend(100 * BLOCK_S)
        assert (await here.metagraph()).block >= 103
        result = await here.weigh()
    assert isinstance(result, WeightsAccepted)


@pytest.mark.parametrize("miners", [0, 1, 255, 1023])
async def test_sizes(miners: int) -> None:
    """A subnet may be as large as it likes."""
    async with scene(miners=miners) as here:
        await here.to(2)
        assert len((await here.metagraph()).neurons) == miners + 1
        if miners:
            assert isinstance(await here.weigh(), WeightsAccepted)


async def _live(here: Scene, blocks: int) -> tuple[object, ...]:
    """Do all that a validator does, now and then."""
    results = []
    while here.chain.head < blocks:
        metagraph = await here.metagraph()
        if all(neuron.hotkey != OWN for neuron in metagraph.neurons):
            here.chain.register_again()
        targets = [Target(neuron.uid, neuron.hotkey, neuron.axon or "") for neuron in metagraph.neurons[1:4]]
        here.chain.queried(targets)
        with anyio.move_on_after(180):
            await _publish(here.chain)
            weights = [(target.uid, 0.25) for target in targets]
            results.append(await here.chain.set_weights(weights, VERSION_KEY))
        await anyio.sleep(5 * BLOCK_S)
    chain = here.chain
    fates = [chain.fate(sent) for sent in chain.submissions]
    return results, here.heads, here.dice.strikes, chain.landed, chain.elsewhere, fates, chain.trouble_until


async def _publish(chain: SimulatedChain) -> None:
    with suppress(Fault):
        await chain.serve_axon()


def _lived(seed: int, factor: float, blocks: int) -> tuple[object, ...]:
    async def main() -> tuple[object, ...]:
        async with scene({kind: min(1.0, factor * RATES[kind]) for kind in OURS}, seed=seed) as here:
            return await _live(here, blocks)

    loop = partial(SeededLoop, seed)
    return anyio.run(main, backend="asyncio", backend_options={"loop_factory": loop})


def test_the_same_seed_does_the_same() -> None:
    """Two runs of a seed are alike to the last block; another seed's is not."""
    assert _lived(1, 1.0, 400) == _lived(1, 1.0, 400) != _lived(2, 1.0, 400)


def test_every_kind_strikes_and_every_fate_is_met() -> None:
    """At the rates of simulations, a few runs meet each kind of fault that is the chain's, and some weights land all the same."""
    struck: set[Kind] = set()
    fates: set[type] = set()
    for seed in range(1, 9):
        _, _, strikes, landed, _, ends, _ = _lived(seed, 2.0, 600)
        struck |= {strike.kind for strike in strikes}  # type: ignore[attr-defined]  # as `_live` returns them
        fates |= {type(fate) for fate in ends}  # type: ignore[attr-defined]
        assert landed
    assert struck == set(OURS)
    assert fates >= {Landed, Dead}

"""Faults of what the simulated subnet asks of weights: they are refused for a while, and taken again."""

import pytest

from adapters.localnet.chain import storage
from core.types import WeightsAccepted, WeightsRefused
from tests.simulation.chain.scene import Scene, scene
from tests.simulation.kinds import Kind

DEMANDS = (
    (Kind.RATE_LIMITED, "weights were set"),
    (Kind.NO_PERMIT, "NeuronNoValidatorPermit"),
    (Kind.NO_STAKE, "NotEnoughStakeToSetWeights"),
    (Kind.VERSION_TOO_LOW, "IncorrectWeightVersionKey"),
)


@pytest.mark.parametrize(("kind", "reason"), DEMANDS)
@pytest.mark.parametrize("seed", range(1, 6))
async def test_weights_are_refused_and_taken_again(kind: Kind, reason: str, seed: int) -> None:
    """The demand is met with again after so long as the chain says that it is in trouble, and an epoch."""
    async with scene(once=(kind, 8), seed=seed) as here:
        assert isinstance(await here.weigh(), WeightsAccepted)
        while not here.struck(kind):
            await here.on(1)
        refused = await _first_refusal(here)
        assert refused.reason.startswith(reason)
        assert here.chain.trouble_until >= here.chain.head
        assert not here.chain.may_set(here.chain.head)
        while here.chain.head <= here.chain.trouble_until:
            await here.on(1)
        assert here.chain.may_set(here.chain.head)
        await here.on(1)
        assert isinstance(await here.weigh(), WeightsAccepted)


async def _first_refusal(here: Scene) -> WeightsRefused:
    for _ in range(6):
        await here.on(1)
        if not here.chain.may_set(here.chain.head):
            result = await here.weigh()
            assert isinstance(result, WeightsRefused)
            if here.chain.head > 8:
                return result
    raise AssertionError("nothing was refused")


async def test_limits_change_and_change_back() -> None:
    """Tempo, least number and largest share change; what is sent keeps what was in force."""
    met = set()
    async with scene({Kind.LIMITS_CHANGED: 0.3}, miners=120) as here:
        for _ in range(150):
            await here.weigh()
            await here.on(5)
            met.add((await here.metagraph()).tempo_blocks)
    limits = [sent.terms.limits for sent in here.chain.submissions]
    assert len({each.min_allowed_weights for each in limits}) > 3
    assert len({each.max_weight_u16 for each in limits}) > 3
    assert len(met) > 2
    assert len(here.chain.landed) > 100


async def test_another_program_sets_weights() -> None:
    """They are told apart from ours, and our rate limit begins anew with them."""
    async with scene(once=(Kind.WEIGHTS_ELSEWHERE, 3)) as here:
        await here.to(3)
        assert list(here.chain.elsewhere) == [3]
        assert not here.chain.landed
        assert await here.chain.last_update() == 3
        assert not here.chain.may_set(here.chain.head)
        assert here.chain.trouble_until >= 8
        await here.to(8)
        assert isinstance(await here.weigh(), WeightsAccepted)


async def test_weights_are_committed() -> None:
    """While the subnet wants it, a row lands as a commitment, and the chain opens it by itself later."""
    async with scene(once=(Kind.COMMIT_REVEAL, 2), seed=3) as here:
        await here.to(3)
        result = await here.weigh()
        assert isinstance(result, WeightsAccepted)
        (sent,) = here.chain.submissions
        assert sent.terms.limits.commit_reveal
        assert here.chain.landed == {result.block: result.row}
        chain = here.chain._subnet.chain
        assert chain.at().get(storage.WEIGHTS, 1, 0) == ()
        await here.on(22)
        assert chain.at().get(storage.WEIGHTS, 1, 0) == result.row
        await here.on(100)
        assert isinstance(await here.weigh(), WeightsAccepted)
        assert not here.chain.submissions[-1].terms.limits.commit_reveal

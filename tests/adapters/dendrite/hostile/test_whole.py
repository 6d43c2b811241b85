"""Whole answers: hostile servers of every kind among 200 honest ones, each alone and all at once, on both wires."""

import pytest

from adapters.dendrite import HttpDendrite
from core.types import Wire
from tests.adapters.dendrite.hostile.catalogue import whole
from tests.adapters.dendrite.hostile.conftest import World
from tests.adapters.dendrite.hostile.step import Step, assert_holds
from tests.adapters.dendrite.peers import dendrite

CATALOGUE = whole()
# Long enough for 200 honest answers, and for whoever is refused before.
SHORT_S = 0.6
LONG_S = 2.5
# Each wire alone, and the second where the first was not understood.
ALL_WAYS = pytest.mark.parametrize("wires", [(Wire.BTAUTH,), (Wire.V10,), (Wire.BTAUTH, Wire.V10)])


@pytest.fixture(scope="module")
def client() -> HttpDendrite:
    return dendrite()


@ALL_WAYS
async def test_the_honest_alone(client: HttpDendrite, world: World, wires: tuple[Wire, ...]) -> None:
    """Without anybody hostile the limits hold as well, so that what is compared with is sound."""
    await assert_holds(Step(client, {}, LONG_S, wires), world)


@pytest.mark.parametrize("name", CATALOGUE)
async def test_each_alone(client: HttpDendrite, world: World, name: str) -> None:
    """One hostile miner gets its code and harms nobody: same answers, same rewards, in time, in bounds, nowhere else."""
    behaviour = CATALOGUE[name]
    timeout_s = SHORT_S if behaviour.takes_all_time else LONG_S
    await assert_holds(Step(client, {name: behaviour}, timeout_s), world)


@ALL_WAYS
async def test_all_at_once(client: HttpDendrite, world: World, wires: tuple[Wire, ...]) -> None:
    """All of them together in one step: as each alone, however they are asked."""
    await assert_holds(Step(client, CATALOGUE, LONG_S, wires), world)

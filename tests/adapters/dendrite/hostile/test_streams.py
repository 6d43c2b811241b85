"""Streamed answers: hostile streams among 200 honest ones, each alone and all at once, on each wire its own."""

from collections.abc import Mapping

import pytest

from adapters.dendrite import HttpDendrite
from core.types import Wire
from tests.adapters.dendrite.hostile.bare_streams import BARE_STREAMS
from tests.adapters.dendrite.hostile.behaviour import Behaviour
from tests.adapters.dendrite.hostile.conftest import World
from tests.adapters.dendrite.hostile.step import Step, assert_holds
from tests.adapters.dendrite.hostile.streams import STREAMS
from tests.adapters.dendrite.peers import dendrite

CATALOGUES: Mapping[Wire, Mapping[str, Behaviour]] = {Wire.BTAUTH: STREAMS, Wire.V10: BARE_STREAMS}
EACH = [(wire, name) for wire, catalogue in CATALOGUES.items() for name in catalogue]
SHORT_S = 0.6
LONG_S = 2.5


@pytest.fixture(scope="module")
def client() -> HttpDendrite:
    return dendrite(streaming=True)


@pytest.mark.parametrize("wire", Wire)
async def test_honest_streams_alone(client: HttpDendrite, world: World, wire: Wire) -> None:
    """Without anybody hostile the limits hold as well, so that what is compared with is sound."""
    await assert_holds(Step(client, {}, LONG_S, (wire,)), world)


@pytest.mark.parametrize(("wire", "name"), EACH)
async def test_each_stream_alone(client: HttpDendrite, world: World, wire: Wire, name: str) -> None:
    """One hostile stream gets its code, keeps at most what it said, and harms nobody."""
    behaviour = CATALOGUES[wire][name]
    timeout_s = SHORT_S if behaviour.takes_all_time else LONG_S
    await assert_holds(Step(client, {name: behaviour}, timeout_s, (wire,)), world)


@pytest.mark.parametrize("wire", Wire)
async def test_all_streams_at_once(client: HttpDendrite, world: World, wire: Wire) -> None:
    """All of them together in one step: as each alone."""
    await assert_holds(Step(client, CATALOGUES[wire], LONG_S, (wire,)), world)

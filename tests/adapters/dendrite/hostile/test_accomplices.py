"""Fifty hostile miners of one kind: what a single one takes of the event loop and of memory adds up."""

import attrs
import pytest

from core.types import Wire
from tests.adapters.dendrite.hostile.bare_streams import BARE_STREAMS
from tests.adapters.dendrite.hostile.behaviour import Behaviour
from tests.adapters.dendrite.hostile.catalogue import whole
from tests.adapters.dendrite.hostile.conftest import World
from tests.adapters.dendrite.hostile.step import Step, assert_holds
from tests.adapters.dendrite.hostile.streams import STREAMS
from tests.adapters.dendrite.peers import dendrite

COUNT = 50
# Everybody may bring an answer of 1 MiB to the last byte; a stream is held in pieces and as a whole.
MAX_MIB = 2.5 * COUNT
TIMEOUT_S = 3.0
# Those that cost most to read.
WHOLE = [
    "sends 50 MB",
    "sends crumbs without end",
    "sends headers without end",
    "sends interim answers without end",
    "sends a header of blanks",
    "nests arrays",
    "has 100 000 fields",
    "writes its text in escapes",
]
EVENTS = [
    "streams pieces without end",
    "streams a million tiny chunks",
    "streams empty lines without end",
    "streams lines of one event without end",
    "streams comments without end",
]
TEXTS = ["streams text without end", "streams text in a million chunks"]


async def assert_fifty_hold(
    world: World, name: str, behaviour: Behaviour, wire: Wire, *, streaming: bool
) -> None:
    hostile = {f"{name}, {number}": behaviour for number in range(COUNT)}
    places = {**world.hostile, **dict.fromkeys(hostile, world.hostile[name])}
    step = Step(dendrite(streaming=streaming), hostile, TIMEOUT_S, (wire,), MAX_MIB)
    await assert_holds(step, attrs.evolve(world, hostile=places))


@pytest.mark.parametrize("name", WHOLE)
async def test_fifty_whole_answers(world: World, name: str) -> None:
    """Fifty at once block the loop no longer than one, and take the memory of their answers at most."""
    await assert_fifty_hold(world, name, whole()[name], Wire.BTAUTH, streaming=False)


@pytest.mark.parametrize("name", EVENTS)
async def test_fifty_streams_of_events(world: World, name: str) -> None:
    """Fifty at once block the loop no longer than one, and take the memory of their answers at most."""
    await assert_fifty_hold(world, name, STREAMS[name], Wire.BTAUTH, streaming=True)


@pytest.mark.parametrize("name", TEXTS)
async def test_fifty_streams_of_text(world: World, name: str) -> None:
    """Fifty at once block the loop no longer than one, and take the memory of their answers at most."""
    await assert_fifty_hold(world, name, BARE_STREAMS[name], Wire.V10, streaming=True)

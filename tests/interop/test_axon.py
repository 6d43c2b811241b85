"""Our axon as a real v10 dendrite sees it."""

from collections.abc import AsyncGenerator

import pytest

from core.types import Hotkey, Prompting
from tests.interop.ours import STRANGER, TEXT, axon, echo
from tests.interop.peer import Peer

ECHOED = f"echo: {TEXT} 🌍"

pytestmark = pytest.mark.timeout(60)


async def failing(_synapse: Prompting, _hotkey: Hotkey) -> AsyncGenerator[str, None]:
    """Fails before the first piece."""
    raise RuntimeError("the secret")
    yield ""


async def breaking(_synapse: Prompting, _hotkey: Hotkey) -> AsyncGenerator[str, None]:
    """Fails half-way."""
    yield "so far"
    raise RuntimeError("the secret")


def refuse(_hotkey: Hotkey, _synapse: Prompting) -> str:
    return "not a validator of this subnet"


@pytest.mark.parametrize("door", ["forward", "query"])
async def test_a_whole_completion(v10_dendrite: Peer, door: str) -> None:
    """Through either door a v10 validator gets the completion, success, and a time for axon and call."""
    async with axon() as served:
        (outcome,) = await v10_dendrite.ask_aside(door, to=[served], text=TEXT, timeout_s=15)
    assert (outcome["code"], outcome["message"], outcome["completion"]) == (200, "Success", ECHOED)
    assert outcome["process_time_s"] > outcome["axon_process_time_s"] > 0


async def test_a_streamed_completion(v10_dendrite: Peer) -> None:
    """A stream is bare text that comes in pieces, with success and a time."""
    async with axon() as served:
        (outcome,) = await v10_dendrite.ask_aside("stream", to=[served], text=TEXT, timeout_s=15)
    assert (outcome["code"], outcome["message"], outcome["completion"]) == (200, "Success", ECHOED)
    assert "".join(outcome["pieces"]) == ECHOED
    assert outcome["process_time_s"] > outcome["axon_process_time_s"] > 0


@pytest.mark.parametrize("door", ["forward", "query", "stream"])
async def test_many_calls_at_once(v10_dendrite: Peer, door: str) -> None:
    """All calls of a v10 validator that come at once are answered, though its nonces overtake each other."""
    async with axon() as served:
        outcomes = await v10_dendrite.ask_aside(door, to=[served] * 20, text=TEXT, timeout_s=15)
    assert [(one["code"], one["completion"]) for one in outcomes] == [(200, ECHOED)] * 20


@pytest.mark.parametrize("door", ["forward", "query", "stream"])
async def test_who_is_not_wanted(v10_dendrite: Peer, door: str) -> None:
    """Whom the blacklist refuses is told 403 and our reason."""
    async with axon(blacklist=refuse) as served:
        (outcome,) = await v10_dendrite.ask_aside(door, to=[served], text=TEXT, timeout_s=15)
    assert outcome["code"] == 403
    assert "not a validator of this subnet" in outcome["message"]


async def test_the_blacklist_is_asked_about_the_one_who_signed(v10_dendrite: Peer) -> None:
    """Blacklist and forward get the hotkey that a v10 validator signed with."""
    seen: list[str] = []

    def let_in(hotkey: Hotkey, _synapse: Prompting) -> None:
        seen.append(hotkey)

    async def forward(synapse: Prompting, hotkey: Hotkey) -> AsyncGenerator[str, None]:
        seen.append(hotkey)
        async for piece in echo(synapse, hotkey):
            yield piece

    async with axon(forward, blacklist=let_in) as served:
        await v10_dendrite.ask_aside("forward", to=[served], text=TEXT, timeout_s=15)
        hotkey = await v10_dendrite.ask_aside("hotkey")
    assert seen == [hotkey, hotkey]


@pytest.mark.parametrize("door", ["forward", "stream"])
async def test_what_was_meant_for_somebody_else(v10_dendrite: Peer, door: str) -> None:
    """A request that a v10 validator signed for another hotkey is 401."""
    async with axon() as served:
        to = served | {"hotkey": STRANGER.ss58_address}
        (outcome,) = await v10_dendrite.ask_aside(door, to=[to], text=TEXT, timeout_s=15)
    assert outcome["code"] == 401


async def test_a_forward_that_fails(v10_dendrite: Peer) -> None:
    """What fails inside is 500, and why stays with us."""
    async with axon(failing) as served:
        (outcome,) = await v10_dendrite.ask_aside("forward", to=[served], text=TEXT, timeout_s=15)
    assert (outcome["code"], outcome["completion"]) == (500, "")
    assert "secret" not in outcome["message"]


async def test_a_stream_that_fails_half_way(v10_dendrite: Peer) -> None:
    """A stream that broke is not taken for a whole one; what came of it is kept."""
    async with axon(breaking) as served:
        (outcome,) = await v10_dendrite.ask_aside("stream", to=[served], text=TEXT, timeout_s=15)
    assert outcome["code"] != 200
    assert outcome["completion"] == "so far"

"""Our dendrite among real v10 axons."""

from collections.abc import Sequence
from typing import Any

import anyio
import pytest

from adapters.dendrite import HttpDendrite
from core.types import Hotkey, Outcome, Prompting, Target, Uid, Wire
from tests.interop.ours import MINER, TEXT, VALIDATOR

Axons = dict[str, dict[str, Any]]

# What `peers/axons.py` streams after the echo: characters that come in pieces.
STREAMED = " aé☃🌍 and čaj"
BOTH_WAYS = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streaming"])

pytestmark = pytest.mark.timeout(60)


def target(axon: dict[str, Any], *wires: Wire, hotkey: str | None = None) -> Target:
    address = f"127.0.0.1:{axon['port']}"
    return Target(Uid(0), Hotkey(hotkey or axon["hotkey"]), address, wires or (Wire.V10,))


async def asked(
    targets: Sequence[Target], text: str = TEXT, *, streaming: bool = False, timeout_s: float = 15
) -> tuple[Outcome, ...]:
    dendrite = HttpDendrite(VALIDATOR, allow_private=True, streaming=streaming)
    return await dendrite.query(targets, Prompting(("user",), (text,)), timeout_s=timeout_s)


@pytest.mark.parametrize("text", [TEXT, "", "x" * 100_000])
async def test_a_whole_completion(v10_axons: Axons, text: str) -> None:
    """A v10 axon understands what we ask, whatever the text, and we understand its answer."""
    (outcome,) = await asked([target(v10_axons["echo"])], text)
    assert (outcome.code, outcome.message, outcome.wire) == (200, "", Wire.V10)
    assert outcome.completion == f"echo: {text}"
    assert outcome.process_time_s > 0


async def test_a_streamed_completion(v10_axons: Axons) -> None:
    """Pieces make up the whole text, those too that end within a character."""
    (outcome,) = await asked([target(v10_axons["echo"])], streaming=True)
    assert (outcome.code, outcome.message, outcome.wire) == (200, "", Wire.V10)
    assert outcome.completion == f"echo: {TEXT}{STREAMED}"


async def test_what_the_miner_sees(v10_axons: Axons) -> None:
    """A v10 miner's forward finds our hotkey, version, timeout and roles in the synapse, where miners look for them."""
    dendrite = HttpDendrite(VALIDATOR, allow_private=True)
    synapse = Prompting(("system", "user"), ("Be brief.", "hi"))
    (outcome,) = await dendrite.query([target(v10_axons["mirror"])], synapse, timeout_s=15)
    assert outcome.completion == f"{VALIDATOR.ss58_address} 10005000 15 system|user"


@BOTH_WAYS
@pytest.mark.parametrize("code", [401, 403, 404, 408, 500])
async def test_refusals(v10_axons: Axons, code: int, *, streaming: bool) -> None:
    """What a v10 axon refuses with is the code that is told; no text of it is the completion, or in the message."""
    (outcome,) = await asked([target(v10_axons[str(code)])], streaming=streaming)
    assert (outcome.code, outcome.completion, outcome.wire) == (code, "", Wire.V10)
    for theirs in ("trust", "ours", "Available", "after", "Internal Server Error #", "secret"):
        assert theirs not in outcome.message


@BOTH_WAYS
async def test_an_axon_of_somebody_else(v10_axons: Axons, *, streaming: bool) -> None:
    """A request is for one hotkey: an axon that has another one takes it for forged."""
    wrong = target(v10_axons["echo"], hotkey=MINER.ss58_address)
    (outcome,) = await asked([wrong], streaming=streaming)
    assert (outcome.code, outcome.completion) == (401, "")


@BOTH_WAYS
async def test_the_deadline(v10_axons: Axons, *, streaming: bool) -> None:
    """A miner that does not end in time is 408; of a stream what came is kept."""
    (outcome,) = await asked([target(v10_axons["hanging"])], streaming=streaming, timeout_s=2)
    assert (outcome.code, outcome.completion) == (408, "so far" if streaming else "")


@BOTH_WAYS
async def test_many_calls_to_one_axon(v10_axons: Axons, *, streaming: bool) -> None:
    """Calls at the same time do not overtake each other's nonces: all are answered."""
    outcomes = await asked([target(v10_axons["echo"])] * 40, streaming=streaming)
    assert {(outcome.code, outcome.message) for outcome in outcomes} == {(200, "")}


async def test_each_has_its_own_outcome(v10_axons: Axons) -> None:
    """Among axons that refuse, break and hang, the one that answers is not held up, and the order is kept."""
    names = ("500", "hanging", "echo", "401", "403", "404", "408")
    outcomes = await asked([target(v10_axons[name]) for name in names], timeout_s=3)
    assert [outcome.code for outcome in outcomes] == [500, 408, 200, 401, 403, 404, 408]
    assert outcomes[2].process_time_s < 3


async def test_steps_at_the_same_time(v10_axons: Axons) -> None:
    """Forwards that run side by side may prompt the same miners, each its own text."""
    dendrite = HttpDendrite(VALIDATOR, allow_private=True)
    found: dict[str, Outcome] = {}

    async def ask(text: str) -> None:
        synapse = Prompting(("user",), (text,))
        (found[text],) = await dendrite.query([target(v10_axons["echo"])], synapse, timeout_s=15)

    async with anyio.create_task_group() as group:
        for number in range(40):
            group.start_soon(ask, f"prompt {number}")
    assert {text: (one.code, one.completion) for text, one in found.items()} == {
        f"prompt {number}": (200, f"echo: prompt {number}") for number in range(40)
    }


async def test_a_dendrite_that_was_started_again(v10_axons: Axons) -> None:
    """An axon that remembers the nonces of an earlier run takes those of the next."""
    codes = [(await asked([target(v10_axons["echo"])] * 3))[0].code for _ in range(3)]
    assert codes == [200, 200, 200]


@BOTH_WAYS
async def test_the_wire_is_found_by_trying(v10_axons: Axons, *, streaming: bool) -> None:
    """Of an axon of which nothing is known the other wire is tried after the first, and told."""
    unknown = target(v10_axons["echo"], Wire.BTAUTH, Wire.V10)
    (outcome,) = await asked([unknown], streaming=streaming)
    assert (outcome.code, outcome.wire) == (200, Wire.V10)
    assert outcome.completion == f"echo: {TEXT}{STREAMED if streaming else ''}"


@pytest.mark.parametrize("code", [401, 403, 404, 408, 500])
async def test_refusals_are_told_as_such_after_trying(v10_axons: Axons, code: int) -> None:
    """Where both wires were tried, what the axon said on its own one is told."""
    (outcome,) = await asked([target(v10_axons[str(code)], Wire.BTAUTH, Wire.V10)])
    assert (outcome.code, outcome.completion) == (code, "")

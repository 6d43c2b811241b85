"""Where exactly the limits are, and what is said and done at them."""

import socket
from functools import partial

import anyio
import pytest
from anyio.abc import SocketStream

from adapters.wire.prompting import encode_answer
from core.types import Outcome, Prompting
from tests.adapters.dendrite.hostile.behaviour import ANSWER, CHUNKED, MARK
from tests.adapters.dendrite.hostile.measuring import measured
from tests.adapters.dendrite.hostile.step import MAX_GROWN_MIB, SLACK_S
from tests.adapters.dendrite.peers import SYNAPSE, answering, dendrite, http, server, target

LIMIT = 1024 * 1024


async def ask(address: str, *, timeout_s: float = 5) -> Outcome:
    (outcome,) = await dendrite().query([target(address)], SYNAPSE, timeout_s=timeout_s)
    return outcome


async def mute(_stream: SocketStream) -> None:
    await anyio.sleep_forever()


async def test_refused_connection() -> None:
    """Nobody listening is 503, told with the address."""
    async with server(mute) as address:
        pass
    outcome = await ask(address)
    assert (outcome.code, outcome.completion) == (503, "")
    assert address in outcome.message


async def test_nothing_of_a_refusal_is_quoted() -> None:
    """A miner's own words, in reason, headers or body, never reach the message."""
    said = http(b'{"message": "%b"}' % MARK.encode(), status=f"403 {MARK}", headers=f"X-Message: {MARK}\r\n")
    async with server(answering(said)) as address:
        outcome = await ask(address)
    assert outcome.message == "answered 403 Forbidden"


@pytest.mark.parametrize(("spare", "code"), [(0, 200), (1, 413)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_byte_limit_is_exact(spare: int, code: int, chunked: bool) -> None:
    """An answer of exactly the limit counts, one byte more does not, whether or not its length is announced."""
    data = encode_answer("x" * (LIMIT - len(encode_answer("")) + spare))
    framed = CHUNKED + f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n"
    async with server(answering(framed if chunked else http(data))) as address:
        outcome = await ask(address)
    assert outcome.code == code


async def test_what_follows_an_answer_is_not_read() -> None:
    """A second answer on the same connection is the answer to nothing, not even to the next prompt."""
    second = http(encode_answer("second"), status="500 Oops")
    async with server(answering(http(ANSWER) + second)) as address:
        outcomes = await dendrite().query([target(address)] * 2, SYNAPSE, timeout_s=5)
    assert {(outcome.code, outcome.completion.encode() in ANSWER) for outcome in outcomes} == {(200, True)}


async def test_a_prompt_that_nobody_reads() -> None:
    """A miner that never reads a prompt larger than all buffers on the way costs its deadline and no more."""
    prompt = Prompting(("user",), ("x" * 2**23,))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "{}:{}".format(*listener.getsockname())
        (outcome,), cost = await measured(partial(dendrite().query, [target(address)], prompt, timeout_s=0.5))
    assert outcome.code == 408
    # Making such a request takes its time, which is ours.
    assert cost.seconds < 0.5 + SLACK_S
    assert cost.peak_mib < MAX_GROWN_MIB
    assert cost.leaked <= 0

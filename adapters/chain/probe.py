"""Finds an endpoint that answers for the right chain, before the SDK is let at it.

The SDK cannot give up cleanly a connection that was accepted and then stays silent. So a plain websocket asks one question first, for
the hash of the chain's first block; whoever answers it as expected gets the SDK.
"""

import json
import re
from collections.abc import Mapping, Sequence

import anyio
import attrs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

from adapters.chain.endpoints import shown
from adapters.chain.errors import described
from adapters.errors import OperatorError

QUESTION = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "chain_getBlockHash", "params": [0]})
HASH = re.compile(r"0x[0-9a-f]{64}")
CLOSE_TIMEOUT_S = 0.2
# Refusals by policy: too many questions, or none of ours. So long we rest where the answer does not say how long.
RESTS_S: Mapping[int, float] = {403: 60.0, 429: 10.0}
LONGEST_REST_S = 600.0
SHOWN_CHARACTERS = 200


@attrs.frozen
class Found:
    """An endpoint that answers, and the hash of its chain's first block."""

    endpoint: str
    genesis: str


class Unusable(Exception):
    """An endpoint that cannot be used, and why; `rest_s` is how long it wants to be left alone."""

    def __init__(self, why: str, rest_s: float = 0.0) -> None:
        super().__init__(why)
        self.rest_s = rest_s


async def find_chain(endpoints: Sequence[str], timeout_s: float, genesis: str | None = None) -> Found:
    """The first endpoint that answers, for the chain with this genesis if one is given.

    Raises:
        OperatorError: none within `timeout_s` in all; says of each why.
    """
    failures = []
    for endpoint in endpoints:
        try:
            return await ask(endpoint, timeout_s / len(endpoints), genesis)
        except Unusable as unusable:
            failures.append(str(unusable))
    raise no_chain("; ".join(failures))


async def ask(endpoint: str, timeout_s: float, genesis: str | None) -> Found:
    """What stands at an endpoint.

    Raises:
        Unusable: nothing that is wanted, or nothing in time; names the endpoint.
    """
    try:
        return Found(endpoint, await _asked(endpoint, genesis, timeout_s - CLOSE_TIMEOUT_S))
    except (Unusable, OSError, TimeoutError, ValueError, WebSocketException) as error:
        raise Unusable(f"{shown(endpoint)} {_why(error)}", _rest_s(error)) from None


def no_chain(why: str) -> OperatorError:
    """No endpoint can be used, for this reason."""
    return OperatorError(
        f"no chain: {why}. Check --subtensor.chain_endpoint, or choose another --subtensor.network"
    )


async def _asked(endpoint: str, genesis: str | None, timeout_s: float) -> str:
    deadline = anyio.current_time() + timeout_s
    async with connect(endpoint, open_timeout=timeout_s, close_timeout=CLOSE_TIMEOUT_S) as socket:
        # Only the wait for the answer is under the scope: a websocket cancelled while it closes stays open.
        with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
            return await ask_genesis(socket, genesis)


async def ask_genesis(socket: ClientConnection, genesis: str | None) -> str:
    """The hash of the first block of the chain at the other end: this one, if one is given.

    Raises:
        Unusable: it serves another chain, or answers what is no hash.
        ConnectionClosed: it hung up.
    """
    await socket.send(QUESTION)
    frame = await socket.recv()
    try:
        answer = json.loads(frame)
    except (ValueError, RecursionError):
        raise Unusable(f"failed (it answers {frame[:SHOWN_CHARACTERS]!r})") from None
    found = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(found, str) or not HASH.fullmatch(found):
        raise Unusable(f"failed (it answers {str(answer)[:SHOWN_CHARACTERS]})")
    if genesis is not None and found != genesis:
        raise Unusable(f"serves another chain (genesis {found}, not {genesis})")
    return found


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, InvalidStatus) and error.response.status_code in RESTS_S:
        return f"wants to be left alone (HTTP {error.response.status_code}, for {_rest_s(error):g} s)"
    if isinstance(error, InvalidHandshake | InvalidURI):
        return f"speaks no websocket ({described(error)})"
    return str(error) if isinstance(error, Unusable) else f"failed ({described(error)})"


def _rest_s(error: Exception) -> float:
    """How long the endpoint is not to be asked again: what it says itself, within limits."""
    if not isinstance(error, InvalidStatus) or error.response.status_code not in RESTS_S:
        return 0.0
    said = error.response.headers.get("Retry-After", "")
    return min(LONGEST_REST_S, float(said)) if said.isdecimal() else RESTS_S[error.response.status_code]

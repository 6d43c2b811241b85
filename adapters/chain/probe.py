"""Finds an endpoint that answers for the right chain, before the SDK is let at it.

The SDK cannot give up cleanly a connection that was accepted and then stays silent. So a plain websocket asks one question first, for
the hash of the chain's first block; whoever answers it as expected gets the SDK.
"""

import json
from collections.abc import Sequence

import anyio
import attrs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from adapters.chain.endpoints import shown
from adapters.chain.errors import described
from adapters.errors import OperatorError

QUESTION = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "chain_getBlockHash", "params": [0]})
CLOSE_TIMEOUT_S = 0.2
SHOWN_CHARACTERS = 200


@attrs.frozen
class Found:
    """An endpoint that answers, and the hash of its chain's first block."""

    endpoint: str
    genesis: str


class Unusable(Exception):
    """It answers, but not as the chain that is wanted."""


async def find_chain(endpoints: Sequence[str], timeout_s: float, genesis: str | None = None) -> Found:
    """The first endpoint that answers, for the chain with this genesis if one is given.

    Raises:
        OperatorError: none within `timeout_s` in all; says of each why.
    """
    failures = []
    for endpoint in endpoints:
        try:
            return Found(
                endpoint, await _ask(endpoint, genesis, timeout_s / len(endpoints) - CLOSE_TIMEOUT_S)
            )
        except (Unusable, OSError, TimeoutError, ValueError, WebSocketException) as error:
            failures.append(f"{shown(endpoint)} {_why(error)}")
    raise no_chain("; ".join(failures))


def no_chain(why: str) -> OperatorError:
    """No endpoint can be used, for this reason."""
    return OperatorError(
        f"no chain: {why}. Check --subtensor.chain_endpoint, or choose another --subtensor.network"
    )


async def _ask(endpoint: str, genesis: str | None, timeout_s: float) -> str:
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
    if not isinstance(found, str):
        raise Unusable(f"failed (it answers {str(answer)[:SHOWN_CHARACTERS]})")
    if genesis is not None and found != genesis:
        raise Unusable(f"serves another chain (genesis {found[:SHOWN_CHARACTERS]!r}, not {genesis})")
    return found


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, InvalidHandshake | InvalidURI):
        return f"speaks no websocket ({described(error)})"
    return str(error) if isinstance(error, Unusable) else f"failed ({described(error)})"

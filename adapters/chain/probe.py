"""Finds an endpoint that answers, before the SDK is let at it.

The SDK cannot give up cleanly a connection that was accepted and then stays silent. So a plain websocket
asks one question first; whoever answers it gets the SDK.
"""

import json
from collections.abc import Sequence

import anyio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from adapters.chain.endpoints import shown
from adapters.chain.errors import described
from adapters.errors import OperatorError

QUESTION = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "chain_getHead", "params": []})
CLOSE_TIMEOUT_S = 0.2


async def order_by_answer(endpoints: Sequence[str], timeout_s: float) -> tuple[str, ...]:
    """The endpoints with the first that answers in front.

    Raises:
        OperatorError: none answered within `timeout_s` in all; says of each why.
    """
    failures = []
    for endpoint in endpoints:
        try:
            await _ask(endpoint, timeout_s / len(endpoints) - CLOSE_TIMEOUT_S)
        except (OSError, TimeoutError, ValueError, WebSocketException) as error:
            failures.append(f"{shown(endpoint)} {_why(error)}")
        else:
            return (endpoint, *(other for other in endpoints if other != endpoint))
    raise no_chain("; ".join(failures))


def no_chain(why: str) -> OperatorError:
    """No endpoint can be used, for this reason."""
    return OperatorError(
        f"no chain: {why}. Check --subtensor.chain_endpoint, or choose another --subtensor.network"
    )


async def _ask(endpoint: str, timeout_s: float) -> None:
    deadline = anyio.current_time() + timeout_s
    async with connect(endpoint, open_timeout=timeout_s, close_timeout=CLOSE_TIMEOUT_S) as socket:
        # Only the wait for the answer is under the scope: a websocket cancelled while it closes stays open.
        with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
            await socket.send(QUESTION)
            answer = json.loads(await socket.recv())
    if not isinstance(answer, dict) or "result" not in answer:
        raise ValueError(f"answers {str(answer)[:200]}")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, InvalidHandshake | InvalidURI):
        return f"speaks no websocket ({described(error)})"
    return f"failed ({described(error)})"

"""From a list of endpoints to a connected client: the first that answers, for the right chain."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import anyio

from adapters.chain.backend import rpc_backend
from adapters.chain.endpoints import shown
from adapters.chain.errors import described
from adapters.chain.line import Line
from adapters.chain.probe import find_chain, no_chain
from adapters.chain.sdk import tend_sessions
from adapters.errors import OperatorError

if TYPE_CHECKING:
    from bittensor import Client, Substrate


async def dial(endpoints: Sequence[str], genesis: str | None, timeout_s: float) -> Line:
    """A line to the first endpoint that answers for the chain with this genesis, or for any where it is None.

    Raises:
        OperatorError: there is none within `timeout_s`; says of each why.
    """
    from bittensor import Client

    deadline = anyio.current_time() + timeout_s
    found = await find_chain(endpoints, timeout_s, genesis)
    # The SDK's own fallback would go to another chain as readily as to another node: which one it is, we choose.
    client = Client(found.endpoint, substrate=rpc_backend(found.endpoint, found.genesis))
    await _connect(client, found.endpoint, deadline - anyio.current_time())
    return Line(client, found.endpoint, found.genesis)


async def dial_in_memory(make: "Callable[[], Substrate]", endpoint: str, timeout_s: float) -> Line:
    """A line to a chain of this process; `endpoint` is what it is called.

    Raises:
        OperatorError: it does not answer.
    """
    from bittensor import Client

    substrate = make()
    client = Client(endpoint, substrate=substrate)
    await _connect(client, endpoint, timeout_s)
    return Line(client, endpoint, await substrate.block_hash(0))


async def _connect(client: "Client", endpoint: str, timeout_s: float) -> None:
    try:
        with anyio.fail_after(max(0.0, timeout_s)):
            await client.connect()
    except TimeoutError:
        raise no_chain(f"{shown(endpoint)} did not answer in time") from None
    except Exception as error:
        raise _failed(endpoint, error) from error
    finally:
        tend_sessions()


def _failed(endpoint: str, error: Exception) -> OperatorError:
    return no_chain(f"{shown(endpoint)} failed ({described(error)})")

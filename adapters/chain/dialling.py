"""From a list of endpoints to a connected client: the first that answers, for the right chain."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import anyio
import attrs

from adapters.chain.backend import rpc_backend
from adapters.chain.endpoints import GENESIS, shown
from adapters.chain.errors import described
from adapters.chain.probe import Unusable, ask, no_chain
from adapters.chain.sdk import tend_sessions
from adapters.chain.shared_client import SharedClient
from adapters.errors import OperatorError

if TYPE_CHECKING:
    from bittensor import Substrate


@attrs.frozen
class Wanted:
    """Which chain is dialled.

    Attributes:
        genesis: hash of its first block, None for any.
        is_local: public chains are refused.
        timeout_s: for all endpoints together.
    """

    genesis: str | None
    is_local: bool
    timeout_s: float


async def dial(endpoints: Sequence[str], wanted: Wanted, resting: dict[str, float]) -> SharedClient:
    """A client of the first endpoint that works for the chain that is wanted.

    Args:
        endpoints: in the order in which they are tried.
        wanted: which chain.
        resting: until when, by the loop's clock, which endpoint wants to be left alone; kept up here.

    Raises:
        OperatorError: there is none, and says of each why; or a public chain is where a local one is wanted.
    """
    failures = []
    for endpoint in endpoints:
        try:
            _heed_rest(endpoint, resting)
            return await _dialled(endpoint, wanted, wanted.timeout_s / len(endpoints))
        except Unusable as unusable:
            failures.append(str(unusable))
            if unusable.rest_s > 0:
                resting[endpoint] = anyio.current_time() + unusable.rest_s
    raise no_chain("; ".join(failures))


def _heed_rest(endpoint: str, resting: dict[str, float]) -> None:
    left_s = resting.get(endpoint, 0.0) - anyio.current_time()
    if left_s > 0:
        raise Unusable(f"{shown(endpoint)} wants to be left alone for {left_s:.0f} s more")


def _refuse_public(endpoint: str, genesis: str) -> None:
    for network, public in GENESIS.items():
        if genesis == public:
            raise OperatorError(
                f"{shown(endpoint)} is a node of {network}, a public network: give --subtensor.network {network} to use it"
            )


async def _dialled(endpoint: str, wanted: Wanted, timeout_s: float) -> SharedClient:
    from bittensor import Client

    deadline = anyio.current_time() + timeout_s
    found = await ask(endpoint, timeout_s, wanted.genesis)
    if wanted.is_local:
        _refuse_public(endpoint, found.genesis)
    # The SDK's own fallback would go to another chain as readily as to another node: which one it is, we choose.
    shared = SharedClient(
        Client(endpoint, substrate=rpc_backend(endpoint, found.genesis)), endpoint, found.genesis
    )
    await _connected(shared, shared.client.connect(), deadline - anyio.current_time())
    return shared


async def dial_in_memory(make: "Callable[[], Substrate]", endpoint: str, timeout_s: float) -> SharedClient:
    """A client of a chain of this process; `endpoint` is what it is called.

    Raises:
        OperatorError: it does not answer.
    """
    from bittensor import Client

    substrate = make()
    shared = SharedClient(Client(endpoint, substrate=substrate), endpoint, genesis="")

    async def connect() -> None:
        await shared.client.connect()
        shared.genesis = await substrate.block_hash(0)

    try:
        await _connected(shared, connect(), timeout_s)
    except Unusable as unusable:
        raise no_chain(str(unusable)) from None
    return shared


async def _connected(shared: SharedClient, connecting: Awaitable[object], timeout_s: float) -> None:
    """Let it connect; what cannot be used, or is not waited for, is closed."""
    try:
        with anyio.fail_after(max(0.0, timeout_s)):
            await connecting
    except BaseException as error:
        await shared.retire()
        if isinstance(error, TimeoutError):
            raise Unusable(f"{shown(shared.endpoint)} did not answer in time") from None
        if isinstance(error, Exception):
            raise Unusable(f"{shown(shared.endpoint)} failed ({described(error)})") from error
        raise
    finally:
        tend_sessions()

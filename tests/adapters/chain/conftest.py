"""The SDK lives on asyncio; what it is asked of a chain, it is asked on both fronts."""

from typing import cast

import pytest

from tests.adapters.chain.world import Reach, by_node, in_memory


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=[by_node, in_memory], ids=["node", "memory"])
def reach(request: pytest.FixtureRequest) -> Reach:
    """A front of the local chain: the test runs on each."""
    return cast(Reach, request.param)

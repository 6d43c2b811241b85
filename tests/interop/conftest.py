from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.peer import Peer


@pytest.fixture
def anyio_backend() -> str:
    """The axon's HTTP server lives on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def v10_axons() -> Iterator[dict[str, dict[str, Any]]]:
    """Where each of the axons of `peers/axons.py` is: {name: {"port", "hotkey"}}."""
    with Peer("axons") as peer:
        yield peer.told()


@pytest.fixture(scope="session")
def v10_dendrite() -> Iterator[Peer]:
    with Peer("dendrite") as peer:
        # Once it answers, it has loaded all that it needs.
        peer.ask("hotkey")
        yield peer

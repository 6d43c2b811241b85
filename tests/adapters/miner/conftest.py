import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The miner runs on asyncio, which the SDK needs."""
    return "asyncio"

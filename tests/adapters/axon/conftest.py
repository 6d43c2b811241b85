import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The axon's HTTP server lives on asyncio."""
    return "asyncio"

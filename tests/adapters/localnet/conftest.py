import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Chain node, SDK and HTTP server live on asyncio."""
    return "asyncio"

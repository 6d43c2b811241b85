"""Runs in virtual time, on the loop that simulations run on."""

from functools import partial
from typing import Any

import pytest

from tests.simulation.loop import SeededLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": partial(SeededLoop, 1)}

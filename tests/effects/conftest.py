"""Runs in virtual time: hours of waiting take none."""

from typing import Any

import pytest
from trio.testing import MockClock


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Trio, on a clock that jumps to the next deadline as soon as nobody has anything to do."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}

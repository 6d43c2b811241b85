"""The hostile world, started once for all tests of this package."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import attrs
import pytest

from tests.adapters.dendrite.hostile.measuring import settled


@attrs.frozen
class World:
    """Where everybody listens: "ip:port" of the honest by uid, of the hostile by name.

    Attributes:
        trap: a listener where redirects lead to.
    """

    honest: tuple[str, ...]
    hostile: dict[str, str]
    trap: socket.socket

    def visits(self) -> int:
        """How many have come into the trap since this was asked last."""
        count = 0
        with suppress(BlockingIOError):
            while True:
                self.trap.accept()[0].close()
                count += 1
        return count


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        address = "{}:{}".format(*trap.getsockname())
        with _served("honest", address) as honest, _served("hostile", address) as hostile, settled():
            yield World(tuple(honest.values()), hostile, trap)


@contextmanager
def _served(kind: str, trap: str) -> Iterator[dict[str, str]]:
    """Servers in a process of their own."""
    command = [sys.executable, "-m", "tests.adapters.dendrite.hostile.world", kind, trap]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()

"""The harness's two children: the subnet, which lives as long as it does, and the server that forks validators."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from adapters.localnet.facts import SubnetFacts, decode_line
from tests.cmd.program import ROOT, environment

START_S = 60.0
END_S = 10.0


class Silent(Exception):
    """A child said nothing in time, or ended."""


class Lines:
    """What a child writes, line by line, each waited for only so long."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def next(self, timeout_s: float) -> bytes | None:
        """The next line; None where none comes in time.

        Raises:
            Silent: none will come any more.
        """
        ready, _, _ = select.select([self._stream], [], [], timeout_s)
        if not ready:
            return None
        line = self._stream.readline()
        if not line:
            raise Silent("a child of the harness has ended: see the logs")
        return line


class Run:
    """One validator, from its start to its end."""

    def __init__(self, pid: int, lines: Lines) -> None:
        self.pid = pid
        self._lines = lines
        self._code: int | None = None

    def ended(self, timeout_s: float) -> int | None:
        """Its exit code; None where it still runs after so long."""
        if self._code is None and (line := self._lines.next(timeout_s)) is not None:
            self._code = int(line)
        return self._code

    def end(self, number: signal.Signals) -> int:
        """Send it a signal, unless it has ended; its exit code."""
        if self._code is None:
            os.kill(self.pid, number)
        code = self.ended(START_S)
        if code is None:
            raise Silent(f"process {self.pid} did not end on {number.name}")
        return code


class ForkServer:
    """Starts validators, one at a time; see `tests.crash.forking`."""

    def __init__(self, orders: IO[bytes], lines: Lines) -> None:
        self._orders, self._lines = orders, lines

    def start(self, argv: Sequence[str], log: Path) -> Run:
        """A validator with these flags, which writes to `log`."""
        self._orders.write(json.dumps({"argv": list(argv), "log": str(log)}).encode() + b"\n")
        pid = self._lines.next(START_S)
        if pid is None:
            raise Silent("the fork server does not answer")
        return Run(int(pid), self._lines)


@contextmanager
def subnet(folder: Path, block_time_s: float) -> Iterator[SubnetFacts]:
    """A local subnet; its arrivals and its wallets are in `folder`."""
    folder.mkdir()
    with _child("tests.crash.network", str(folder), str(block_time_s), home=folder) as (_, lines):
        facts = lines.next(START_S)
        if facts is None:
            raise Silent("the subnet does not start")
        yield cast(SubnetFacts, decode_line(facts))


@contextmanager
def fork_server(folder: Path) -> Iterator[ForkServer]:
    folder.mkdir()
    with _child("tests.crash.forking", str(folder / "cache"), home=folder) as (orders, lines):
        yield ForkServer(orders, lines)


@contextmanager
def _child(module: str, *words: str, home: Path) -> Iterator[tuple[IO[bytes], Lines]]:
    """A module run in a process of its own, which ends when its standard input closes."""
    # A thread that numpy's library would start otherwise does not live through a fork.
    env = environment(home) | {"OPENBLAS_NUM_THREADS": "1"}
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            start_new_session=True,
        )
    orders, said = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    try:
        yield orders, Lines(said)
    finally:
        orders.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
        process.kill()
        process.wait()
        said.close()

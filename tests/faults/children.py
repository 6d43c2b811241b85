"""The run's two children, each a process of its own: the subnet and the validator."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from adapters.localnet.facts import SubnetFacts, decode_line
from tests.cmd.program import ROOT, environment
from tests.faults.place import SUBNET_LOG_NAME, Place

START_S = 60.0
END_S = 20.0


class Broken(Exception):
    """A child did not do its part, so that nothing can be said of the validator."""


class Subnet:
    """The subnet's process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._orders, self._said = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)

    def facts(self) -> SubnetFacts:
        line = self._next(START_S)
        if line is None:
            raise Broken(f"the subnet does not start within {START_S:g} s")
        return cast(SubnetFacts, decode_line(line))

    def begin_faults(self) -> None:
        self._orders.write(b"begin\n")

    def are_faults_over(self, timeout_s: float) -> bool:
        """Whether they are, after waiting for it no longer than so long."""
        return self._next(timeout_s) is not None

    def _next(self, timeout_s: float) -> bytes | None:
        ready, _, _ = select.select([self._said], [], [], timeout_s)
        if not ready:
            return None
        line = self._said.readline()
        if not line:
            raise Broken("the subnet has ended: see its log")
        return line


@contextmanager
def subnet(folder: Path, seed: int, minutes: float) -> Iterator[Subnet]:
    """A subnet that writes to `folder`; it ends with the block."""
    words = (str(folder), str(seed), str(minutes))
    with (folder / SUBNET_LOG_NAME).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.network", *words],
            cwd=ROOT,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            start_new_session=True,
        )
    try:
        yield Subnet(process)
    finally:
        cast(IO[bytes], process.stdin).close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
        process.kill()
        process.wait()
        cast(IO[bytes], process.stdout).close()


class Validator:
    """The validator's process; `code` is its exit code, None while it runs."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def stop(self) -> float:
        """Ask it to end; how many seconds that took. One that takes too long is left running, for `validator` to kill."""
        began_s = time.monotonic()
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        return time.monotonic() - began_s


@contextmanager
def validator(place: Place) -> Iterator[Validator]:
    """`python -m cmd.validator` as an operator runs it; killed at the end of the block if it still runs."""
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cmd.validator", *place.argv],
            cwd=ROOT,
            env=environment(place.folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield Validator(process)
    finally:
        process.kill()
        process.wait()

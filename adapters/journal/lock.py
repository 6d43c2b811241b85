"""Keeps a second program, validator or miner, off a run's folder, and names the one that is there.

The lock is the operating system's, on an open file: it ends with the process that holds it, however that ends.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.errors import OperatorError

LOCK_NAME = "lock"
MOST_BYTES = 200


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder is ours alone until the block is left.

    Raises:
        OperatorError: another process has it; says which.
    """
    descriptor = _opened(folder / LOCK_NAME)
    try:
        _take(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise OperatorError(f"{path} cannot be opened ({error.strerror}): give a folder of yours") from None


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, MOST_BYTES, 0).decode(errors="replace").strip() or "another process"
        raise OperatorError(
            f"{folder} is in use by {holder}: stop it, or give another --neuron.name"
        ) from None
    now = datetime.now(tz=UTC).isoformat(sep=" ", timespec="seconds")
    # The lock holds without the name, too: a full disk is told of when it matters.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}, since {now}".encode(), 0)

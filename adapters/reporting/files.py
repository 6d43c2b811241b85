"""Files that a flag names: refused before a run where they cannot be written, and written whole or not at all."""

import os
import tempfile
from pathlib import Path

from adapters.errors import OperatorError


def check_place(flag: str, path: Path) -> None:
    """Make sure that a file can be written at `path`; to be called before a run, not after it.

    Raises:
        OperatorError: it cannot.
    """
    if not path.parent.is_dir():
        raise OperatorError(
            f"{flag} {path}: there is no directory {path.parent}: make it, or give another path"
        )
    if path.is_dir():
        raise OperatorError(f"{flag} {path} is a directory: give the path of a file")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OperatorError(
            f"{flag} {path}: {path.parent} cannot be written to ({error.strerror}): give another path"
        ) from None


def write(flag: str, path: Path, content: bytes) -> None:
    """Write the file; what stood there stays until the new one is complete.

    Raises:
        OperatorError: it cannot be written.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise OperatorError(
            f"{flag} {path} cannot be written ({error.strerror}): give another path"
        ) from None


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)

"""Runs the entry points as an operator does: from the checkout's root, as `python -m`, in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen
class Ran:
    code: int
    out: str
    err: str


def environment(home: Path) -> dict[str, str]:
    """Nothing of this user's own: no wallets, no caches, no network for model downloads."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(home), "HF_HUB_OFFLINE": "1", "COLUMNS": "120"}


def python(*words: str, home: Path, timeout_s: float = 45) -> Ran:
    """What `python` with these words says and returns."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def processes_of(home: Path) -> list[str]:
    """Command lines of the processes that were started under this home folder and still run."""
    marker = f"HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line]

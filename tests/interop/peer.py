"""Programs under the v10 SDK, which cannot share an environment with ours: started once, spoken to in lines of JSON."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio.to_thread

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-v10" / "bin" / "python"
PEERS = Path(__file__).parent / "peers"
# What its own classes are warned about at every start.
NO_WARNINGS = ("-W", "ignore")


class Peer:
    """One such program; ends with the block."""

    def __init__(self, name: str) -> None:
        """Start `peers/NAME.py`."""
        if not PYTHON.exists():
            raise FileNotFoundError(f"{PYTHON} is not there: make .venv-v10/installed")
        self._name = name
        self._process = subprocess.Popen(
            [PYTHON, *NO_WARNINGS, PEERS / f"{name}.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def told(self) -> Any:
        """What it says next."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the v10 peer {self._name!r} ended with {self._process.wait()}")
        return json.loads(line)

    def ask(self, do: str, **arguments: Any) -> Any:
        """Have it do something, and wait for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        return self.told()

    async def ask_aside(self, do: str, **arguments: Any) -> Any:
        """The same, while the loop goes on: for orders that are about servers of ours."""
        return await anyio.to_thread.run_sync(lambda: self.ask(do, **arguments))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # It ends with its input; killed where something in it hangs, since nothing of it is of use any more.
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

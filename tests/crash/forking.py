"""`python -m tests.crash.forking CACHE`: becomes a validator as often as it is asked to, importing what one needs only once.

Each run is a process of its own: forked before any thread, event loop or model is there, it goes on as `python -m cmd.validator` does.

Orders come on standard input and answers go to standard output, a JSON line each: an order, the run's process id, its exit code, and
so on. When standard input closes, a run that is under way is killed.
"""

import json
import os
import select
import signal
import sys
import threading
from cmd.validator import validate
from importlib import import_module
from pathlib import Path
from typing import Any

from adapters.chain.sdk import load_sdk
from adapters.program import main as run_program

# What takes seconds to import; the shipped models are of the two families.
HEAVY = (
    "bittensor",
    "torch",
    "transformers",
    "transformers.models.bert.modeling_bert",
    "transformers.models.llama.modeling_llama",
    "adapters.scoring.memory",
    "adapters.scoring.models",
    "adapters.validator.session",
)


def main(cache: Path) -> None:
    load_sdk(cache)
    for name in HEAVY:
        import_module(name)
    # A fork takes no other thread along, and what they held stays held.
    assert threading.active_count() == 1
    argv = _argv_in_child()
    if argv is not None:
        sys.argv = ["cmd.validator", *argv]
        run_program(validate)


def _argv_in_child() -> list[str] | None:
    """Serve until there are no more orders; in each child, the flags it was forked for."""
    for line in sys.stdin.buffer:
        order = json.loads(line)
        alive, held = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(alive)
            _redirect(order["log"])
            return list(order["argv"])
        os.close(held)
        _tell(pid)
        _tell(_exit_code(pid, alive))
        os.close(alive)
    return None


def _redirect(log: str) -> None:
    nothing, told = (
        os.open(os.devnull, os.O_RDONLY),
        os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
    )
    os.dup2(nothing, 0)
    os.dup2(told, 1)
    os.dup2(told, 2)


def _exit_code(pid: int, alive: int) -> int:
    """Of the child, when it has ended: the other end of its pipe closes then."""
    ready, _, _ = select.select([alive, sys.stdin], [], [])
    if alive not in ready:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _tell(answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

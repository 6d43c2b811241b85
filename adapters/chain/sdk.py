"""Brings the SDK in, late and quietly, and mends what it does badly with lost connections.

Rules:
- Importing it takes about a second, so nothing imports it at the top of a module.
- Its files go where the caller says, never into the home folder.
- Its own loggers are turned down; no other logger is touched.
"""

import asyncio
import logging
import os
from pathlib import Path

SESSION_TASK = "rpc-session"


def load_sdk(cache_dir: Path) -> None:
    """Import the SDK with its caches below `cache_dir`. Blocks for about a second the first time."""
    os.environ["BTCLI_TOKEN_SYMBOLS_CACHE"] = str(cache_dir / "token_symbols.json")
    os.environ["BITTENSOR_RUNTIME_CACHE_DIR"] = str(cache_dir / "runtime")
    import bittensor  # noqa: F401 - it reads these variables as it is imported

    # What it warns of (lost connections, endpoints that do not answer) reaches the operator as a Fault already.
    logging.getLogger("bittensor").setLevel(logging.CRITICAL)


def tend_sessions() -> None:
    """See to it that the SDK's background tasks never end with an exception that nobody fetched.

    The task that keeps a connection dies of a lost one while nothing waits for it; asyncio would report that
    as an error of the program. Whoever calls the SDK next gets the same failure as an exception.
    """
    for task in asyncio.all_tasks():
        if task.get_name() == SESSION_TASK:
            task.remove_done_callback(_fetch_exception)
            task.add_done_callback(_fetch_exception)


def _fetch_exception(task: "asyncio.Task[object]") -> None:
    if not task.cancelled():
        task.exception()

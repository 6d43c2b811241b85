"""The local subnet as a child process: started, waited for, ended.

Rules:
- The child ends when its standard input closes, so it never outlives whoever started it, killed or not.
- It has a session of its own: an interrupt typed at the terminal reaches us alone, and we decide when it ends.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, cast

import anyio
import msgspec
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.buffered import BufferedByteReceiveStream

from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import Stage, SubnetFacts, decode_line
from effects.ports import Fault

ROOT = Path(__file__).resolve().parents[2]
LOG_NAME = "localnet.log"
START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 3.0
_MAX_LINE_BYTES = 64 * 1024


@asynccontextmanager
async def local_subnet(
    config: SubnetConfig,
    *,
    on_stage: Callable[[str], None] = lambda _doing: None,
    start_timeout_s: float = START_TIMEOUT_S,
) -> AsyncIterator[SubnetFacts]:
    """A running local subnet, and the end of it when the block is left.

    `on_stage` is told what the child is doing while it starts.

    Raises:
        Fault: the child ended or said nothing useful in time; names the log file, which holds its standard error.
    """
    config.folder.mkdir(parents=True, exist_ok=True)
    log_file = config.folder / LOG_NAME
    with log_file.open("ab") as log:
        process = await _start(config, log)
    try:
        yield await _ready(process, on_stage, start_timeout_s, log_file)
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _start(config: SubnetConfig, log: IO[bytes]) -> Process:
    command = [sys.executable, "-m", "cmd.localnet", "--child", *config.flags()]
    return await anyio.open_process(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=ROOT,
        start_new_session=True,
    )


async def _ready(
    process: Process, on_stage: Callable[[str], None], timeout_s: float, log_file: Path
) -> SubnetFacts:
    try:
        with anyio.fail_after(timeout_s):
            return await _facts(process, on_stage)
    except TimeoutError:
        raise Fault(f"the local subnet was not ready within {timeout_s:g} s: see {log_file}") from None
    except (anyio.EndOfStream, anyio.IncompleteRead, anyio.DelimiterNotFound, msgspec.MsgspecError):
        raise Fault(
            f"the local subnet did not start: {_last_line(log_file)} (all of it: {log_file})"
        ) from None


async def _facts(process: Process, on_stage: Callable[[str], None]) -> SubnetFacts:
    lines = BufferedByteReceiveStream(cast(ByteReceiveStream, process.stdout))
    while True:
        message = decode_line(await lines.receive_until(b"\n", _MAX_LINE_BYTES))
        if isinstance(message, Stage):
            on_stage(message.doing)
        else:
            return message


def _last_line(log_file: Path) -> str:
    lines = log_file.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


async def _end(process: Process) -> None:
    """Ask by closing its standard input, then by signal, then end it."""
    await cast(ByteSendStream, process.stdin).aclose()
    for action in (process.terminate, process.kill):
        with anyio.move_on_after(END_TIMEOUT_S):
            await process.wait()
        if process.returncode is not None:
            break
        action()
    await process.aclose()

"""SIGINT and SIGTERM end a validator within ten seconds, whatever it is busy with."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cmd.program import ROOT, environment, processes_of

BOUND_S = 10
# What the validator has said when it is in which part of its life.
MOMENTS = ("starting", "publishing", "loading models", "step started")


@pytest.mark.timeout(90)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("moment", MOMENTS)
def test_ends_in_time_with_code_0_and_nothing_left(
    number: signal.Signals, moment: str, tmp_path: Path
) -> None:
    """While it starts the chain and then the miners, while it loads models, and in the middle of forwards."""
    process, said = _started(tmp_path)
    _await_word(said, moment, process)
    process.send_signal(number)
    assert process.wait(BOUND_S) == 0, said.read_text()[-2000:]
    assert "Traceback" not in said.read_text()
    assert processes_of(tmp_path) == []


def _started(home: Path) -> "tuple[subprocess.Popen[bytes], Path]":
    """A validator that runs, and the file that it writes its progress to."""
    said = home / "said"
    with said.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "cmd.validator", "--logging.logging_dir", str(home)],
            cwd=ROOT,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=err,
        )
    return process, said


def _await_word(said: Path, word: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + 60
    while word not in said.read_text():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline_s, f"it never said {word!r}"
        time.sleep(0.02)


@pytest.mark.timeout(90)
def test_killed_it_leaves_no_subnet_behind(tmp_path: Path) -> None:
    """After SIGKILL the chain node and the miners end by themselves."""
    process, said = _started(tmp_path)
    _await_word(said, "loading models", process)
    assert len(processes_of(tmp_path)) == 2
    process.kill()
    process.wait()
    deadline_s = time.monotonic() + BOUND_S
    while processes_of(tmp_path):
        assert time.monotonic() < deadline_s, processes_of(tmp_path)
        time.sleep(0.05)

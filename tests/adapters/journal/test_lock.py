"""One validator a folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.errors import OperatorError
from adapters.journal.lock import locked

HOLD = "import sys, time; from pathlib import Path; from adapters.journal.lock import locked\nwith locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_the_second_is_kept_off_and_told_who_is_there(tmp_path: Path) -> None:
    """It names the process; when that is killed, however hard, the folder is free."""
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        named = (
            rf"is in use by process {holder.pid} on .*, since 20.*: stop it, or give another --neuron\.name"
        )
        with pytest.raises(OperatorError, match=named), locked(tmp_path):
            raise AssertionError("two hold one folder")
        holder.kill()
    with locked(tmp_path):
        pass


def test_it_is_free_again_after_use(tmp_path: Path) -> None:
    """Once after the other is fine; the last one's name is overwritten."""
    for _ in range(2):
        with locked(tmp_path):
            assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} on ")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By name."""
    with pytest.raises(OperatorError, match="cannot be opened"), locked(tmp_path / "none"):
        raise AssertionError("there is no such folder")

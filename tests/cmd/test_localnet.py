"""The local subnet's program as an operator runs it: an incentive run from flags to report, its early end, and what it refuses.

The run is small and real: two validators with models, eight miners over HTTP, a weight copier, a colluder, a sybil, a chain whose
commit-reveal is turned on on the way. It is looked at from all sides.
"""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from tests.cmd.program import ROOT, Ran, environment, processes_of, python

pytestmark = pytest.mark.timeout(120)

EPOCHS = 3
FAST = ["--port", "0", "--tempo", "5", "--block_time", "0.5"]
SMALL = ["--validators", "2", "--miners", "8", *FAST]
KINDS = ("honest", "honest", "copier", "colluder")
HONEST = ("good", "fair", "poor")
END_S = 20


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def ran(home: Path) -> Ran:
    flags = [
        *SMALL,
        "--epochs",
        str(EPOCHS),
        "--folder",
        str(home / "runs"),
        "--json",
        str(home / "run.json"),
    ]
    return python("-m", "cmd.localnet", *flags, home=home, timeout_s=110)


@pytest.fixture(scope="module")
def report(ran: Ran, home: Path) -> Mapping[str, Any]:
    assert ran.code == 0, ran.err[-3000:]
    loaded: Mapping[str, Any] = json.loads((home / "run.json").read_text())
    return loaded


def test_a_run_ends_well_and_says_where_its_report_is(ran: Ran, home: Path) -> None:
    """Exit code 0, no traceback, no process left; progress, tables and the files' paths on standard output."""
    assert ran.code == 0, ran.err[-3000:]
    assert "Traceback" not in ran.err
    assert processes_of(home) == []
    assert f"epoch {EPOCHS} of {EPOCHS}" in ran.out
    assert "Miners by behaviour" in ran.out
    assert f"report: {home / 'run.json'}" in ran.out


def test_what_no_flag_places_is_in_the_runs_folder(ran: Ran, home: Path) -> None:
    """The picture must be in the run's folder, a PNG; each honest validator's journal and log as well."""
    (picture,) = (home / "runs" / "incentives").glob("*/report.png")
    assert f"picture: {picture}" in ran.out
    assert picture.read_bytes().startswith(b"\x89PNG")
    for name in ("validator", "validator2"):
        assert (picture.parent / name / "journal.sqlite").is_file()
        assert (picture.parent / name / "validator.log").stat().st_size > 0


def test_everybody_is_in_the_report(report: Mapping[str, Any]) -> None:
    """Each validator with its kind, each kind of miner with its number, and a value an epoch in each series."""
    assert report["epochs"] == EPOCHS
    assert tuple(validator["kind"] for validator in report["validators"]) == KINDS
    first = [row["miners"] for label, row in report["behaviours"].items() if "sybil" not in label]
    assert sum(first) == 7
    assert report["sybils"][0]["hotkeys"] == report["behaviours"]["poor (sybil)"]["miners"] >= 1
    assert report["series"]["commit_reveal"] == [False, True, True]
    assert {len(values) for values in report["series"]["incentive"].values()} == {EPOCHS}
    assert all(validator["weights_landed"] >= 1 for validator in report["validators"][:2])


def test_all_that_is_paid_is_accounted_for(report: Mapping[str, Any]) -> None:
    """Every epoch that counts was paid; incentives of all kinds sum to 1, and so do dividends."""
    assert report["paid_epochs"] == EPOCHS
    incentives = [row["incentive_total"] for row in report["behaviours"].values()]
    dividends = [validator["dividends"] for validator in report["validators"]]
    assert sum(incentives) == pytest.approx(1, abs=1e-3)
    assert sum(dividends) == pytest.approx(1, abs=1e-3)


def test_who_answers_earns_more_than_who_does_not(report: Mapping[str, Any]) -> None:
    """Those who work must earn nearly all, the silent and the slow nothing."""
    behaviours = report["behaviours"]
    working = [row["incentive_total"] for label, row in behaviours.items() if label.startswith(HONEST)]
    assert sum(working) > 0.8
    assert all(behaviours[kind]["incentive"] == 0 for kind in ("silent", "slow"))


def test_colluding_is_not_believed(report: Mapping[str, Any]) -> None:
    """The colluder must be trusted less than the honest validators, and earn less for its stake than these, in the mean."""
    *honest, _, colluder = report["validators"]
    assert colluder["vtrust"] < fmean(validator["vtrust"] for validator in honest)
    assert colluder["dividends_per_stake"] < 1


def test_an_interrupt_ends_a_run_with_what_there_was(tmp_path: Path) -> None:
    """After SIGINT the epochs so far must be reported, with exit code 0 and nothing left running."""
    said = tmp_path / "said"
    flags = [*SMALL, "--epochs", "500", "--folder", str(tmp_path), "--json", str(tmp_path / "run.json")]
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cmd.localnet", *flags],
            cwd=ROOT,
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        await_word(said, "epoch 2 of 500", process)
        process.send_signal(signal.SIGINT)
        assert process.wait(END_S) == 0, said.read_text()[-2000:]
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in said.read_text()
    assert json.loads((tmp_path / "run.json").read_text())["epochs"] >= 2
    assert processes_of(tmp_path) == []


def await_word(said: Path, word: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + 90
    while word not in said.read_text():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline_s, f"it never said {word!r}"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--epochs", "0"], "--epochs 0"),
        (["--epochs", "x"], "--epochs"),
        (["--epochs", "5", "--validators", "300"], "--validators 300"),
        (["--epochs", "5", "--miners", "4"], "--miners 4"),
        (["--epochs", "5", "--commit_reveal", "maybe"], "--commit_reveal"),
        (["--validators", "2"], "--validators 2"),
        (["--epochs", "5", "--json", "/nowhere/at/all.json"], "--json /nowhere/at/all.json"),
        (["--epochs", "5", "--plot", "/proc/a.png"], "--plot /proc/a.png"),
        (["--epochs", "5", "--folder", "/proc/runs"], "--folder /proc/runs"),
    ],
)
def test_what_cannot_be_is_one_line(flags: list[str], named: str, tmp_path: Path) -> None:
    """Each is one line that names the flag, exit code 2, before anything has started."""
    place = [] if "--folder" in flags else ["--folder", str(tmp_path / "runs")]
    ran = python("-m", "cmd.localnet", *flags, *place, home=tmp_path)
    assert ran.code == 2, ran
    assert len(ran.err.splitlines()) == 1, ran.err
    assert named in ran.err
    assert ran.out == ""
    assert not (tmp_path / "runs").exists()


def test_a_port_that_is_taken_is_named(tmp_path: Path, free_port: int) -> None:
    """A run must say which flag to change where the node's port is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        flags = ["--epochs", "1", "--port", str(free_port), "--folder", str(tmp_path)]
        ran = python("-m", "cmd.localnet", *flags, home=tmp_path)
    assert ran.code == 2, ran
    assert f"--port {free_port} " in ran.err
    assert "Traceback" not in ran.err

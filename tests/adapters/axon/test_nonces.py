"""The memory of nonces, in its file."""

import logging
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.axon.nonces import MAX_AHEAD_NS, Nonce, NoRoom, open_nonces
from adapters.errors import OperatorError
from core.types import Hotkey, Wire
from tests.adapters.axon.callers import post, signed
from tests.adapters.dendrite.peers import axon

MOST = 1000
SECOND_NS = 10**9


def nonce(
    nonce_ns: int, *, hotkey: str = "5Hot", scope: str = "", wire: Wire = Wire.V10, window_s: int = 10
) -> Nonce:
    return Nonce(Hotkey(hotkey), wire, scope, nonce_ns, nonce_ns + window_s * SECOND_NS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "nonces.sqlite"


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_nonce_is_new_once(path: Path, is_kept: bool) -> None:
    """Only the first time; asking whether it was seen does not make it so."""
    with open_nonces(path if is_kept else None, MOST) as nonces:
        assert not nonces.has_seen(nonce(5))
        assert [nonces.remember(nonce(5)) for _ in range(2)] == [True, False]
        assert nonces.has_seen(nonce(5))


def test_what_differs_in_anything_is_another_nonce() -> None:
    """Hotkey, wire, scope and time each make a difference, and their borders are kept apart."""
    others = [
        nonce(5, hotkey="5Other"),
        nonce(5, wire=Wire.BTAUTH),
        nonce(5, scope="u"),
        nonce(51),
        nonce(5, scope="1"),
    ]
    with open_nonces(None, MOST) as nonces:
        assert all(nonces.remember(one) for one in (nonce(5), *others))


def test_memory_outlives_the_process(path: Path) -> None:
    """What was remembered just before a kill is known to the next process."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from adapters.axon.nonces import open_nonces\n"
        "from tests.adapters.axon.test_nonces import nonce\n"
        "with open_nonces(Path(sys.argv[1]), 1000) as nonces:\n"
        "    for at in range(1, 51):\n"
        "        nonces.remember(nonce(at + 10**18 * 4))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, path], check=False)
    assert ran.returncode == -signal.SIGKILL
    with open_nonces(path, MOST) as nonces:
        assert [nonces.remember(nonce(at + 10**18 * 4)) for at in (1, 50, 51)] == [False, False, True]


async def test_axon_knows_after_a_restart_what_it_took(path: Path) -> None:
    """A request that was answered before a restart is a replay after it."""
    headers = signed()
    statuses = []
    for _ in range(2):
        async with axon(nonces=path) as address:
            statuses.append((await post(address, headers=headers)).status_code)
    assert statuses == [200, 401]


async def test_blacklisted_hotkeys_leave_nothing(path: Path) -> None:
    """Who is refused after being verified takes no room: with room for one, the next is still let in."""
    limits = [True, True, False]

    def blacklist(_hotkey: object, _synapse: object) -> str | None:
        return "no" if limits.pop(0) else None

    async with axon(nonces=path, blacklist=blacklist) as address:
        statuses = [(await post(address)).status_code for _ in range(3)]
    assert statuses == [403, 403, 200]
    with closing(sqlite3.connect(path)) as rows:
        assert rows.execute("SELECT count(*) FROM taken").fetchone() == (1,)


def test_what_is_too_old_is_forgotten(path: Path) -> None:
    """At the cap nothing is taken in; once old ones are past their window there is room again."""
    now_ns = 1000 * SECOND_NS
    with open_nonces(path, 3, lambda: now_ns) as nonces:
        for at in range(3):
            assert nonces.remember(nonce(now_ns + at))
        with pytest.raises(NoRoom):
            nonces.remember(nonce(now_ns + 3))
        assert not nonces.has_seen(nonce(now_ns + 3))
        now_ns += 11 * SECOND_NS
        assert nonces.remember(nonce(now_ns))


def test_a_clock_that_goes_back_brings_nothing_back(path: Path) -> None:
    """What was forgotten for its age is not taken again when the clock says that it is fresh."""
    start_ns = now_ns = 1000 * SECOND_NS
    with open_nonces(path, MOST, lambda: now_ns) as nonces:
        assert nonces.remember(nonce(start_ns))
        now_ns = start_ns + 11 * SECOND_NS
        assert nonces.remember(nonce(now_ns))
        now_ns = start_ns
        assert not nonces.remember(nonce(start_ns))
        assert nonces.remember(nonce(start_ns + 12 * SECOND_NS))
    with open_nonces(path, MOST, lambda: now_ns) as nonces:
        assert not nonces.remember(nonce(start_ns))


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("CREATE TABLE somebody_elses (x)")


def emptied(path: Path) -> None:
    with open_nonces(path, MOST):
        pass
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("DROP TABLE taken")


def test_a_clock_that_goes_back_does_not_fill_the_memory() -> None:
    """Nonces are forgotten for their age by the time that is, not by the latest that ever was."""
    now_ns = 10_000 * SECOND_NS
    with open_nonces(None, 2, lambda: now_ns) as nonces:
        assert nonces.remember(nonce(now_ns))
        now_ns = 5_000 * SECOND_NS
        assert nonces.remember(nonce(now_ns))
        now_ns += 11 * SECOND_NS
        assert nonces.remember(nonce(now_ns))


DAMAGE = {
    "no database": lambda path: path.write_bytes(b"hello " * 5000),
    "of somebody else": foreign,
    "without its table": emptied,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_put_aside(name: str, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The axon begins anew and says so; nothing passes that it may have known, after another restart neither."""
    path.parent.mkdir()
    DAMAGE[name](path)
    now_ns = time.time_ns()
    for _ in range(2):
        with caplog.at_level(logging.WARNING), open_nonces(path, MOST) as nonces:
            assert not nonces.remember(nonce(now_ns))
            assert not nonces.remember(nonce(now_ns + MAX_AHEAD_NS))
    with open_nonces(path, MOST) as nonces:
        assert nonces.remember(nonce(time.time_ns() + MAX_AHEAD_NS + SECOND_NS))
    assert len(caplog.records) == 1
    assert path.name in caplog.text
    assert path.with_name(f"{path.name}.unreadable").exists()


def test_two_axons_cannot_share_a_file(path: Path) -> None:
    """The second is an operator's error that names the file."""
    with (
        open_nonces(path, MOST),
        pytest.raises(OperatorError, match=path.name),
        open_nonces(path, MOST),
    ):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder where the file should be is an operator's error that names it."""
    with pytest.raises(OperatorError, match=tmp_path.name), open_nonces(tmp_path, MOST):
        pass


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Wire), st.integers(0, 3), st.booleans())))
def test_memory_is_a_set(steps: list[tuple[str, Wire, int, bool]]) -> None:
    """In any order of questions and memories it knows exactly what it was told."""
    told = set()
    with open_nonces(None, MOST, lambda: 0) as nonces:
        for hotkey, wire, at, is_kept in steps:
            one = nonce(at + 1, hotkey=hotkey, wire=wire)
            if is_kept:
                assert nonces.remember(one) == (one not in told)
                told.add(one)
            assert nonces.has_seen(one) == (one in told)

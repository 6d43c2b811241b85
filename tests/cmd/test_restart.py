"""A validator over the journal of one that was killed: kept off while the other runs, refused over damage, repaired, and gone on."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread

from adapters.localnet.child import local_subnet
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import SubnetFacts
from tests.cmd.program import ROOT, environment, python


def flags_for(facts: SubnetFacts, home: Path) -> list[str]:
    return [
        *("--subtensor.chain_endpoint", facts.endpoint, "--wallet.path", facts.wallet_path),
        *("--wallet.name", facts.wallet_names[0], "--wallet.hotkey", facts.wallet_hotkey),
        *("--logging.logging_dir", str(home / "base"), "--neuron.num_concurrent_forwards", "2"),
    ]


def killed_at_work(flags: list[str], home: Path) -> None:
    """Start a validator, see that a second one is kept off and told who is there, and kill the first in the middle of its work."""
    said, command = home / "said", [sys.executable, "-m", "cmd.validator", *flags]
    with said.open("wb") as err:
        first = subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=err, stderr=err)
    deadline_s = time.monotonic() + 60
    while said.read_text().count('"event":"step"') < 6:
        assert time.monotonic() < deadline_s, said.read_text()
        time.sleep(0.05)
    second = python("-m", "cmd.validator", *flags, home=home)
    first.kill()
    first.wait()
    assert second.code == 2, second
    assert f"is in use by process {first.pid} on" in second.err


@pytest.mark.timeout(150)
async def test_from_a_kill_over_damage_to_a_repaired_journal(tmp_path: Path) -> None:
    """Each start ends with one line and exit code 2, or goes on; after the repair the journal verifies."""
    async with local_subnet(SubnetConfig(port=0, folder=tmp_path / "localnet")) as facts:
        flags = flags_for(facts, tmp_path)
        await to_thread.run_sync(killed_at_work, flags, tmp_path)
        (journal,) = (tmp_path / "base").glob("*/*/netuid1/validator/journal.sqlite")
        with closing(sqlite3.connect(journal)) as connection, connection:
            (last,) = connection.execute("SELECT max(seq) FROM entry").fetchone()
            connection.execute("DELETE FROM snapshot WHERE seq > 1")
            connection.execute("UPDATE entry SET digest = 'other' WHERE seq = ?", (last - 2,))
        run = partial(
            python, "-m", "cmd.validator", *flags, "--neuron.max_forwards", "1", home=tmp_path, timeout_s=60
        )
        refused = await to_thread.run_sync(run)
        repaired = await to_thread.run_sync(partial(run, "--repair"))
    assert refused.code == 2, refused
    assert f"row {last - 2} is not what was written" in refused.err.splitlines()[-1]
    assert "--repair" in refused.err.splitlines()[-1]
    assert "Traceback" not in refused.err
    assert repaired.code == 0, repaired
    assert f"events 1 to {last - 3} are kept; events {last - 2} to {last} are lost" in " ".join(
        repaired.err.split()
    )
    assert python("-m", "cmd.replay", "verify", str(journal), home=tmp_path).code == 0

"""The local subnet as a child process, and by itself on the command line."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from websockets.asyncio.client import connect

from adapters.localnet.behaviours import POPULATION
from adapters.localnet.child import LOG_NAME, ROOT, local_subnet
from adapters.localnet.config import SubnetConfig
from adapters.localnet.showing import metagraph_command
from effects.ports import Fault

COMMAND = [sys.executable, "-m", "cmd.localnet"]
# What a parent does that is killed: start a subnet, say where it is, wait.
PARENT = """
import sys, anyio
from pathlib import Path
from adapters.localnet.child import local_subnet
from adapters.localnet.config import SubnetConfig

async def main():
    async with local_subnet(SubnetConfig(port=0, folder=Path(sys.argv[1]))) as facts:
        print(facts.endpoint, flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


def is_open(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("ws://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


async def test_a_child_says_where_it_is(tmp_path: Path) -> None:
    """The facts must name a listening node, wallets that exist, and the behaviour of every miner."""
    stages: list[str] = []
    async with local_subnet(SubnetConfig(port=0, folder=tmp_path / "net"), on_stage=stages.append) as facts:
        assert is_open(facts.endpoint)
        assert sorted(facts.behaviours.values()) == sorted(POPULATION)
        for name in facts.wallet_names:
            assert (Path(facts.wallet_path) / name / "hotkeys" / facts.wallet_hotkey).is_file()
    assert stages
    assert not is_open(facts.endpoint)
    assert (tmp_path / "net" / LOG_NAME).read_text() == ""


async def test_the_command_to_look_at_it_works(tmp_path: Path) -> None:
    """btcli, called as people are told to, must list every neuron."""
    async with local_subnet(SubnetConfig(port=0, folder=tmp_path)) as facts:
        _, *words = shlex.split(metagraph_command(facts))
        btcli = str(Path(sys.executable).with_name("btcli"))
        env = {**os.environ, "HOME": str(tmp_path)}
        done = await anyio.run_process([btcli, "--json", *words], check=False, env=env)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["hotkeys"]) == 31


async def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed at once must leave no subnet behind."""
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    async with await anyio.open_process(command, cwd=ROOT, stderr=None) as parent:
        assert parent.stdout is not None
        with anyio.fail_after(15):
            endpoint = (await parent.stdout.receive()).decode().strip()
        async with connect(endpoint) as connection:
            parent.kill()
            with anyio.fail_after(8):
                await connection.wait_closed()
    assert not is_open(endpoint)


async def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    """Where the child ends early, its own words and its log must be in the fault."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Fault, match=rf"--port {port} .*{LOG_NAME}"):
            async with local_subnet(SubnetConfig(port=port, folder=tmp_path)):
                pass


async def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """A child that is not ready in time must be a fault, and must not run on."""
    with pytest.raises(Fault, match="not ready within"):
        async with local_subnet(SubnetConfig(port=0, folder=tmp_path), start_timeout_s=0.05):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """By itself it must tell how to join, and end with exit code 0 on either signal, its port free."""
    command = [*COMMAND, "--port", "0", "--folder", str(tmp_path)]
    async with await anyio.open_process(command, cwd=ROOT) as process:
        assert process.stdout is not None
        said = ""
        with anyio.fail_after(15):
            while "Ctrl-C" not in said:
                said += (await process.stdout.receive()).decode()
        endpoint = next(word for word in said.split() if word.startswith("ws://"))
        os.kill(process.pid, number)
        with anyio.fail_after(8):
            assert await process.wait() == 0
    assert f"python -m cmd.validator --netuid 1 --subtensor.chain_endpoint {endpoint}" in said
    assert f"python -m cmd.miner --netuid 1 --subtensor.chain_endpoint {endpoint}" in said
    assert f"btcli subnets metagraph 1 --network {endpoint}" in said
    assert not is_open(endpoint)


@pytest.mark.parametrize(
    ("flags", "named"),
    [(["--tmpo", "3"], "--tmpo"), (["--tempo", "0"], "--tempo 0"), (["--child"], "--child")],
)
def test_a_flag_that_cannot_be_is_one_line(flags: list[str], named: str, tmp_path: Path) -> None:
    """What cannot be must end with exit code 2 and one line that names the flag."""
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--folder", str(tmp_path), *flags],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.count("\n") == 1

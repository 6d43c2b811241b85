"""`python -m cmd.miner`, for real: on a local subnet, prompted by a validator's key, with the chain there or not."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import attrs
import httpx2
import pytest
from bittensor import http_auth

from adapters.chain.connection import ChainSettings, connected
from adapters.dendrite import HttpDendrite
from adapters.localnet.child import local_subnet
from adapters.localnet.config import SubnetConfig
from adapters.localnet.facts import SubnetFacts
from adapters.localnet.keys import NeuronKeys, development_keys, spare_keys, validator_keys, write_wallet
from adapters.scoring.settings import MODELS
from adapters.wire.prompting import STREAM_PATH, decode_piece, encode_request
from adapters.wire.sse import EventReader
from core.callers import NO_PERMIT, NOT_REGISTERED, UNKNOWN
from core.types import Outcome, Prompting, Target, TaskType, Uid
from tests.adapters.completions.servers import event, head, sends, server
from tests.adapters.localnet.tasks import make_task
from tests.cmd.program import ROOT, environment, processes_of, python

pytestmark = pytest.mark.timeout(150)

PROMPT = make_task(TaskType.SUMMARY, 3).prompt()
SYNAPSE = Prompting(("user",), (PROMPT,))
SPARE_UID = 30


@pytest.fixture
def anyio_backend() -> str:
    """The SDK lives on asyncio."""
    return "asyncio"


@attrs.frozen
class Miner:
    """A miner that runs, and the file that it writes its lines to."""

    process: "subprocess.Popen[bytes]"
    said: Path

    def lines(self, event: str) -> list[dict[str, Any]]:
        read = [
            json.loads(line)
            for line in self.said.read_text().splitlines(keepends=True)
            if line.endswith("\n")
        ]
        return [line for line in read if line["event"] == event]

    @property
    def port(self) -> int:
        return int(self.lines("serving")[0]["port"])

    async def says(self, event: str, where: Callable[[dict[str, Any]], bool] = lambda _line: True) -> None:
        with anyio.fail_after(60):
            while not any(where(line) for line in self.lines(event)):
                assert self.process.poll() is None, self.said.read_text()
                await anyio.sleep(0.05)


def started(home: Path, said: Path, *flags: str, api_key: str = "") -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "cmd.miner", "--logging.logging_dir", str(home / "runs"), *flags]
    env = environment(home) | {"OPENAI_API_KEY": api_key}
    with said.open("wb") as err:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=err, stderr=err)


@asynccontextmanager
async def mining(home: Path, *flags: str, api_key: str = "") -> AsyncIterator[Miner]:
    """A miner until the block is left, then ended by SIGTERM: within seconds, with exit code 0, and quietly."""
    said = home / f"said{time.monotonic_ns()}"
    process = started(home, said, *flags, api_key=api_key)
    try:
        yield Miner(process, said)
        process.send_signal(signal.SIGTERM)
        code = await anyio.to_thread.run_sync(partial(process.wait, 10))
        assert code == 0, said.read_text()
        assert "Traceback" not in said.read_text()
    finally:
        process.kill()
        process.wait()


def join(facts: SubnetFacts, *more: str) -> list[str]:
    return [
        *("--netuid", str(facts.netuid), "--subtensor.chain_endpoint", facts.endpoint),
        *("--wallet.path", facts.wallet_path, *more),
    ]


@asynccontextmanager
async def subnet(home: Path, port: int = 0) -> AsyncIterator[SubnetFacts]:
    async with local_subnet(SubnetConfig(port=port, folder=home / "localnet")) as facts:
        yield facts


async def ask(miner: Miner, keys: NeuronKeys, synapse: Prompting = SYNAPSE) -> Outcome:
    target = Target(Uid(SPARE_UID), spare_keys().hotkey_ss58, f"127.0.0.1:{miner.port}")
    (outcome,) = await HttpDendrite(keys.hotkey, allow_private=True).query((target,), synapse, timeout_s=10)
    return outcome


async def stream(miner: Miner, keys: NeuronKeys) -> tuple[list[str], str]:
    """The pieces of a streamed answer, and the name of the event that ended it."""
    body = encode_request(SYNAPSE)
    headers = http_auth.sign(
        keys.hotkey, method="POST", path=STREAM_PATH, body=body, receiver_ss58=spare_keys().hotkey_ss58
    )
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        response = await client.post(
            f"http://127.0.0.1:{miner.port}{STREAM_PATH}", content=body, headers=headers
        )
    *pieces, last = EventReader().feed(response.content)
    return [decode_piece(event) for event in pieces], last.name


async def axon_on_chain(facts: SubnetFacts, folder: Path) -> dict[str, Any]:
    async with connected(ChainSettings((facts.endpoint,), facts.netuid, folder)) as connection:
        record = await connection.record()
    assert record is not None
    axon: dict[str, Any] = record["axons"][SPARE_UID]
    return axon


async def test_it_joins_a_subnet_and_answers_its_validators(tmp_path: Path) -> None:
    """Published under its uid, it answers a validator whole and streamed, refuses others with the reason, and tells of it."""
    async with subnet(tmp_path) as facts, mining(tmp_path, *join(facts)) as miner:
        await miner.says("published")
        assert (await axon_on_chain(facts, tmp_path))["port"] == miner.port
        answer = await ask(miner, validator_keys(0))
        pieces, end = await stream(miner, validator_keys(0))
        other_miner, stranger = await ask(miner, spare_keys()), await ask(miner, development_keys("stranger"))
        await miner.says(
            "answered", lambda line: line["uid"] == 0 and line["characters"] == len(answer.completion)
        )
    assert (answer.code, answer.message) == (200, "")
    assert len(answer.completion) > 100
    assert ("".join(pieces), end) == (answer.completion, "end")
    assert (other_miner.code, stranger.code) == (403, 403)
    (ending,) = miner.lines("ending")
    assert (ending["answered"], ending["refused"]) == (2, {NO_PERMIT: 1, NOT_REGISTERED: 1})
    assert answer.completion not in miner.said.read_text()
    assert processes_of(tmp_path) == []


async def test_a_model_answers(tmp_path: Path) -> None:
    """With a causal LM behind it: streamed token by token, and the same joined as whole."""
    model = ["--completion.backend", "causal_lm", "--completion.model", str(MODELS / "dpo")]
    greedy = ["--completion.temperature", "0", "--completion.max_new_tokens", "12"]
    async with subnet(tmp_path) as facts, mining(tmp_path, *join(facts), *model, *greedy) as miner:
        await miner.says("published")
        answer = await ask(miner, validator_keys(0))
        pieces, end = await stream(miner, validator_keys(0))
    assert answer.code == 200, answer
    assert len(pieces) > 3
    assert ("".join(pieces), end) == (answer.completion, "end")


async def test_an_endpoint_answers_or_fails_in_silence(tmp_path: Path) -> None:
    """Its text is the answer. Where it fails, the caller learns nothing, and the operator does, but for the key."""
    key = "sk-very-secret"
    refusals = sends(head("401 Unauthorized", "text/plain"), f"wrong key {key}".encode())
    async with subnet(tmp_path) as facts:
        for answer, code in ((sends(head(), event("from afar", "stop")), 200), (refusals, 500)):
            async with server(answer) as running:
                endpoint = ["--completion.backend", "endpoint", "--completion.model", "m", "--completion.url"]
                async with mining(tmp_path, *join(facts), *endpoint, running.url, api_key=key) as miner:
                    await miner.says("published")
                    outcome = await ask(miner, validator_keys(0))
            assert (outcome.code, outcome.completion) == (code, "from afar" if code == 200 else "")
            assert running.received[0].headers["authorization"] == f"Bearer {key}"
            assert key not in miner.said.read_text() + outcome.message
    assert "answered 401: wrong key ***" in miner.lines("failed")[0]["reason"]


async def test_an_address_is_published_once_over_two_starts(tmp_path: Path, free_port: int) -> None:
    """The chain's record of it is not written again; a port that changed is."""
    flags = ["--axon.port", str(free_port)]
    async with subnet(tmp_path) as facts:
        records = []
        for port in (flags, flags, []):
            async with mining(tmp_path, *join(facts), *port) as miner:
                await miner.says("published")
            records.append(await axon_on_chain(facts, tmp_path))
    first, second, third = records
    assert first == second
    assert third["block"] > first["block"]
    assert third["port"] != first["port"] == free_port


async def test_the_chain_may_come_later(tmp_path: Path, free_port: int) -> None:
    """It serves and says so, refuses who cannot be known but answers its allow list, and joins once there is a chain."""
    write_wallet(spare_keys(), tmp_path / "wallets")
    friend = development_keys("friend")
    flags = [
        *("--subtensor.chain_endpoint", f"ws://127.0.0.1:{free_port}"),
        *("--wallet.path", str(tmp_path / "wallets"), "--blacklist.allow", friend.hotkey_ss58),
    ]
    async with mining(tmp_path, *flags) as miner:
        await miner.says("chain lost")
        refused, answered = await ask(miner, validator_keys(0)), await ask(miner, friend)
        async with subnet(tmp_path, free_port):
            await miner.says("published")
            validator = await ask(miner, validator_keys(0))
    assert (refused.code, answered.code, validator.code) == (403, 200, 200)
    assert miner.lines("ending")[0]["refused"] == {UNKNOWN: 1}
    assert [len(miner.lines(event)) for event in ("chain lost", "chain found")] in ([1, 1], [2, 1])


@pytest.mark.parametrize(
    ("ip", "host"),
    [("127.0.0.1", "127.0.0.1"), ("192.0.2.7", "0.0.0.0"), ("2001:db8::7", "::")],  # noqa: S104 - what is looked for
)
async def test_it_listens_where_it_says_it_is(ip: str, host: str, tmp_path: Path, free_port: int) -> None:
    """On this machine alone only where nothing else is published: a local chain may have validators on other machines."""
    write_wallet(spare_keys(), tmp_path / "wallets")
    flags = ["--subtensor.chain_endpoint", f"ws://127.0.0.1:{free_port}", "--axon.external_ip", ip]
    async with mining(tmp_path, *flags, "--wallet.path", str(tmp_path / "wallets")) as miner:
        await miner.says("chain lost")
    assert miner.lines("serving")[0]["host"] == host


async def test_a_replay_is_refused_after_a_restart(tmp_path: Path, free_port: int) -> None:
    """What was taken before a restart is remembered in the run's folder."""
    body = encode_request(SYNAPSE)
    sign = partial(http_auth.sign, validator_keys(0).hotkey, method="POST", path="/Prompting", body=body)
    headers = sign(receiver_ss58=spare_keys().hotkey_ss58)
    codes = []
    async with subnet(tmp_path) as facts:
        for _ in range(2):
            async with mining(tmp_path, *join(facts, "--axon.port", str(free_port))) as miner:
                await miner.says("published")
                async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
                    url = f"http://127.0.0.1:{free_port}/Prompting"
                    answer = await client.post(url, content=body, headers=headers)
                codes.append(answer.status_code)
    assert codes == [200, 401]
    assert list((tmp_path / "runs" / "miner" / "default" / "netuid1" / "miner").glob("nonces.sqlite"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
async def test_it_ends_while_a_model_is_being_loaded(number: signal.Signals, tmp_path: Path) -> None:
    """Within seconds, with exit code 0 and quietly, however long loading takes."""
    write_wallet(spare_keys(), tmp_path / "wallets")
    model = ["--completion.backend", "causal_lm", "--completion.model", str(MODELS / "dpo")]
    said = tmp_path / "said"
    process = started(tmp_path, said, "--wallet.path", str(tmp_path / "wallets"), *model)
    await Miner(process, said).says("making the causal_lm back end ready")
    await anyio.sleep(0.3)
    process.send_signal(number)
    assert await anyio.to_thread.run_sync(partial(process.wait, 10)) == 0, said.read_text()
    assert "Traceback" not in said.read_text()
    assert "serving" not in said.read_text()


async def test_what_the_operator_must_mend_is_one_line(tmp_path: Path, free_port: int) -> None:
    """On a chain that answers: a hotkey that is not registered, a folder in use; exit code 2."""
    stranger = development_keys("stranger")
    async with subnet(tmp_path) as facts:
        write_wallet(stranger, Path(facts.wallet_path))
        place = ["--logging.logging_dir", str(tmp_path / "runs")]
        run = partial(python, "-m", "cmd.miner", *join(facts), *place, home=tmp_path, timeout_s=30)
        unregistered = await anyio.to_thread.run_sync(partial(run, "--wallet.name", stranger.name))
        async with mining(tmp_path, *join(facts)) as miner:
            await miner.says("serving")
            second = await anyio.to_thread.run_sync(run)
    for ran, named in (
        (unregistered, stranger.hotkey_ss58),
        (second, f"in use by process {miner.process.pid}"),
    ):
        assert ran.code == 2, ran
        (error,) = [line for line in ran.err.splitlines() if not line.startswith("{")]
        assert named in error
    assert "btcli subnet register" in unregistered.err


REFUSED = [
    (["--subtensor.network", "embedded"], "cmd.localnet"),
    (
        ["--subtensor.network", "finny", "--wallet.path", "/nowhere"],
        "finney? give one of local, test, finney, or",
    ),
    (["--subtensor.network", "finney", "--axon.external_ip", "10.0.0.7"], "--axon.external_ip 10.0.0.7"),
    (["--subtensor.chain_endpoint", "http://x"], "--subtensor.chain_endpoint"),
    ([], "python -m cmd.localnet"),
    (["--wallet.name", "nobody"], "--wallet.name nobody"),
    (["--axon.port", "99999"], "--axon.port 99999"),
    (["--blacklist.alow", "x"], "--blacklist.allow"),
    (["--blacklist.allow_non_registered"], "--blacklist.force_validator_permit=false"),
    (["--completion.backend", "gpt"], "--completion.backend"),
    (["--completion.backend", "causal_lm"], "--completion.model"),
    (["--completion.backend", "endpoint", "--completion.model", "m"], "--completion.url"),
    (["--completion.api_key", "x"], "--completion.api_key_env"),
    (["stray"], "stray"),
]


@pytest.mark.parametrize(("flags", "named"), REFUSED, ids=[" ".join(flags) for flags, _ in REFUSED])
def test_wrong_flags_are_one_line(flags: list[str], named: str, tmp_path: Path) -> None:
    """Each names the flag or the remedy; exit code 2, no traceback, nothing made."""
    wallets = [] if "--wallet.path" in flags else ["--wallet.path", str(tmp_path / "wallets")]
    place = ["--logging.logging_dir", str(tmp_path / "runs"), *wallets]
    ran = python("-m", "cmd.miner", *flags, *place, home=tmp_path)
    assert ran.code == 2, ran
    assert len(ran.err.splitlines()) == 1, ran.err
    assert named in ran.err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_started_is_one_line(tmp_path: Path, free_port: int) -> None:
    """With a wallet at hand: a model that is not there, a port that is taken, a hotkey with a typing error."""
    write_wallet(spare_keys(), tmp_path / "wallets")
    place = ["--logging.logging_dir", str(tmp_path / "runs"), "--wallet.path", str(tmp_path / "wallets")]
    model = ["--completion.backend", "causal_lm", "--completion.model", "/no/such/model"]
    typed = spare_keys().hotkey_ss58
    with socket.create_server(("127.0.0.1", free_port)):
        for flags, named in (
            (model, model[-1]),
            (["--axon.port", str(free_port)], f"--axon.port {free_port} "),
            (["--blacklist.deny", f"{typed[:-1]}1"], f"--blacklist.deny {typed[:-1]}1"),
        ):
            ran = python("-m", "cmd.miner", *flags, *place, home=tmp_path, timeout_s=60)
            assert ran.code == 2, ran
            (error,) = [line for line in ran.err.splitlines() if not line.startswith("{")]
            assert named in error


def test_help_answers_at_once(tmp_path: Path) -> None:
    """`--help` shows every flag without the heavy imports."""
    ran = python("-X", "importtime", "-m", "cmd.miner", "--help", home=tmp_path)
    assert ran.code == 0
    for flag in ("--blacklist.force_validator_permit", "--completion.backend", "--priority.patience_s"):
        assert flag.partition(".")[2] in ran.out
    for heavy in ("torch", "transformers", "bittensor", "numpy", "httpx2"):
        assert f" {heavy}\n" not in ran.err, f"{heavy} is imported for --help"

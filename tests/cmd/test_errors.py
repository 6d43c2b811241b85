"""What an operator gets wrong ends in one line that names the flag or the cause and the remedy."""

from functools import partial
from pathlib import Path

import pytest
from anyio import to_thread

from adapters.localnet.child import local_subnet
from adapters.localnet.config import SubnetConfig
from adapters.localnet.keys import development_keys, write_wallet
from tests.cmd.program import python

# Some of these start a subnet and load torch before they fail.
pytestmark = pytest.mark.timeout(60)

REFUSED = [
    (["--netuid", "x"], "--netuid"),
    (["--reward.dpo_weight", "0.9"], "--reward.dpo_weight"),
    (["--reward.dpo_weight", "0.5", "--reward.rlhf_weight", "0.1"], "--reward.rlhf_model"),
    (["--reward.dpo_weight", "0.5", "--reward.dahoas_weight", "0.1"], "--reward.dahoas_checkpoint"),
    (["--reward.dpo_weight", "0.5", "--reward.prompt_based_weight", "0.1"], "--reward.prompt_based_model"),
    (["--reward.blacklist_support", "0.0001"], "--reward.blacklist_error"),
    (["--reward.diversity_bound", "nan"], "--reward.diversity_bound"),
    (["--neuron.num_concurent_forwards", "2"], "--neuron.num_concurrent_forwards"),
    (["--neuron.num_concurrent_forwards", "0"], "--neuron.num_concurrent_forwards"),
    (["--neuron.moving_average_alpha", "nan"], "--neuron.moving_average_alpha"),
    (["--wandb.off"], "--wandb.off"),
    (["--summary", "/nowhere/at/all.json"], "--summary"),
    (["--subtensor.network", "finny"], "finney? give one of embedded, local, test, finney, or"),
    (["--subtensor.network", "finney", "--axon.external_ip", "127.0.0.1"], "--axon.external_ip 127.0.0.1"),
    (["--subtensor.chain_endpoint", "http://127.0.0.1:1"], "--subtensor.chain_endpoint"),
    (["--subtensor.chain_endpoint", "ws://127.0.0.1:1"], "--subtensor.chain_endpoint"),
    (["--reward.dpo_model", "/no/such/model"], "--reward.dpo_model"),
    (["--axon.port", "99999"], "--axon.port"),
    (["--axon.external_ip", "here"], "--axon.external_ip"),
    (["--netuid", "-1"], "--netuid"),
    (["--neuron.max_forwards", "-1"], "--neuron.max_forwards"),
    (["--neuron.device", "cuda:9"], "--neuron.device"),
    (["--logging.logging_dir", "/proc/runs"], "--logging.logging_dir"),
    (["stray"], "stray"),
]


@pytest.mark.parametrize(("flags", "named"), REFUSED, ids=[" ".join(flags) for flags, _ in REFUSED])
def test_one_line_exit_2_no_traceback(flags: list[str], named: str, tmp_path: Path) -> None:
    """Each is one line that names the flag; exit code 2; no traceback."""
    place = [] if "--logging.logging_dir" in flags else ["--logging.logging_dir", str(tmp_path)]
    ran = python("-m", "cmd.validator", *flags, *place, home=tmp_path)
    lines = [line for line in ran.err.splitlines() if not line.startswith("·")]
    assert ran.code == 2, ran
    assert len(lines) == 1, ran.err
    assert named in lines[0]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["rlhf", "dahoas", "prompt_based"])
def test_a_model_that_is_missing_is_told_before_anything_starts(name: str, tmp_path: Path) -> None:
    """No stage of a start is reached, no folder made: the one line is all there is."""
    weights = ["--reward.dpo_weight", "0", f"--reward.{name}_weight", "0.6"]
    place = ["--logging.logging_dir", str(tmp_path / "runs")]
    ran = python("-m", "cmd.validator", *weights, *place, home=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        f"error: --reward.{name}_weight 0.6: the local network ships no {name} model: give "
    )
    assert len(ran.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


async def test_a_hotkey_that_is_not_registered_is_told_what_to_do(tmp_path: Path) -> None:
    """On a subnet that runs, an unregistered hotkey is named with its subnet and the way to register; so is a missing wallet."""
    stranger = development_keys("stranger")
    write_wallet(stranger, tmp_path / "wallets")
    async with local_subnet(SubnetConfig(port=0, folder=tmp_path / "localnet")) as facts:
        flags = ["--subtensor.chain_endpoint", facts.endpoint, "--wallet.path", str(tmp_path / "wallets")]
        run = partial(python, "-m", "cmd.validator", *flags, home=tmp_path)
        unregistered = await to_thread.run_sync(partial(run, "--wallet.name", stranger.name))
        missing = await to_thread.run_sync(partial(run, "--wallet.name", "nobody"))
        elsewhere = await to_thread.run_sync(partial(run, "--netuid", "7", "--wallet.name", stranger.name))
    for ran, named in (
        (unregistered, stranger.hotkey.ss58_address),
        (missing, "--wallet.name nobody"),
        (elsewhere, "--netuid 7"),
    ):
        assert ran.code == 2, ran
        assert named in ran.err.splitlines()[-1]
        assert "Traceback" not in ran.err
    assert "register" in unregistered.err


def test_help_answers_at_once(tmp_path: Path) -> None:
    """`--help` shows every flag without the heavy imports."""
    ran = python("-X", "importtime", "-m", "cmd.validator", "--help", home=tmp_path)
    assert ran.code == 0
    assert "--neuron.num_concurrent_forwards" in ran.out
    for heavy in ("torch", "transformers", "bittensor", "numpy"):
        assert f" {heavy}\n" not in ran.err, f"{heavy} is imported for --help"

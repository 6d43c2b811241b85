"""The miner's flags: what cannot be, and what they come to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from adapters.completions import CompletionSettings
from adapters.miner.settings import (
    BlacklistFlags,
    ChainFlags,
    MinerAxonFlags,
    MinerNeuronFlags,
    MinerSettings,
    PriorityFlags,
    presets,
)
from core.config import ConfigError
from core.types import Hotkey

HOTKEY = "5D7g1a6Bfk1QWSDMQKDyW9DLptJoHxbFX6mCgiCzomERKKNS"


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: MinerSettings(netuid=-1), "--netuid -1"),
        (lambda: ChainFlags(network="embedded"), "cmd.localnet"),
        (lambda: MinerAxonFlags(port=99_999), "--axon.port 99999"),
        (lambda: MinerAxonFlags(external_ip="here"), "--axon.external_ip here"),
        (lambda: MinerAxonFlags(external_ip="fe80::1%eth0"), "--axon.external_ip fe80::1%eth0"),
        (lambda: MinerAxonFlags(max_forwards=0), "--axon.max_forwards 0"),
        (lambda: MinerAxonFlags(max_connections=0), "--axon.max_connections 0"),
        (lambda: MinerAxonFlags(max_waiting=-1), "--axon.max_waiting -1"),
        (lambda: MinerAxonFlags(max_wait_s=0.0), "--axon.max_wait_s 0.0"),
        (lambda: MinerAxonFlags(forward_timeout_s=float("inf")), "--axon.forward_timeout_s inf"),
        (lambda: BlacklistFlags(allow=("me",)), "--blacklist.allow me"),
        (lambda: BlacklistFlags(deny=(HOTKEY, "0x00")), "--blacklist.deny 0x00"),
        (lambda: BlacklistFlags(min_stake=-1.0), "--blacklist.min_stake -1.0"),
        (lambda: BlacklistFlags(max_requests_per_min=-1), "--blacklist.max_requests_per_min -1"),
        (lambda: BlacklistFlags(prompt_repeat_s=float("nan")), "--blacklist.prompt_repeat_s nan"),
        (lambda: BlacklistFlags(allow_non_registered=True), "--blacklist.force_validator_permit=false"),
        (lambda: PriorityFlags(patience_s=0.0), "--priority.patience_s 0.0"),
        (lambda: MinerNeuronFlags(name="a/b"), "--neuron.name a/b"),
        (lambda: MinerNeuronFlags(name=".."), "--neuron.name .."),
        (lambda: MinerNeuronFlags(epoch_length=0), "--neuron.epoch_length 0"),
        (lambda: MinerNeuronFlags(silence_s=-1.0), "--neuron.silence_s -1.0"),
    ],
)
def test_what_cannot_be_is_named(make: Callable[[], Any], named: str) -> None:
    """Each is refused by its flag."""
    with pytest.raises(ConfigError) as caught:
        make()
    assert named in str(caught.value)


def test_the_local_network_brings_a_wallet_and_an_address() -> None:
    """Those that the local subnet writes and allows; a public network brings nothing."""
    local = presets(MinerSettings())
    assert local["wallet"] == {"name": "miner", "path": str(Path("runs/localnet/wallets"))}
    assert local["axon"] == {"port": 0, "external_ip": "127.0.0.1"}
    assert local["neuron"]["silence_s"] < MinerNeuronFlags().silence_s
    assert presets(MinerSettings(subtensor=ChainFlags("finney"))) == {}


def test_flags_become_the_policy_they_say() -> None:
    """By default registered hotkeys with a permit, so many a minute; strangers where flags let them in."""
    usual = BlacklistFlags().policy()
    assert (usual.needs_registration, usual.needs_permit, usual.max_requests) == (True, True, 120)
    wide = BlacklistFlags(allow_non_registered=True, force_validator_permit=False, deny=(HOTKEY,)).policy()
    assert (wide.needs_registration, wide.needs_permit, wide.deny) == (
        False,
        False,
        frozenset({Hotkey(HOTKEY)}),
    )


def test_flags_become_the_limits_they_say() -> None:
    """Each of the axon's flags is its limit of that name."""
    flags = MinerAxonFlags(
        max_forwards=3, max_waiting=4, max_wait_s=5.0, forward_timeout_s=6.0, max_connections=7
    )
    limits = flags.limits(CompletionSettings())
    assert all(
        getattr(limits, field.name) == getattr(flags, field.name)
        for field in attrs.fields(MinerAxonFlags)
        if field.name not in {"port", "external_ip"}
    )


def test_a_public_network_wants_a_public_address_or_none() -> None:
    """A private one is refused by its flag; on a local network it is what one has."""
    finney = ChainFlags("finney")
    with pytest.raises(ConfigError, match=r"^--axon\.external_ip 10\.0\.0\.7 .*public internet: give "):
        MinerSettings(subtensor=finney, axon=MinerAxonFlags(external_ip="10.0.0.7"))
    for subtensor, ip in ((finney, "1.1.1.1"), (finney, None), (ChainFlags(), "10.0.0.7")):
        settings = MinerSettings(subtensor=subtensor, axon=MinerAxonFlags(external_ip=ip))
        assert settings.axon.external_ip == ip


def test_as_many_are_answered_at_once_as_the_back_end_works_on() -> None:
    """Where no flag says so: whoever waits then waits where priority counts."""
    model = CompletionSettings(backend="causal_lm", model="m", max_batch=5)
    server = CompletionSettings(backend="endpoint", model="m", url="http://127.0.0.1:1")
    assert MinerAxonFlags().limits(model).max_forwards == 5
    assert MinerAxonFlags().limits(server).max_forwards == 64
    assert MinerAxonFlags().limits(CompletionSettings()).max_forwards == 8
    assert MinerAxonFlags(max_forwards=2).limits(model).max_forwards == 2

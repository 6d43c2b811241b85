"""From the runtime's record to a metagraph."""

import ipaddress
from typing import Any

import pytest

from adapters.chain.convert import axon_address, read_metagraph
from core.types import Block, Metagraph


def axon(ip: str = "0.0.0.0", port: int = 0) -> dict[str, int]:  # noqa: S104 - an address in data, nothing binds
    address = ipaddress.ip_address(ip)
    return {
        "ip": int(address),
        "port": port,
        "ip_type": address.version,
        "version": 10_005_000,
        "protocol": 4,
    }


def record(**changes: Any) -> dict[str, Any]:
    """Two neurons: a validator without an axon, a miner with one."""
    return {
        "block": 120,
        "last_step": 100,
        "tempo": 20,
        "weights_rate_limit": 100,
        "weights_version": 7,
        "hotkeys": ["5Validator", "5Miner"],
        "axons": [axon(), axon("10.1.2.3", 8091)],
        "total_stake": [5_000_000_000, 0],
        "validator_permit": [True, False],
        "incentives": [0, 65535],
        "dividends": [65535, 0],
        "last_update": [111, 0],
        **changes,
    }


def read(own_hotkey: str = "5Validator", **changes: Any) -> tuple[Metagraph, tuple[str, ...]]:
    reading = read_metagraph(record(**changes), own_hotkey)
    return reading.metagraph, reading.skipped


def test_a_record_becomes_neurons_and_limits() -> None:
    """Stakes are told in TAO, shares between 0 and 1, and our own last update beside them."""
    metagraph, skipped = read()
    validator, miner = metagraph.neurons
    assert skipped == ()
    assert (validator.stake_tao, validator.validator_permit, validator.dividends) == (5.0, True, 1.0)
    assert (miner.axon, miner.incentive, miner.validator_permit) == ("10.1.2.3:8091", 1.0, False)
    assert (miner.axon_version, miner.axon_protocol) == (10_005_000, 4)
    assert (metagraph.block, metagraph.last_epoch, metagraph.tempo_blocks) == (120, 100, 20)
    assert (metagraph.last_update, metagraph.weights_rate_limit_blocks, metagraph.version_key) == (
        111,
        100,
        7,
    )


def test_a_stranger_has_never_set_weights() -> None:
    """A hotkey that is not registered reads the metagraph all the same."""
    metagraph, _ = read(own_hotkey="5Stranger")
    assert metagraph.last_update == Block(0)


@pytest.mark.parametrize(
    "changes",
    [
        {"axons": [{"ip": 2**40, "port": 1, "ip_type": 4}, axon("10.1.2.3", 8091)]},
        {"axons": [None, None], "hotkeys": [None, "5Miner"]},
        {"total_stake": ["much", 0]},
        {"axons": [{"ip": 5}, axon("10.1.2.3", 8091)]},
    ],
)
def test_a_neuron_that_cannot_be_read_is_left_out_alone(changes: dict[str, Any]) -> None:
    """One bad row costs its own uid, with the reason, and no other."""
    metagraph, skipped = read(**changes)
    assert [neuron.uid for neuron in metagraph.neurons] == [1]
    assert len(skipped) == 1
    assert "uid 0" in skipped[0]


def test_columns_of_a_subnet_without_an_epoch_read_as_zero() -> None:
    """Before the first epoch the runtime may return empty columns."""
    metagraph, skipped = read(incentives=[], dividends=[])
    assert skipped == ()
    assert all(neuron.incentive == 0 and neuron.dividends == 0 for neuron in metagraph.neurons)


def test_axons_are_written_as_the_field_writes_them() -> None:
    """Version 6 addresses come in brackets; an address of 0 means that nothing is served."""
    assert axon_address(axon("10.1.2.3", 8091)) == "10.1.2.3:8091"
    assert axon_address(axon("2001:db8::1", 8091)) == "[2001:db8::1]:8091"
    assert axon_address(axon()) is None

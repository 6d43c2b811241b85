"""What flags an incentive run takes, and which it refuses by name."""

from typing import Any

import pytest

from adapters.errors import OperatorError
from adapters.localnet.config import LocalnetSettings, SubnetConfig
from adapters.localnet.incentives.config import RunConfig

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"epochs": 0}, "--epochs 0"),
    ({"epochs": -1}, "--epochs -1"),
    ({"epochs": 5, "validators": 0}, "--validators 0"),
    ({"epochs": 5, "copiers": -1}, "--copiers -1"),
    ({"epochs": 5, "colluders": -1}, "--colluders -1"),
    ({"epochs": 5, "sybils": -1}, "--sybils -1"),
    ({"epochs": 5, "changing": -1}, "--changing -1"),
    ({"epochs": 5, "miners": 4}, "--miners 4: .* 5 or more"),
    ({"epochs": 5, "miners": 8, "sybils": 7}, "--miners 8: .*--sybils"),
    ({"epochs": 5, "validators": 300}, "--validators 300 .*256"),
    ({"epochs": 5, "miners": 252}, "--miners 252: 257 uids"),
    ({"validators": 5}, "--validators 5 .*--epochs"),
    ({"miners": 8}, "--miners 8 .*--epochs"),
    ({"commit_reveal": "on"}, "--commit_reveal on .*--epochs"),
]


@pytest.mark.parametrize(("flags", "message"), REFUSED)
def test_what_cannot_be_is_refused_by_name(flags: dict[str, Any], message: str) -> None:
    """A value that makes no run must be refused in words that name its flag."""
    with pytest.raises(OperatorError, match=message):
        RunConfig(**flags)


def test_a_full_subnet_is_the_most() -> None:
    """As many neurons as a subnet has uids must be taken."""
    run = RunConfig(epochs=1, miners=251)
    assert run.all_validators + run.miners == 256


def test_no_flag_is_no_run() -> None:
    """Without any flag there is no incentive run, and the subnet is what it always was."""
    assert LocalnetSettings().run.epochs is None


def test_a_failing_chain_makes_no_run() -> None:
    """Faults at random, changed hyperparameters among them, must not be measured as incentives."""
    with pytest.raises(OperatorError, match=r"--faults .*--epochs"):
        LocalnetSettings(subnet=SubnetConfig(faults=1), run=RunConfig(epochs=1))


def test_a_child_makes_no_run() -> None:
    """A subnet for another program must not be an incentive run at once."""
    with pytest.raises(OperatorError, match=r"--child .*--epochs"):
        LocalnetSettings(run=RunConfig(epochs=1), child=True)

"""The validator's flags together: what a public network wants."""

import pytest

from adapters.flags import AxonFlags
from adapters.validator.settings import NeuronFlags, SubtensorFlags, ValidatorSettings
from core.config import ConfigError

PRIVATE = AxonFlags(external_ip="10.0.0.7")


@pytest.mark.parametrize("network", ["test", "finney"])
def test_a_public_network_wants_a_public_address(network: str) -> None:
    """A private one is refused by its flag, unless nothing is published at all."""
    subtensor = SubtensorFlags(network)
    with pytest.raises(ConfigError, match=r"^--axon\.external_ip 10\.0\.0\.7 .*public internet: give "):
        ValidatorSettings(subtensor=subtensor, axon=PRIVATE)
    unpublished = ValidatorSettings(subtensor=subtensor, axon=PRIVATE, neuron=NeuronFlags(axon_off=True))
    assert unpublished.axon == PRIVATE


@pytest.mark.parametrize(
    "subtensor", [SubtensorFlags(), SubtensorFlags("local"), SubtensorFlags(None, "ws://x")]
)
def test_a_local_network_takes_any_address(subtensor: SubtensorFlags) -> None:
    """Embedded, local, or named by its endpoint alone."""
    assert ValidatorSettings(subtensor=subtensor, axon=PRIVATE).axon == PRIVATE

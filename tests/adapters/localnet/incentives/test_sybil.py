"""When a sybil comes back as somebody else."""

import pytest

from adapters.localnet.incentives.sybil import PATIENCE_EPOCHS, earns_too_little
from core.types import Block, Hotkey, Metagraph, Neuron, Uid

ME = Hotkey("me")


def metagraph(own: float | None, *others: float) -> Metagraph:
    neurons = [
        Neuron(Uid(uid), Hotkey(f"other{uid}"), incentive=share) for uid, share in enumerate(others, start=1)
    ]
    if own is not None:
        neurons.insert(0, Neuron(Uid(0), ME, incentive=own))
    return Metagraph(Block(100), tuple(neurons))


@pytest.mark.parametrize(
    ("own", "others", "too_little"),
    [
        (0.1, (0.4, 0.5), True),
        (0.3, (0.4, 0.5), True),
        (0.0, (0.5, 0.5), True),
        (0.4, (0.3, 0.3), False),
        (0.3, (0.3, 0.3), False),
        (0.2, (0.3, 0.1, 0.0, 0.0), False),
        (0.1, (0.3, 0.3, 0.01, 0.0, 0.0), True),
        (0.0, (0.0, 0.0), False),
    ],
)
def test_less_than_who_earns_is_too_little(own: float, others: tuple[float, ...], too_little: bool) -> None:
    """Below the median of those who earn it must leave, at the median and above stay; where nobody earns it stays."""
    assert earns_too_little(metagraph(own, *others), ME, epochs_known=PATIENCE_EPOCHS) is too_little


def test_a_new_identity_is_given_time() -> None:
    """Before its patience ends it must stay, whatever it earns."""
    assert not earns_too_little(metagraph(0.0, 1.0), ME, epochs_known=PATIENCE_EPOCHS - 1)


def test_who_is_not_registered_comes_back_at_once() -> None:
    """An identity that has lost its uid has nothing to wait for."""
    assert earns_too_little(metagraph(None, 1.0), ME, epochs_known=0)

"""Which wire a miner is prompted on."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import Block, Hotkey, Metagraph, Neuron, Outcome, Target, Uid, Wire, WireReason
from core.wires import announced, assign, choose, learn

MINER = Neuron(Uid(3), Hotkey("miner"), "1.2.3.4:8091")


def served(version: int, protocol: int = 4) -> Neuron:
    return attrs.evolve(MINER, axon_version=version, axon_protocol=protocol)


@pytest.mark.parametrize(
    ("version", "protocol", "wire"),
    [
        (1, 4, Wire.BTAUTH),
        (11_000_000, 4, Wire.BTAUTH),
        (11_003_000, 4, Wire.BTAUTH),
        (10_999_999, 4, Wire.V10),
        (10_005_000, 4, Wire.V10),
        (7_002_000, 4, Wire.V10),
        (610, 4, Wire.V10),
        (100, 4, Wire.V10),
        (99, 4, None),
        (0, 4, None),
        (10_005_000, 7, None),
        (1, 0, None),
    ],
)
def test_record_stands_for_a_wire(version: int, protocol: int, wire: Wire | None) -> None:
    """SDK 11 and its default version are btauth/1, older SDKs v10; a protocol of a subnet's own tells nothing."""
    assert announced(served(version, protocol)) is wire


@pytest.mark.parametrize(
    ("neuron", "known", "first", "reason"),
    [
        (MINER, None, Wire.BTAUTH, WireReason.UNKNOWN),
        (MINER, Wire.V10, Wire.V10, WireReason.WORKED),
        (served(10_005_000), None, Wire.V10, WireReason.CHAIN),
        (served(10_005_000), Wire.V10, Wire.V10, WireReason.CHAIN),
        (served(10_005_000), Wire.BTAUTH, Wire.BTAUTH, WireReason.WORKED),
    ],
)
def test_first_wire_and_why(neuron: Neuron, known: Wire | None, first: Wire, reason: WireReason) -> None:
    """The record counts until what worked last says otherwise; where neither tells, btauth/1 is tried first."""
    wires, why = choose(neuron, {} if known is None else {neuron.hotkey: known})
    assert (wires[0], why) == (first, reason)


@given(version=st.integers(0, 2**32 - 1), protocol=st.integers(0, 255), known=st.sampled_from([None, *Wire]))
def test_every_wire_is_in_the_order_once(version: int, protocol: int, known: Wire | None) -> None:
    """Whatever is known, each wire has its turn."""
    wires, _ = choose(served(version, protocol), {} if known is None else {MINER.hotkey: known})
    assert sorted(wires) == sorted(Wire)


def test_targets_get_their_own_wires() -> None:
    """Each target has the order of its neuron; all else of it stays."""
    old = attrs.evolve(served(10_005_000), uid=Uid(4), hotkey=Hotkey("old"))
    targets = [Target(neuron.uid, neuron.hotkey, "1.2.3.4:8091") for neuron in (MINER, old)]
    new, v10 = assign(targets, Metagraph(Block(1), (MINER, old)), {})
    assert (new.wires, v10.wires) == ((Wire.BTAUTH, Wire.V10), (Wire.V10, Wire.BTAUTH))
    assert (new.wire_reason, v10.wire_reason) == (WireReason.UNKNOWN, WireReason.CHAIN)
    assert [(target.uid, target.hotkey, target.axon) for target in (new, v10)] == [
        (target.uid, target.hotkey, target.axon) for target in targets
    ]


def test_only_answers_teach() -> None:
    """What answered is remembered, over what was; refusals and what was never sent change nothing."""
    targets = [Target(Uid(i), Hotkey(f"h{i}"), "") for i in range(4)]
    outcomes = [
        Outcome(200, "", "text", 0.1, Wire.V10),
        Outcome(500, "failed", "", 0.1, Wire.V10),
        Outcome(503, "nobody there", "", 0.1),
        Outcome(200, "", "text", 0.1),
    ]
    before = {Hotkey("h0"): Wire.BTAUTH, Hotkey("h1"): Wire.BTAUTH}
    assert learn(before, targets, outcomes) == {"h0": Wire.V10, "h1": Wire.BTAUTH}
    with pytest.raises(ValueError, match="shorter"):
        learn(before, targets, outcomes[:3])

"""Which wire a miner is prompted on, and why.

Rules:
- What the chain says of an axon counts until what worked last says otherwise: a record may be wrong, an answer is not.
- The order always ends with the other wire, so that an upgrade on either side costs one refused request, not the miner.
- Only an answer teaches anything: a refusal may have any cause.
"""

from collections.abc import Mapping, Sequence

from core.types import OK, Hotkey, Metagraph, Neuron, Outcome, Target, Wire, WireReason

# What both SDKs publish by themselves; another number is a subnet's own, and tells nothing of the wire.
_PROTOCOL = 4
# What SDK 11 publishes where the miner does not choose a version.
_DEFAULT_VERSION = 1
# Versions as SDKs count them: 100 * major + 10 * minor + patch up to 6, then 1000000 * major + 1000 * minor + patch.
_OLDEST = 100
_SDK_11 = 11_000_000
# Each wire with the order of which it is the first.
_FROM = {wire: (wire, *(other for other in Wire if other is not wire)) for wire in Wire}


def announced(neuron: Neuron) -> Wire | None:
    """The wire that the axon's record on chain stands for; None where it tells nothing."""
    if neuron.axon_protocol != _PROTOCOL:
        return None
    if neuron.axon_version == _DEFAULT_VERSION or neuron.axon_version >= _SDK_11:
        return Wire.BTAUTH
    return Wire.V10 if neuron.axon_version >= _OLDEST else None


def choose(neuron: Neuron, worked: Mapping[Hotkey, Wire]) -> tuple[tuple[Wire, ...], WireReason]:
    """The wires in the order in which they are to be tried, and why the first comes first."""
    told, known = announced(neuron), worked.get(neuron.hotkey)
    if known is not None and known is not told:
        return _FROM[known], WireReason.WORKED
    if told is not None:
        return _FROM[told], WireReason.CHAIN
    return _FROM[Wire.BTAUTH], WireReason.UNKNOWN


def assign(
    targets: Sequence[Target], metagraph: Metagraph, worked: Mapping[Hotkey, Wire]
) -> tuple[Target, ...]:
    """The targets, each with its wires. All of them stand in the metagraph."""
    return tuple(
        Target(target.uid, target.hotkey, target.axon, *choose(metagraph.by_uid[target.uid], worked))
        for target in targets
    )


def learn(
    worked: Mapping[Hotkey, Wire], targets: Sequence[Target], outcomes: Sequence[Outcome]
) -> Mapping[Hotkey, Wire]:
    """What worked last, after these outcomes."""
    news = {
        target.hotkey: outcome.wire
        for target, outcome in zip(targets, outcomes, strict=True)
        if outcome.code == OK and outcome.wire is not None
    }
    return {**worked, **news}

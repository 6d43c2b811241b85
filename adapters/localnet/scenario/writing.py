"""What came out of a scenario, as JSON: a line for each epoch."""

from collections.abc import Iterable, Iterator

import msgspec

from adapters.localnet.scenario.running import Epoch


def encoded(epochs: Iterable[Epoch]) -> Iterator[bytes]:
    """The pieces of one JSON object, each as soon as its epoch is run."""
    yield b'{"epochs": [\n'
    for index, epoch in enumerate(epochs):
        yield (b",\n" if index else b"") + msgspec.json.encode(_written(epoch))
    yield b"\n]}\n"


def _written(epoch: Epoch) -> dict[str, object]:
    outcome = epoch.outcome
    return {
        "block": epoch.subnet.block,
        "consensus": outcome.consensus,
        "incentive": outcome.incentive,
        "dividends": outcome.dividends,
        "validator_trust": outcome.validator_trust,
        "emission": outcome.emission_rao,
        "bonds": outcome.bonds,
        "permits": outcome.permits,
    }

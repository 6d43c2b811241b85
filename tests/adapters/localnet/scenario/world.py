"""Scenarios as Python objects, run through the tool's own reader."""

import json
from collections.abc import Mapping
from typing import Any

from adapters.localnet.chain.yuma import YumaOutcome
from adapters.localnet.scenario.reading import parsed
from adapters.localnet.scenario.running import run

RAO = 1_000_000_000
U16_MAX = 65_535
Document = dict[str, Any]


def scenario(*epochs: Mapping[str, Any], **params: Any) -> Document:
    """A scenario of 1 TAO an epoch; each epoch a block after the one before where it names none."""
    named = [{"block": index + 1, **epoch} for index, epoch in enumerate(epochs)]
    return {"params": params, "emission": RAO, "epochs": named}


def content(document: object) -> bytes:
    return json.dumps(document).encode()


def outcomes(document: Document) -> list[YumaOutcome]:
    return [epoch.outcome for epoch in run(parsed(content(document)))]


def column(outcome: YumaOutcome, uid: int, validators: int) -> tuple[int, ...]:
    """What the first validators hold of a uid."""
    return tuple(row.get(uid, 0) for row in outcome.bonds[:validators])

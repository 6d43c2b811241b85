"""What a stretch of the journal was recorded under; without it the events cannot be folded again."""

import attrs

from adapters.errors import OperatorError
from adapters.journal.codec import Malformed, from_json, to_json
from core.config import CoreConfig
from core.version import VERSION


@attrs.frozen
class Header:
    """The circumstances of a run.

    Attributes:
        netuid: the subnet; it never changes, and neither does the hotkey in `config`.
        config: all that decisions depend on: whose they are, the seed, the version of the logic.
        models: (name, fingerprint) of each scoring model.
        version: of the program.
        genesis: hash of the chain's first block; "" in journals from before it was kept.
    """

    netuid: int
    config: CoreConfig
    models: tuple[tuple[str, str], ...] = ()
    version: str = VERSION
    genesis: str = ""


def encode_header(header: Header) -> str:
    """One line."""
    return to_json(header).decode()


def decode_header(body: str) -> Header:
    """What `encode_header` was given; raises Malformed."""
    if not isinstance(body, str):
        raise Malformed("no text")
    return from_json(body.encode(), Header)


def require_same_owner(place: object, stored: Header, given: Header) -> None:
    """A journal holds the scores of one hotkey on one subnet of one chain: refuse to mix them.

    Raises:
        OperatorError: hotkey, netuid or chain differ.
    """
    was, now = stored.config.own_hotkey, given.config.own_hotkey
    if (was, stored.netuid) != (now, given.netuid):
        raise OperatorError(
            f"the journal {place} belongs to hotkey {was} on netuid {stored.netuid}, not to {now} on netuid {given.netuid}: "
            "choose its --wallet.hotkey and --netuid, or start a journal in another folder"
        )
    if "" not in {stored.genesis, given.genesis} and stored.genesis != given.genesis:
        raise OperatorError(
            f"the journal {place} belongs to another chain (genesis {stored.genesis}, not {given.genesis}; a local subnet that was started "
            "anew is a new chain): choose another --neuron.name, or put the journal's folder away"
        )

"""What a stretch of the journal was recorded under; without it the events cannot be folded again."""

import json

import attrs
import msgspec

from adapters.errors import OperatorError


@attrs.frozen
class Header:
    """The circumstances of a run.

    Attributes:
        hotkey, netuid: whose journal this is; they never change.
        logic_version: of the decisions that the effects' digests stand for.
        configuration: the core's whole configuration as JSON.
        seed: of every random choice.
        models: (name, fingerprint) of each scoring model.
    """

    hotkey: str
    netuid: int
    logic_version: int
    configuration: str
    seed: int
    models: tuple[tuple[str, str], ...] = ()


def encode_header(header: Header) -> str:
    """One line of ASCII."""
    return json.dumps(msgspec.to_builtins(header), separators=(",", ":"))


def decode_header(body: str) -> Header:
    """What `encode_header` was given; ValueError where it is not."""
    return msgspec.convert(json.loads(body), Header)


def require_same_owner(place: object, stored: Header, given: Header) -> None:
    """A journal holds the scores of one hotkey on one subnet: refuse to mix them.

    Raises:
        OperatorError: hotkey or netuid differ.
    """
    if (stored.hotkey, stored.netuid) != (given.hotkey, given.netuid):
        raise OperatorError(
            f"the journal {place} belongs to hotkey {stored.hotkey} on netuid {stored.netuid}, not to {given.hotkey} "
            f"on netuid {given.netuid}: choose its --wallet.hotkey and --netuid, or start a journal in another folder"
        )

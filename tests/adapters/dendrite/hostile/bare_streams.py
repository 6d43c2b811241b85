"""Servers that stream on the wire `v10`: bare text under a head, whose end is that of the connection."""

from collections.abc import Mapping

from tests.adapters.dendrite.hostile.behaviour import (
    DRIP_S,
    MARK,
    Behaviour,
    answered,
    flooding,
    raw,
    refused,
    staying,
)
from tests.adapters.dendrite.hostile.streams import HEAD, LAST_CHUNK, chunk
from tests.adapters.dendrite.peers import repeating

_PIECE = MARK.encode()

BARE_STREAMS: Mapping[str, Behaviour] = {
    "streams text and never ends": Behaviour(
        repeating(HEAD, chunk(_PIECE), every_s=DRIP_S), frozenset({408}), cut=f"({MARK})+"
    ),
    "streams half a character and waits": Behaviour(
        staying(HEAD + chunk(_PIECE + b"\xc3")), frozenset({408}), cut=MARK
    ),
    "streams no text": refused(408, staying(HEAD)),
    "streams text without end": Behaviour(
        flooding(HEAD, chunk(_PIECE * 100)), frozenset({413}), cut=f"({MARK})*T?[A-Z]*"
    ),
    "streams text in a million chunks": Behaviour(
        flooding(HEAD, chunk(b"x"), times=1_000_000), frozenset({413}), cut="x*"
    ),
    "streams text that is not UTF-8": Behaviour(
        raw(HEAD + chunk(_PIECE) + chunk(b"\xff") + chunk(_PIECE) + LAST_CHUNK),
        frozenset({422}),
        cut=f"({MARK})?",
    ),
    "ends within a character": Behaviour(
        raw(HEAD + chunk(_PIECE + b"\xc3") + LAST_CHUNK), frozenset({422}), cut=f"({MARK})?"
    ),
    "breaks off its text": Behaviour(raw(HEAD + chunk(_PIECE)), frozenset({422}), cut=f"({MARK})?"),
    "cuts a character in two chunks": answered(
        raw(HEAD + chunk(b"\xc3") + chunk(b"\xa9") + LAST_CHUNK), "\u00e9"
    ),
}

"""The synapse as JSON, and its streamed answer on the wire `btauth/1`.

Rules:
- A request is encoded once; the bytes that were signed are the bytes that are sent.
- Of an answer nothing but `completion` is taken: whatever else stands in it is skipped unseen.
- A stream says when it is whole: pieces of the completion, then `end`, or `error` where the miner failed half-way.
- All that the decoders can choke on is one exception, `Malformed`, which quotes nothing of the input.
"""

import msgspec

from adapters.wire.sse import ServerEvent, encode_event
from core.types import Prompting

WHOLE_PATH = "/Prompting"
STREAM_PATH = "/StreamPrompting"
METHOD = "POST"
CONTENT_TYPE = "application/json"
END_EVENT = "end"
ERROR_EVENT = "error"


class Malformed(ValueError):
    """The bytes are not what this wire carries, in our own words."""


class _Request(msgspec.Struct, frozen=True):
    roles: tuple[str, ...]
    messages: tuple[str, ...]


class _Answer(msgspec.Struct, frozen=True):
    completion: str


class _Piece(msgspec.Struct, frozen=True):
    text: str


_request_decoder = msgspec.json.Decoder(_Request)
_answer_decoder = msgspec.json.Decoder(_Answer)
_piece_decoder = msgspec.json.Decoder(_Piece)

# What hostile JSON raises: text that is no UTF-8 and broken syntax are ValueErrors, deep nesting the second.
_CHOKED = (ValueError, RecursionError)


def encode_request(synapse: Prompting) -> bytes:
    return msgspec.json.encode(_Request(synapse.roles, synapse.messages))


def decode_request(body: bytes) -> Prompting:
    """Raises Malformed unless the body holds as many roles as messages, one at least."""
    try:
        request = _request_decoder.decode(body)
    except _CHOKED:
        raise Malformed("the body is not {roles: [text], messages: [text]} as JSON") from None
    if not request.roles or len(request.roles) != len(request.messages):
        raise Malformed(f"{len(request.roles)} roles for {len(request.messages)} messages")
    return Prompting(request.roles, request.messages)


def encode_answer(completion: str) -> bytes:
    """Raises UnicodeEncodeError for text that has no UTF-8 form (a lone surrogate)."""
    return msgspec.json.encode(_Answer(completion))


def decode_answer(body: bytes) -> str:
    """The completion, which has a UTF-8 form; raises Malformed."""
    try:
        return _answer_decoder.decode(body).completion
    except _CHOKED:
        raise Malformed("the answer is not {completion: text} as JSON") from None


def encode_piece(text: str) -> bytes:
    """A piece of a streamed completion; raises UnicodeEncodeError as `encode_answer` does."""
    return encode_event(msgspec.json.encode(_Piece(text)).decode())


def encode_end() -> bytes:
    """What follows the last piece."""
    return encode_event("{}", END_EVENT)


def encode_error() -> bytes:
    """Stands for all further pieces where the forward failed; says no more than that."""
    return encode_event("{}", ERROR_EVENT)


def decode_piece(event: ServerEvent) -> str:
    """The text of an event that is a piece; raises Malformed."""
    try:
        return _piece_decoder.decode(event.data).text
    except _CHOKED:
        raise Malformed("a piece of the answer is not {text: text} as JSON") from None

"""What dendrite and axon say to each other: `Prompting` as JSON over a request signed by btauth/1.

Rules:
- A request is encoded once; the bytes that were signed are the bytes that are sent.
- Of an answer nothing but `completion` is taken: whatever else stands in it is skipped unseen.
- All that the decoders can choke on is one exception, `Malformed`, which quotes nothing of the input.
"""

import msgspec

from core.types import Prompting

PATH = "/Prompting"
METHOD = "POST"
CONTENT_TYPE = "application/json"


class Malformed(ValueError):
    """The bytes are not what this wire carries, in our own words."""


class _Request(msgspec.Struct, frozen=True):
    roles: tuple[str, ...]
    messages: tuple[str, ...]


class _Answer(msgspec.Struct, frozen=True):
    completion: str


_request_decoder = msgspec.json.Decoder(_Request)
_answer_decoder = msgspec.json.Decoder(_Answer)

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

"""OpenAI's chat completions as bytes: what is sent, and what of an answer is taken. Pure.

Rules:
- Of an answer nothing is taken but texts of its first choice, why that ended, and whether there is an error.
- All that the decoders can choke on is one exception, `Unreadable`, which quotes nothing of the input.
"""

from collections.abc import Sequence

import msgspec

from core.types import Prompting

ROLES = frozenset(("system", "user", "assistant"))
PATH = "/chat/completions"
# The data of the event that ends a stream.
DONE = "[DONE]"


class Unreadable(ValueError):
    """The bytes are no chat completion, in our own words."""


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str


class _Body(msgspec.Struct, frozen=True):
    model: str
    messages: tuple[_Message, ...]
    max_tokens: int
    temperature: float
    top_p: float
    stream: bool = True


class _Text(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Text | None = None
    message: _Text | None = None
    finish_reason: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...] = ()
    error: msgspec.Raw = msgspec.Raw()


class Part(msgspec.Struct, frozen=True):
    """What an answer, or one event of a streamed one, adds."""

    text: str
    is_last: bool


_decoder = msgspec.json.Decoder(_Answer)


def address(url: str) -> str:
    """Where completions are asked for: `url` may be a server, its /v1, or the whole address."""
    base = url.rstrip("/")
    if base.endswith(PATH):
        return base
    has_path = "/" in base.partition("://")[2]
    return f"{base}{PATH}" if has_path else f"{base}/v1{PATH}"


def encode(synapse: Prompting, *, model: str, max_tokens: int, temperature: float, top_p: float) -> bytes:
    """The request's body; a role that the API does not know speaks as a user."""
    messages = tuple(
        _Message(role if role in ROLES else "user", message)
        for role, message in zip(synapse.roles, synapse.messages, strict=True)
    )
    return msgspec.json.encode(_Body(model, messages, max_tokens, temperature, top_p))


def decode_whole(data: bytes) -> str:
    """The text of an answer that came whole.

    Raises:
        Unreadable: it is no answer, or one that tells an error; some other JSON object, such as a front page's, is no answer.
    """
    part = decode(data)
    if not part.is_last:
        raise Unreadable("it holds no completion")
    return part.text


def decode(data: str | bytes) -> Part:
    """What the data of one event adds.

    Raises:
        Unreadable: it is no answer, or one that tells an error.
    """
    try:
        answer = _decoder.decode(data)
    except (ValueError, RecursionError):
        raise Unreadable("it is no chat completion as JSON") from None
    if bytes(answer.error) not in {b"", b"null"}:
        raise Unreadable("it tells an error")
    if not answer.choices:
        return Part("", is_last=False)
    return _part(answer.choices)


def _part(choices: Sequence[_Choice]) -> Part:
    first = choices[0]
    text = first.delta or first.message or _Text()
    return Part(text.content or "", is_last=first.finish_reason is not None or first.message is not None)

"""Failures of the SDK, looked up in the core's table of refusals. Nothing is decided here."""

from typing import Protocol

from adapters.reporting.text import visible
from core.refusals import Reaction, after_sending, before_sending, meaning_of
from core.submission import Terms
from core.types import WeightsRefused, WeightsUnknown
from effects.ports import Fault

SHOWN_CHARACTERS = 1_000


class ChainRefusal(Protocol):
    """What is read of the SDK's error."""

    @property
    def message(self) -> str: ...

    @property
    def name(self) -> str | None: ...

    @property
    def code(self) -> object: ...


def described(error: BaseException) -> str:
    """The failure in one line that may be shown, never empty."""
    return _line(str(error)) or type(error).__name__


def reason_of(refusal: ChainRefusal) -> str:
    """The chain's own name for it and what it says, in one line."""
    name, message = _line(refusal.name or ""), _line(refusal.message)
    return f"{name}: {message}" if name and name != message else message


def is_lost(error: Exception) -> bool:
    """Whether this says that the connection is no good any more: whatever is neither the chain's word nor bad input."""
    from bittensor import BittensorError, ChainError, RpcConnectionError
    from bittensor.result import ConnectionNotReady

    if isinstance(error, ChainError):
        return error.name is None and _code(error) == "unknown"
    if isinstance(error, RpcConnectionError | ConnectionNotReady):
        return True
    return not isinstance(error, BittensorError | Fault | ValueError | TypeError | LookupError)


def refused_before(error: BaseException, terms: Terms | None = None) -> WeightsRefused:
    """Nothing was sent: what the preparations met."""
    from bittensor import BittensorError, ChainError, RpcConnectionError

    if isinstance(error, ChainError):
        meaning = meaning_of(error.name, _code(error), unnamed=Reaction.RETRY)
        return before_sending(meaning, reason_of(error), terms)
    # Without terms there was no input yet: what was read made no sense, and may the next time.
    is_input = terms is not None and isinstance(error, BittensorError | ValueError)
    bad_input = is_input and not isinstance(error, RpcConnectionError)
    return WeightsRefused(described(error), passing=not bad_input)


def failed_after(refusal: ChainRefusal, terms: Terms, *, included: bool) -> WeightsRefused | WeightsUnknown:
    """It was sent: what the pool or the block says of it. What is included has its verdict, named or not."""
    unnamed = Reaction.ALARM if included else Reaction.ASK
    meaning = meaning_of(refusal.name, _code(refusal), unnamed=unnamed)
    return after_sending(meaning, reason_of(refusal), terms, included=included)


def _line(text: str) -> str:
    """What a node says, in one line: it may be anybody's."""
    return visible(" ".join(text[: 2 * SHOWN_CHARACTERS].split()), SHOWN_CHARACTERS)


def _code(refusal: ChainRefusal) -> str:
    return str(getattr(refusal.code, "value", refusal.code))

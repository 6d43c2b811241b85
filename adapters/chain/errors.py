"""What the chain's refusals mean: the table, and how a failure is looked up in it.

Names are those of the runtime's errors, codes those of the SDK, which it derives from names it knows.
"""

from enum import Enum
from typing import Protocol

from core.types import WeightsRefused, WeightsUnknown


class Meaning(Enum):
    """What a failed submission tells about the next one."""

    PASSING = "passing"  # the same can succeed later
    LASTING = "lasting"  # it fails until somebody changes something
    NOT_REGISTERED = "not registered"
    UNSURE = "unsure"  # it may have landed


P, L, N, U = Meaning.PASSING, Meaning.LASTING, Meaning.NOT_REGISTERED, Meaning.UNSURE

BY_NAME = {
    "SettingWeightsTooFast": P,
    "CommittingWeightsTooFast": P,
    "RateLimitExceeded": P,
    "ServingRateLimitExceeded": P,
    "TooManyUnrevealedCommits": P,
    "CommitQueueFull": P,
    "InvalidRevealRound": P,
    "CommitRevealEnabled": P,
    "CommitRevealDisabled": P,
    # The pool: a new extrinsic gets a fresh nonce, era and signature.
    "Stale": P,
    "Future": P,
    "PriorityTooLow": P,
    "BadProof": P,
    "AncientBirthBlock": P,
    "ExhaustsResources": P,
    "AlreadyImported": U,
    "Dropped": U,
    "Usurped": U,
    "Retracted": U,
    "Invalid": U,
    "FinalityTimeout": U,
    "HotKeyNotRegisteredInNetwork": N,
    "HotKeyNotRegisteredInSubNet": N,
    "NeuronNoValidatorPermit": L,
    "StakeAmountTooLow": L,
    "NotEnoughStakeToSetWeights": L,
    "IncorrectWeightVersionKey": L,
    "DuplicateUids": L,
    "UidVecContainInvalidOne": L,
    "UidsLengthExceedUidsInSubNet": L,
    "WeightVecNotEqualSize": L,
    "WeightVecLengthIsLow": L,
    "MaxWeightExceeded": L,
    "IncorrectCommitRevealVersion": L,
    "CommitPayloadTooLarge": L,
    "SubnetNotExists": L,
    "InvalidIpAddress": L,
    "InvalidPort": L,
    "Payment": L,
    "BadRequest": L,
}
BY_CODE = {
    "rate_limited": P,
    "too_early": P,
    "expired": P,
    "already_exists": U,
    "not_registered": N,
}


class ChainRefusal(Protocol):
    """What is read of the SDK's error."""

    @property
    def message(self) -> str: ...

    @property
    def name(self) -> str | None: ...

    @property
    def code(self) -> object: ...


def described(error: BaseException) -> str:
    """The failure in one line, never empty."""
    text = " ".join(str(error).split())
    return text or type(error).__name__


def reason_of(refusal: ChainRefusal) -> str:
    """The chain's own name for it and what it says, in one line."""
    message = " ".join(refusal.message.split())
    return f"{refusal.name}: {message}" if refusal.name and refusal.name != message else message


def refused_before(error: BaseException) -> WeightsRefused:
    """Nothing was sent: what the preparations met."""
    from bittensor import BittensorError, ChainError, RpcConnectionError

    if isinstance(error, ChainError):
        meaning = _meaning(error, unnamed=P)
        return _refused(reason_of(error), meaning)
    passing = isinstance(error, RpcConnectionError) or not isinstance(error, BittensorError | ValueError)
    return WeightsRefused(described(error), passing=passing)


def failed_after(refusal: ChainRefusal, *, included: bool) -> WeightsRefused | WeightsUnknown:
    """It was sent: what the pool or the block says of it. What is included has its verdict, named or not."""
    meaning = _meaning(refusal, unnamed=L if included else U)
    if meaning is U and not included:
        return WeightsUnknown(reason_of(refusal))
    return _refused(reason_of(refusal), meaning)


def _meaning(refusal: ChainRefusal, *, unnamed: Meaning) -> Meaning:
    if refusal.name in BY_NAME:
        return BY_NAME[refusal.name]
    code = str(getattr(refusal.code, "value", refusal.code))
    if code == "unknown":
        return L if refusal.name else unnamed
    return BY_CODE.get(code, L)


def _refused(reason: str, meaning: Meaning) -> WeightsRefused:
    return WeightsRefused(reason, passing=meaning in {P, U}, not_registered=meaning is N)

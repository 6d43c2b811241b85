"""What the chain's refusals of weights mean, as a table: its own names for them, how to react, what an operator can do.

The names are those of the runtime's errors and of the transaction pool; codes are the classes into which clients sort names, for
those that the table does not know. What names mean, the chain's source says (subtensor, `pallets/subtensor/src/macros/errors.rs`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

import attrs

from core.submission import Terms
from core.types import Block, WeightsRefused, WeightsUnknown


class Reaction(StrEnum):
    """What to do about a refusal."""

    RETRY = "retry"  # seconds later, with everything read anew
    WINDOW = "wait for the rate limit"
    EPOCH = "wait for the next epoch"
    ALARM = "alarm"  # somebody must change something; tried again an epoch length later
    GONE = "alarm: not registered"
    ASK = "ask the chain"  # it may have landed


@attrs.frozen
class Meaning:
    """What a name stands for; `remedy` is what the operator is told beside the chain's reason."""

    reaction: Reaction
    remedy: str = ""


_RETRY, _WINDOW, _EPOCH, _ASK = (
    Meaning(reaction) for reaction in (Reaction.RETRY, Reaction.WINDOW, Reaction.EPOCH, Reaction.ASK)
)
_REGISTER = Meaning(Reaction.GONE, "register the hotkey with `btcli subnet register`")
_STAKE = Meaning(
    Reaction.ALARM, "add stake to the hotkey: it has less than the subnet wants of who sets weights"
)
_UPDATE = Meaning(Reaction.ALARM, "update this program")
_FUNDS = Meaning(Reaction.ALARM, "the hotkey's coldkey pays the fee: put a little TAO on it")
_REPORT = Meaning(Reaction.ALARM)

BY_NAME: Mapping[str, Meaning] = {
    # Too soon.
    "SettingWeightsTooFast": _WINDOW,
    "CommittingWeightsTooFast": _WINDOW,
    "RateLimitExceeded": _WINDOW,
    "TooManyUnrevealedCommits": _EPOCH,
    "CommitQueueFull": _EPOCH,
    "NeuronNoValidatorPermit": _EPOCH,
    # What was true as we read it is so no more: read again, build again.
    "IncorrectWeightVersionKey": _RETRY,
    "DuplicateUids": _RETRY,
    "UidVecContainInvalidOne": _RETRY,
    "UidsLengthExceedUidsInSubNet": _RETRY,
    "WeightVecNotEqualSize": _RETRY,
    "WeightVecLengthIsLow": _RETRY,
    "MaxWeightExceeded": _RETRY,
    "CommitRevealEnabled": _RETRY,
    "CommitRevealDisabled": _RETRY,
    "InvalidRevealRound": _RETRY,
    # The pool: a new extrinsic gets a fresh nonce, era and signature.
    "Stale": _RETRY,
    "Future": _RETRY,
    "PriorityTooLow": _RETRY,
    "BadProof": _RETRY,
    "AncientBirthBlock": _RETRY,
    "ExhaustsResources": _RETRY,
    # It may be in a block, or get there.
    "AlreadyImported": _ASK,
    "Dropped": _ASK,
    "Usurped": _ASK,
    "Retracted": _ASK,
    "Invalid": _ASK,
    "FinalityTimeout": _ASK,
    # Somebody must do something.
    "HotKeyNotRegisteredInNetwork": _REGISTER,
    "HotKeyNotRegisteredInSubNet": _REGISTER,
    "StakeAmountTooLow": _STAKE,
    "NotEnoughStakeToSetWeights": _STAKE,
    "IncorrectCommitRevealVersion": _UPDATE,
    "CommitPayloadTooLarge": _REPORT,
    "SubnetNotExists": _REPORT,
    "MechanismDoesNotExist": _REPORT,
    "CanNotSetRootNetworkWeights": _REPORT,
    "Payment": _FUNDS,
    "BadRequest": _REPORT,
}
BY_CODE: Mapping[str, Meaning] = {
    "rate_limited": _WINDOW,
    "too_early": _RETRY,
    "expired": _RETRY,
    "already_exists": _ASK,
    "not_registered": _REGISTER,
    "insufficient_balance": _FUNDS,
    "not_authorized": _EPOCH,
    "disabled": _RETRY,
}
UNKNOWN_CODE = "unknown"


def meaning_of(name: str | None, code: str, *, unnamed: Reaction) -> Meaning:
    """What an error means: by its name, else by its code; `unnamed` for one that has neither."""
    if name is not None and name in BY_NAME:
        return BY_NAME[name]
    if code in BY_CODE:
        return BY_CODE[code]
    return Meaning(unnamed) if code == UNKNOWN_CODE and not name else _REPORT


def before_sending(meaning: Meaning, reason: str, terms: Terms | None) -> WeightsRefused:
    """The preparations failed: nothing was sent, whatever the cause."""
    match meaning.reaction:
        case Reaction.RETRY | Reaction.ASK:
            return WeightsRefused(reason, passing=True)
        case Reaction.WINDOW:
            return WeightsRefused(reason, passing=True, not_before=terms.window if terms else Block(0))
        case Reaction.EPOCH:
            return WeightsRefused(reason, passing=True, not_before=terms.next_epoch if terms else Block(0))
        case Reaction.ALARM | Reaction.GONE:
            told = f"{reason}: {meaning.remedy}" if meaning.remedy else reason
            return WeightsRefused(told, passing=False, not_registered=meaning.reaction is Reaction.GONE)
        case other:
            assert_never(other)


def after_sending(
    meaning: Meaning, reason: str, terms: Terms, *, included: bool
) -> WeightsRefused | WeightsUnknown:
    """The pool or a block has spoken: what is in a block is decided, whatever it is called."""
    if meaning.reaction is Reaction.ASK and not included:
        return WeightsUnknown(reason)
    return before_sending(meaning, reason, terms)

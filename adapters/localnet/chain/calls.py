"""The extrinsics that the local chain takes, and the names of what can go wrong with them.

Names are the chain's own, so that a client maps them as it would a public network's.
"""

from enum import StrEnum

import attrs

from core.types import Hotkey


@attrs.frozen
class SetMechanismWeights:
    """A validator's row of weights: `dests` are uids, `weights` their u16 values."""

    netuid: int
    mecid: int
    dests: tuple[int, ...]
    weights: tuple[int, ...]
    version_key: int


@attrs.frozen
class ServeAxon:
    """Where a hotkey listens. `ip` is the address as an integer, `ip_type` 4 or 6."""

    netuid: int
    version: int
    ip: int
    port: int
    ip_type: int
    protocol: int
    placeholder1: int
    placeholder2: int


@attrs.frozen
class CommitTimelockedMechanismWeights:
    """A validator's row of weights, sealed; the chain opens it some epochs later.

    Attributes:
        commit: the sealed row.
        reveal_round: the round of drand with whose signature it can be opened; a stand-in's means nothing.
        commit_reveal_version: how it was sealed.
    """

    netuid: int
    mecid: int
    commit: bytes
    reveal_round: int
    commit_reveal_version: int


@attrs.frozen
class BurnedRegister:
    """Register a hotkey; the coldkey that signs pays for it and owns it."""

    netuid: int
    hotkey: Hotkey


Call = SetMechanismWeights | ServeAxon | CommitTimelockedMechanismWeights | BurnedRegister


class DispatchError(StrEnum):
    """Errors of the chain's `SubtensorModule`; the order gives their index in our metadata."""

    CAN_NOT_SET_ROOT_NETWORK_WEIGHTS = "CanNotSetRootNetworkWeights"
    WEIGHT_VEC_NOT_EQUAL_SIZE = "WeightVecNotEqualSize"
    MECHANISM_DOES_NOT_EXIST = "MechanismDoesNotExist"
    UIDS_LENGTH_EXCEED_UIDS_IN_SUBNET = "UidsLengthExceedUidsInSubNet"
    HOTKEY_NOT_REGISTERED_IN_SUBNET = "HotKeyNotRegisteredInSubNet"
    NOT_ENOUGH_STAKE_TO_SET_WEIGHTS = "NotEnoughStakeToSetWeights"
    INCORRECT_WEIGHT_VERSION_KEY = "IncorrectWeightVersionKey"
    SETTING_WEIGHTS_TOO_FAST = "SettingWeightsTooFast"
    NEURON_NO_VALIDATOR_PERMIT = "NeuronNoValidatorPermit"
    DUPLICATE_UIDS = "DuplicateUids"
    UID_VEC_CONTAIN_INVALID_ONE = "UidVecContainInvalidOne"
    WEIGHT_VEC_LENGTH_IS_LOW = "WeightVecLengthIsLow"
    MAX_WEIGHT_EXCEEDED = "MaxWeightExceeded"
    SUBNET_NOT_EXISTS = "SubnetNotExists"
    HOTKEY_NOT_REGISTERED_IN_NETWORK = "HotKeyNotRegisteredInNetwork"
    INVALID_IP_TYPE = "InvalidIpType"
    INVALID_IP_ADDRESS = "InvalidIpAddress"
    SERVING_RATE_LIMIT_EXCEEDED = "ServingRateLimitExceeded"
    INVALID_PORT = "InvalidPort"
    COMMIT_REVEAL_ENABLED = "CommitRevealEnabled"
    COMMIT_REVEAL_DISABLED = "CommitRevealDisabled"
    COMMIT_PAYLOAD_TOO_LARGE = "CommitPayloadTooLarge"
    INCORRECT_COMMIT_REVEAL_VERSION = "IncorrectCommitRevealVersion"
    COMMITTING_WEIGHTS_TOO_FAST = "CommittingWeightsTooFast"
    TOO_MANY_UNREVEALED_COMMITS = "TooManyUnrevealedCommits"
    INVALID_REVEAL_ROUND = "InvalidRevealRound"
    REGISTRATION_NOT_PERMITTED_ON_ROOT_SUBNET = "RegistrationNotPermittedOnRootSubnet"
    SUBNET_REGISTRATION_DISABLED = "SubNetRegistrationDisabled"
    HOTKEY_ALREADY_REGISTERED_IN_SUBNET = "HotKeyAlreadyRegisteredInSubNet"
    NOT_ENOUGH_BALANCE_TO_STAKE = "NotEnoughBalanceToStake"
    NON_ASSOCIATED_COLDKEY = "NonAssociatedColdKey"
    NO_NEURON_ID_AVAILABLE = "NoNeuronIdAvailable"


BAD_REQUEST_CODE = 255

# What the pool answers instead of the name: `Custom error: N` (chain's CustomTransactionError).
POOL_CODES = {
    DispatchError.NOT_ENOUGH_STAKE_TO_SET_WEIGHTS: 1,
    DispatchError.SUBNET_NOT_EXISTS: 3,
    DispatchError.SETTING_WEIGHTS_TOO_FAST: 6,
    DispatchError.HOTKEY_NOT_REGISTERED_IN_NETWORK: 10,
    DispatchError.INVALID_IP_ADDRESS: 11,
    DispatchError.SERVING_RATE_LIMIT_EXCEEDED: 12,
    DispatchError.INVALID_PORT: 13,
    DispatchError.INVALID_REVEAL_ROUND: 15,
}


@attrs.frozen
class ExtrinsicSuccess:
    pass


@attrs.frozen
class ExtrinsicFailed:
    error: DispatchError


@attrs.frozen
class WeightsSet:
    netuid: int
    uid: int


@attrs.frozen
class AxonServed:
    netuid: int
    hotkey: Hotkey


@attrs.frozen
class NeuronRegistered:
    netuid: int
    uid: int
    hotkey: Hotkey


@attrs.frozen
class TimelockedWeightsCommitted:
    """`commit_hash` is blake2b-256 of the commit."""

    hotkey: Hotkey
    netuid_index: int
    commit_hash: bytes
    reveal_round: int


@attrs.frozen
class TimelockedWeightsRevealed:
    netuid_index: int
    hotkey: Hotkey


@attrs.frozen
class TimelockedWeightsNotRevealed:
    """A commit is gone without effect. The public chain is silent about that; `reason` is for people."""

    netuid_index: int
    hotkey: Hotkey
    reason: str


Event = (
    ExtrinsicSuccess
    | ExtrinsicFailed
    | WeightsSet
    | AxonServed
    | NeuronRegistered
    | TimelockedWeightsCommitted
    | TimelockedWeightsRevealed
    | TimelockedWeightsNotRevealed
)


@attrs.frozen
class EventRecord:
    """An event of a block; `extrinsic` is the place of its extrinsic, None for what the block itself did."""

    extrinsic: int | None
    event: Event

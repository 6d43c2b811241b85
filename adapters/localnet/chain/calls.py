"""The two extrinsics that the local chain takes, and the names of what can go wrong with them.

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


Call = SetMechanismWeights | ServeAxon


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


Event = ExtrinsicSuccess | ExtrinsicFailed | WeightsSet | AxonServed | NeuronRegistered


@attrs.frozen
class EventRecord:
    """An event of a block; `extrinsic` is the place of its extrinsic, None for what the block itself did."""

    extrinsic: int | None
    event: Event

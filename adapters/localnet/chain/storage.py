"""The storage items of the local chain: one declaration serves state, metadata and storage keys.

Names, keys and hashers are those of the public chain, so clients find them by name. An item that is not
here does not exist on the local chain, and clients say so.
"""

from enum import IntEnum
from typing import Any, Generic, TypeVar

import attrs

from adapters.localnet.chain.calls import EventRecord
from adapters.localnet.chain.runtime_types import (
    ACCOUNT_ID,
    ACCOUNT_INFO,
    AXON_INFO,
    EPOCH_CONSENSUS,
    EVENT_RECORD,
    RUNTIME_UPGRADE,
)
from adapters.localnet.chain.scale_types import BOOL, BYTES, I16, U16, U64, Primitive, Sequence, Tuple, Type
from adapters.timelock import STAND_IN_VERSION
from core.types import Hotkey

V = TypeVar("V")
ZERO_ACCOUNT = Hotkey("5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM")
SUBTENSOR, SYSTEM = "SubtensorModule", "System"


class Hasher(IntEnum):
    """How a key part is hashed, by its code in metadata."""

    BLAKE2_128_CONCAT = 2
    TWOX_64_CONCAT = 5
    IDENTITY = 6


@attrs.frozen
class Key:
    type: Type
    hasher: Hasher


@attrs.frozen
class Item(Generic[V]):
    """One storage item: a value, or a map with one or more keys.

    Attributes:
        default: what an absent entry reads as; None makes the item optional.
        default_bytes: the same in SCALE, for the metadata.
    """

    pallet: str
    name: str
    keys: tuple[Key, ...]
    value: Type
    default: V
    default_bytes: bytes


@attrs.frozen
class AxonInfo:
    """An axon as the chain keeps it; all zero where nothing is served."""

    block: int = 0
    version: int = 0
    ip: int = 0
    port: int = 0
    ip_type: int = 0
    protocol: int = 0
    placeholder1: int = 0
    placeholder2: int = 0


@attrs.frozen
class AccountData:
    free: int = 0
    reserved: int = 0
    frozen: int = 0


@attrs.frozen
class AccountInfo:
    """An account; only its nonce and its free balance live."""

    nonce: int = 0
    consumers: int = 0
    providers: int = 0
    sufficients: int = 0
    data: AccountData = AccountData()


@attrs.frozen
class RuntimeUpgrade:
    """The runtime that a block was built by."""

    spec_version: int = 1
    spec_name: str = "local-subtensor"


# One commit of sealed weights: who, at which block, the sealed row, the round with which it opens.
Commit = tuple[Hotkey, int, bytes, int]

_NETUID = Key(U16, Hasher.IDENTITY)
_NETUID_BLAKE2 = Key(U16, Hasher.BLAKE2_128_CONCAT)
_NETUID_TWOX = Key(U16, Hasher.TWOX_64_CONCAT)
_UID = Key(U16, Hasher.IDENTITY)
_HOTKEY = Key(ACCOUNT_ID, Hasher.BLAKE2_128_CONCAT)
_COMMITTER = (_NETUID, Key(ACCOUNT_ID, Hasher.TWOX_64_CONCAT))
_WEIGHT_ROW = Sequence(Tuple((U16, U16)))
_EMPTY = b"\0"


def _number(name: str, width: Primitive, default: int, *keys: Key) -> Item[int]:
    size = 2 if width == U16 else 8
    return Item(SUBTENSOR, name, keys or (_NETUID,), width, default, default.to_bytes(size, "little"))


def _flag(name: str, *keys: Key) -> Item[bool]:
    return Item(SUBTENSOR, name, keys or (_NETUID,), BOOL, False, b"\0")


def _vector(name: str, of: Type) -> Item[tuple[int, ...]]:
    return Item(SUBTENSOR, name, (_NETUID,), Sequence(of), (), _EMPTY)


def _flags(name: str) -> Item[tuple[bool, ...]]:
    return Item(SUBTENSOR, name, (_NETUID,), Sequence(BOOL), (), _EMPTY)


def _rows(name: str) -> Item[tuple[tuple[int, int], ...]]:
    return Item(SUBTENSOR, name, (_NETUID, _UID), _WEIGHT_ROW, (), _EMPTY)


def _account(name: str, *keys: Key) -> Item[Hotkey]:
    return Item(SUBTENSOR, name, keys, ACCOUNT_ID, ZERO_ACCOUNT, bytes(32))


def _never_written(pallet: str, name: str, keys: tuple[Key, ...], value: Type) -> Item[None]:
    return Item(pallet, name, keys, value, None, b"\0")


# Hyperparameters, per subnet.
TEMPO = _number("Tempo", U16, 360)
KAPPA = _number("Kappa", U16, 32_767)
IMMUNITY_PERIOD = _number("ImmunityPeriod", U16, 4_096)
MIN_ALLOWED_WEIGHTS = _number("MinAllowedWeights", U16, 1_024)
MAX_WEIGHTS_LIMIT = _number("MaxWeightsLimit", U16, 65_535)
MAX_ALLOWED_VALIDATORS = _number("MaxAllowedValidators", U16, 128)
MAX_ALLOWED_UIDS = _number("MaxAllowedUids", U16, 256)
WEIGHTS_VERSION_KEY = _number("WeightsVersionKey", U64, 0)
WEIGHTS_SET_RATE_LIMIT = _number("WeightsSetRateLimit", U64, 100)
SERVING_RATE_LIMIT = _number("ServingRateLimit", U64, 50)
BONDS_MOVING_AVERAGE = _number("BondsMovingAverage", U64, 900_000)
BONDS_PENALTY = _number("BondsPenalty", U16, 65_535)
ACTIVITY_CUTOFF_FACTOR_MILLI = _number("ActivityCutoffFactorMilli", U64, 13_889)
REVEAL_PERIOD_EPOCHS = _number("RevealPeriodEpochs", U64, 1, _NETUID_TWOX)
COMMIT_REVEAL_WEIGHTS_ENABLED = _flag("CommitRevealWeightsEnabled")
SUBNET_EPOCH_CONSENSUS: Item[str] = Item(
    SUBTENSOR, "SubnetEpochConsensus", (_NETUID,), EPOCH_CONSENSUS, "Yuma", b"\0"
)
STAKE_THRESHOLD: Item[int] = Item(SUBTENSOR, "StakeThreshold", (), U64, 0, bytes(8))
YUMA3_ON = _flag("Yuma3On", _NETUID_BLAKE2)
LIQUID_ALPHA_ON = _flag("LiquidAlphaOn", _NETUID_BLAKE2)
ALPHA_VALUES: Item[tuple[int, int]] = Item(
    SUBTENSOR, "AlphaValues", (_NETUID,), Tuple((U16, U16)), (45_875, 58_982), b"\x33\xb3\x66\xe6"
)
ALPHA_SIGMOID_STEEPNESS: Item[int] = Item(
    SUBTENSOR, "AlphaSigmoidSteepness", (_NETUID,), I16, 1_000, (1_000).to_bytes(2, "little")
)
NETWORK_REGISTRATION_ALLOWED: Item[bool] = Item(
    SUBTENSOR, "NetworkRegistrationAllowed", (_NETUID,), BOOL, True, b"\1"
)
BURN = _number("Burn", U64, 0)
MIN_NON_IMMUNE_UIDS = _number("MinNonImmuneUids", U16, 10)

# What may be changed on a running chain, as by the subnet's owner or by root.
HYPERPARAMETERS: tuple[Item[Any], ...] = (
    TEMPO,
    KAPPA,
    IMMUNITY_PERIOD,
    MIN_ALLOWED_WEIGHTS,
    MAX_WEIGHTS_LIMIT,
    MAX_ALLOWED_VALIDATORS,
    MAX_ALLOWED_UIDS,
    WEIGHTS_VERSION_KEY,
    WEIGHTS_SET_RATE_LIMIT,
    SERVING_RATE_LIMIT,
    BONDS_MOVING_AVERAGE,
    BONDS_PENALTY,
    ACTIVITY_CUTOFF_FACTOR_MILLI,
    REVEAL_PERIOD_EPOCHS,
    COMMIT_REVEAL_WEIGHTS_ENABLED,
    STAKE_THRESHOLD,
    YUMA3_ON,
    LIQUID_ALPHA_ON,
    ALPHA_VALUES,
    ALPHA_SIGMOID_STEEPNESS,
    NETWORK_REGISTRATION_ALLOWED,
    BURN,
    MIN_NON_IMMUNE_UIDS,
)

# The subnet and its schedule.
SUBNET_OWNER = _account("SubnetOwner", _NETUID)
SUBNET_OWNER_HOTKEY = _account("SubnetOwnerHotkey", _NETUID)
COMMIT_REVEAL_WEIGHTS_VERSION: Item[int] = Item(
    SUBTENSOR, "CommitRevealWeightsVersion", (), U16, STAND_IN_VERSION, STAND_IN_VERSION.to_bytes(2, "little")
)
NETWORKS_ADDED = _flag("NetworksAdded")
NETWORK_REGISTERED_AT = _number("NetworkRegisteredAt", U64, 0)
SUBNET_ALPHA_OUT_EMISSION = _number("SubnetAlphaOutEmission", U64, 0)
SUBNETWORK_N = _number("SubnetworkN", U16, 0)
MECHANISM_COUNT_CURRENT: Item[int] = Item(
    SUBTENSOR, "MechanismCountCurrent", (Key(U16, Hasher.TWOX_64_CONCAT),), U16, 1, b"\1\0"
)
TOKEN_SYMBOL: Item[bytes] = Item(SUBTENSOR, "TokenSymbol", (_NETUID,), BYTES, b"", _EMPTY)
LAST_EPOCH_BLOCK = _number("LastEpochBlock", U64, 0)
LAST_STEP_BLOCK = _number("LastMechansimStepBlock", U64, 0)  # spelt so on the chain
PENDING_EPOCH_AT = _number("PendingEpochAt", U64, 0)
SUBNET_EPOCH_INDEX = _number("SubnetEpochIndex", U64, 0)
BLOCKS_SINCE_LAST_STEP = _number("BlocksSinceLastStep", U64, 0)

# Who is who.
UIDS: Item[int | None] = Item(SUBTENSOR, "Uids", (_NETUID, _HOTKEY), U16, None, b"\0")
KEYS = _account("Keys", _NETUID, _UID)
OWNER = _account("Owner", _HOTKEY)
IS_NETWORK_MEMBER = _flag("IsNetworkMember", _HOTKEY, _NETUID)
BLOCK_AT_REGISTRATION = _number("BlockAtRegistration", U64, 0, _NETUID, _UID)
TOTAL_HOTKEY_ALPHA = _number("TotalHotkeyAlpha", U64, 0, _HOTKEY, _NETUID)
OWNED_HOTKEYS: Item[tuple[Hotkey, ...]] = Item(
    SUBTENSOR, "OwnedHotkeys", (_HOTKEY,), Sequence(ACCOUNT_ID), (), _EMPTY
)
AXONS: Item[AxonInfo | None] = Item(SUBTENSOR, "Axons", (_NETUID, _HOTKEY), AXON_INFO, None, b"\0")

# What validators say, and what the epoch makes of it.
WEIGHTS = _rows("Weights")
BONDS = _rows("Bonds")
LAST_UPDATE = _vector("LastUpdate", U64)
ACTIVE = _flags("Active")
VALIDATOR_PERMIT = _flags("ValidatorPermit")
CONSENSUS = _vector("Consensus", U16)
INCENTIVE = _vector("Incentive", U16)
DIVIDENDS = _vector("Dividends", U16)
VALIDATOR_TRUST = _vector("ValidatorTrust", U16)
EMISSION = _vector("Emission", U64)

# The frame around it.
ACCOUNT: Item[AccountInfo] = Item(SYSTEM, "Account", (_HOTKEY,), ACCOUNT_INFO, AccountInfo(), bytes(40))
EVENTS: Item[tuple[EventRecord, ...]] = Item(SYSTEM, "Events", (), Sequence(EVENT_RECORD), (), _EMPTY)
NOW: Item[int] = Item("Timestamp", "Now", (), U64, 0, bytes(8))
LAST_RUNTIME_UPGRADE: Item[RuntimeUpgrade] = Item(
    SYSTEM, "LastRuntimeUpgrade", (), RUNTIME_UPGRADE, RuntimeUpgrade(), b"\4\x3clocal-subtensor"
)

# By the subnet's index (the netuid, there being one mechanism) and the epoch of the commit.
TIMELOCKED_WEIGHT_COMMITS: Item[tuple[Commit, ...]] = Item(
    SUBTENSOR,
    "TimelockedWeightCommits",
    (_NETUID_TWOX, Key(U64, Hasher.TWOX_64_CONCAT)),
    Sequence(Tuple((ACCOUNT_ID, U64, BYTES, U64))),
    (),
    _EMPTY,
)

# Declared because clients read them; nothing on the local chain writes them.
COMMITMENT_OF = _never_written("Commitments", "CommitmentOf", _COMMITTER, BYTES)
REVEALED_COMMITMENTS = _never_written(
    "Commitments", "RevealedCommitments", _COMMITTER, Sequence(Tuple((BYTES, U64)))
)

ITEMS: tuple[Item[Any], ...] = (
    *HYPERPARAMETERS,
    COMMIT_REVEAL_WEIGHTS_VERSION,
    SUBNET_EPOCH_CONSENSUS,
    SUBNET_OWNER,
    SUBNET_OWNER_HOTKEY,
    NETWORKS_ADDED,
    NETWORK_REGISTERED_AT,
    SUBNET_ALPHA_OUT_EMISSION,
    SUBNETWORK_N,
    MECHANISM_COUNT_CURRENT,
    TOKEN_SYMBOL,
    LAST_EPOCH_BLOCK,
    LAST_STEP_BLOCK,
    PENDING_EPOCH_AT,
    SUBNET_EPOCH_INDEX,
    BLOCKS_SINCE_LAST_STEP,
    UIDS,
    KEYS,
    OWNER,
    OWNED_HOTKEYS,
    IS_NETWORK_MEMBER,
    BLOCK_AT_REGISTRATION,
    TOTAL_HOTKEY_ALPHA,
    AXONS,
    WEIGHTS,
    BONDS,
    LAST_UPDATE,
    ACTIVE,
    VALIDATOR_PERMIT,
    CONSENSUS,
    INCENTIVE,
    DIVIDENDS,
    VALIDATOR_TRUST,
    EMISSION,
    ACCOUNT,
    EVENTS,
    NOW,
    LAST_RUNTIME_UPGRADE,
    TIMELOCKED_WEIGHT_COMMITS,
    COMMITMENT_OF,
    REVEALED_COMMITMENTS,
)

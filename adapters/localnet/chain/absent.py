"""Storage items that clients read and that nothing on the local chain writes: their maps are empty.

They stand here so that a client that asks for identities, locks or delegates learns that there are none, where an
undeclared item would be an error to it. What a client needs only to change such things is not declared.
"""

from typing import Any

from adapters.localnet.chain.runtime_types import ACCOUNT_ID, H256
from adapters.localnet.chain.scale_types import (
    BOOL,
    BYTES,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    UNIT,
    Array,
    Sequence,
    Tuple,
    Type,
)
from adapters.localnet.chain.storage import SUBTENSOR, Hasher, Item, Key

_NETUID = Key(U16, Hasher.IDENTITY)
_ACCOUNT = Key(ACCOUNT_ID, Hasher.BLAKE2_128_CONCAT)
_RELATIONS = Sequence(Tuple((U64, ACCOUNT_ID)))


def _absent(name: str, value: Type, *keys: Key, pallet: str = SUBTENSOR) -> Item[None]:
    return Item(pallet, name, keys, value, None, b"\0")


_IDENTITIES = (
    _absent("IdentitiesV2", BYTES, _ACCOUNT),
    _absent("SubnetIdentitiesV3", BYTES, Key(U16, Hasher.BLAKE2_128_CONCAT)),
)
_STAKE_OF_OTHERS = (
    _absent("AutoStakeDestination", ACCOUNT_ID, _ACCOUNT, _NETUID),
    _absent("ChildKeys", _RELATIONS, _ACCOUNT, _NETUID),
    _absent("ParentKeys", _RELATIONS, _ACCOUNT, _NETUID),
    _absent("PendingChildKeys", Tuple((_RELATIONS, U64)), _NETUID, _ACCOUNT),
    _absent("Lock", U64, _ACCOUNT, _NETUID, _ACCOUNT),
    _absent("DecayingLock", BOOL, _ACCOUNT, _NETUID),
)
_POOLS = (
    _absent("SubnetTaoInEmission", U64, _NETUID),
    _absent("SubnetEmaTaoFlow", Tuple((U64, I128)), _NETUID),
)
_REGISTRATION = (
    _absent("MinBurn", U64, _NETUID),
    _absent("MaxBurn", U64, _NETUID),
    _absent("BurnIncreaseMult", U128, _NETUID),
    _absent("BurnHalfLife", U16, _NETUID),
    _absent("MaxDifficulty", U64, _NETUID),
    _absent("AdjustmentAlpha", U64, _NETUID),
    _absent("NetworkPowRegistrationAllowed", BOOL, _NETUID),
    _absent("CollateralLockShare", U16, _NETUID),
    _absent("CollateralDrainRatio", U128, _NETUID),
    _absent("ImmuneOwnerUidsLimit", U16, _NETUID),
)
_TOGGLES = (
    _absent("Rho", U16, _NETUID),
    _absent("BondsResetOn", BOOL, _NETUID),
    _absent("TransferToggle", BOOL, _NETUID),
    _absent("OwnerCutEnabled", BOOL, _NETUID),
    _absent("OwnerCutAutoLockEnabled", BOOL, _NETUID),
    _absent("MinChildkeyTakePerSubnet", U16, _NETUID),
)
_ACCOUNTS = (
    _absent("AccountFlags", U128, _ACCOUNT),
    _absent("AssociatedEvmAddress", Tuple((Array(U8, 20), U64)), _NETUID, _NETUID),
    _absent("ColdkeySwapAnnouncements", Tuple((U32, H256)), _ACCOUNT),
    _absent("ColdkeySwapDisputes", U32, _ACCOUNT),
)
_DELEGATES = (
    _absent("Delegates", U16, _ACCOUNT),
    _absent("MinDelegateTake", U16),
    _absent("MaxDelegateTake", U16),
    _absent("ChildkeyThresholdSuspended", UNIT, _ACCOUNT),
)
_OTHER_PALLETS = (
    _absent("NextKey", BYTES, pallet="MevShield"),
    _absent("Proxies", Tuple((Sequence(BYTES), U64)), _ACCOUNT, pallet="Proxy"),
)

ABSENT: tuple[Item[Any], ...] = (
    *_IDENTITIES,
    *_STAKE_OF_OTHERS,
    *_POOLS,
    *_REGISTRATION,
    *_TOGGLES,
    *_ACCOUNTS,
    *_DELEGATES,
    *_OTHER_PALLETS,
)

"""SCALE shapes of the runtime APIs: what clients may ask in one call, and what they get.

Names follow the public chain's; a call that is not here does not exist on the local chain, and clients say so.
"""

from adapters.localnet.chain.runtime_types import ACCOUNT_ID, AXON_INFO, FEE_INFO
from adapters.localnet.chain.scale_types import (
    BOOL,
    BYTES,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    Compact,
    Composite,
    Field,
    Sequence,
    Tuple,
    Type,
    Variant,
    Variants,
    option,
    struct,
)

_PALLET_PATH = ("pallet_subtensor", "pallet")


def _compacts(of: Type) -> Sequence:
    return Sequence(Compact(of))


def _fixed(name: str, bits: Type) -> Composite:
    """A fixed-point number as its bits."""
    return struct(("substrate_fixed", name), bits=bits)


def btree_map(key: Type, value: Type) -> Composite:
    """`BTreeMap<key, value>`."""
    return Composite(("BTreeMap",), (Field(Sequence(Tuple((key, value)))),))


_PAID = Sequence(Tuple((ACCOUNT_ID, Compact(U64))))

METAGRAPH = struct(
    (*_PALLET_PATH, "Metagraph"),
    netuid=Compact(U16),
    name=_compacts(U8),
    symbol=_compacts(U8),
    identity=option(BYTES),
    network_registered_at=Compact(U64),
    owner_hotkey=ACCOUNT_ID,
    owner_coldkey=ACCOUNT_ID,
    block=Compact(U64),
    tempo=Compact(U16),
    last_step=Compact(U64),
    blocks_since_last_step=Compact(U64),
    subnet_emission=Compact(U64),
    alpha_in=Compact(U64),
    alpha_out=Compact(U64),
    tao_in=Compact(U64),
    alpha_out_emission=Compact(U64),
    alpha_in_emission=Compact(U64),
    tao_in_emission=Compact(U64),
    pending_alpha_emission=Compact(U64),
    pending_root_emission=Compact(U64),
    subnet_volume=Compact(U128),
    moving_price=_fixed("FixedI128", I128),
    rho=Compact(U16),
    kappa=Compact(U16),
    min_allowed_weights=Compact(U16),
    max_weights_limit=Compact(U16),
    weights_version=Compact(U64),
    weights_rate_limit=Compact(U64),
    activity_cutoff=Compact(U64),
    max_validators=Compact(U16),
    num_uids=Compact(U16),
    max_uids=Compact(U16),
    burn=Compact(U64),
    difficulty=Compact(U64),
    registration_allowed=BOOL,
    pow_registration_allowed=BOOL,
    immunity_period=Compact(U16),
    min_difficulty=Compact(U64),
    max_difficulty=Compact(U64),
    min_burn=Compact(U64),
    max_burn=Compact(U64),
    adjustment_alpha=Compact(U64),
    adjustment_interval=Compact(U16),
    target_regs_per_interval=Compact(U16),
    max_regs_per_block=Compact(U16),
    serving_rate_limit=Compact(U64),
    commit_reveal_weights_enabled=BOOL,
    commit_reveal_period=Compact(U64),
    liquid_alpha_enabled=BOOL,
    alpha_high=Compact(U16),
    alpha_low=Compact(U16),
    bonds_moving_avg=Compact(U64),
    hotkeys=Sequence(ACCOUNT_ID),
    coldkeys=Sequence(ACCOUNT_ID),
    identities=Sequence(option(BYTES)),
    axons=Sequence(AXON_INFO),
    active=Sequence(BOOL),
    validator_permit=Sequence(BOOL),
    pruning_score=_compacts(U16),
    last_update=_compacts(U64),
    emission=_compacts(U64),
    dividends=_compacts(U16),
    incentives=_compacts(U16),
    consensus=_compacts(U16),
    trust=_compacts(U16),
    rank=_compacts(U16),
    block_at_registration=_compacts(U64),
    alpha_stake=_compacts(U64),
    tao_stake=_compacts(U64),
    total_stake=_compacts(U64),
    tao_dividends_per_hotkey=_PAID,
    alpha_dividends_per_hotkey=_PAID,
)
_NEURON_HEAD: dict[str, Type] = {
    "hotkey": ACCOUNT_ID,
    "coldkey": ACCOUNT_ID,
    "uid": Compact(U16),
    "netuid": Compact(U16),
    "active": BOOL,
    "axon_info": AXON_INFO,
    "stake": _PAID,
    "rank": Compact(U16),
    "emission": Compact(U64),
    "incentive": Compact(U16),
    "consensus": Compact(U16),
    "trust": Compact(U16),
    "validator_trust": Compact(U16),
    "dividends": Compact(U16),
    "last_update": Compact(U64),
    "validator_permit": BOOL,
}
_ROW = Sequence(Tuple((Compact(U16), Compact(U16))))
NEURON_INFO = struct(
    (*_PALLET_PATH, "NeuronInfo"), **_NEURON_HEAD, weights=_ROW, bonds=_ROW, pruning_score=Compact(U16)
)
NEURON_INFO_LITE = struct((*_PALLET_PATH, "NeuronInfoLite"), **_NEURON_HEAD, pruning_score=Compact(U16))
HYPERPARAMETER = struct(
    (*_PALLET_PATH, "HyperparamEntry"),
    name=BYTES,
    value=Variants(
        (*_PALLET_PATH, "HyperparamValue"),
        (
            Variant("Bool", 0, (Field(BOOL),)),
            Variant("U16", 1, (Field(Compact(U16)),)),
            Variant("U64", 2, (Field(Compact(U64)),)),
        ),
    ),
)
STAKE_INFO = struct(
    (*_PALLET_PATH, "StakeInfo"),
    hotkey=ACCOUNT_ID,
    coldkey=ACCOUNT_ID,
    netuid=Compact(U16),
    stake=Compact(U64),
    locked=Compact(U64),
    emission=Compact(U64),
    tao_emission=Compact(U64),
    drain=Compact(U64),
    is_registered=BOOL,
)
STAKE_AVAILABILITY = struct(
    (*_PALLET_PATH, "StakeAvailability"), total=Compact(U64), locked=Compact(U64), available=Compact(U64)
)
LOCK_STATE = struct(
    (*_PALLET_PATH, "LockState"), locked_mass=U64, conviction=_fixed("FixedU128", U128), last_update=U64
)
DELEGATE_INFO = struct(
    (*_PALLET_PATH, "DelegateInfo"),
    delegate_ss58=ACCOUNT_ID,
    take=Compact(U16),
    nominators=Sequence(Tuple((ACCOUNT_ID, Sequence(Tuple((Compact(U16), Compact(U64))))))),
    owner_ss58=ACCOUNT_ID,
    registrations=_compacts(U16),
    validator_permits=_compacts(U16),
    return_per_1000=Compact(U64),
    total_daily_return=Compact(U64),
)
SUBNET_PRICE = struct(("pallet_subtensor_swap", "SubnetPrice"), netuid=U16, price=U64)

Inputs = tuple[tuple[str, Type], ...]
_SUBNET: Inputs = (("netuid", U16),)
_COLDKEY: Inputs = (("coldkey", ACCOUNT_ID),)
_HOTKEY: Inputs = (("hotkey", ACCOUNT_ID),)
_DELEGATED = Sequence(Tuple((DELEGATE_INFO, Tuple((Compact(U16), Compact(U64))))))

RUNTIME_APIS: dict[str, dict[str, tuple[Inputs, Type]]] = {
    "SubnetInfoRuntimeApi": {
        "get_metagraph": (_SUBNET, option(METAGRAPH)),
        "get_next_epoch_start_block": (_SUBNET, option(U64)),
        "get_subnet_hyperparams_v3": (_SUBNET, option(Sequence(HYPERPARAMETER))),
    },
    "NeuronInfoRuntimeApi": {
        "get_neurons": (_SUBNET, Sequence(NEURON_INFO)),
        "get_neurons_lite": (_SUBNET, Sequence(NEURON_INFO_LITE)),
    },
    "StakeInfoRuntimeApi": {
        "get_stake_info_for_coldkey": (_COLDKEY, Sequence(STAKE_INFO)),
        "get_stake_info_for_coldkeys": (
            (("coldkeys", Sequence(ACCOUNT_ID)),),
            Sequence(Tuple((ACCOUNT_ID, Sequence(STAKE_INFO)))),
        ),
        "get_stake_info_for_hotkey_coldkey_netuid": (
            (*_HOTKEY, *_COLDKEY, *_SUBNET),
            option(STAKE_INFO),
        ),
        "get_stake_availability_for_coldkeys": (
            (("coldkeys", Sequence(ACCOUNT_ID)), ("netuids", option(Sequence(U16)))),
            btree_map(ACCOUNT_ID, btree_map(U16, STAKE_AVAILABILITY)),
        ),
        "get_coldkey_lock": ((*_COLDKEY, *_SUBNET), option(LOCK_STATE)),
    },
    "DelegateInfoRuntimeApi": {
        "get_delegates": ((), Sequence(DELEGATE_INFO)),
        "get_delegate": (_HOTKEY, option(DELEGATE_INFO)),
        "get_delegated": (_COLDKEY, _DELEGATED),
    },
    "BetaBasketRuntimeApi": {
        "get_root_basket_owed": (_COLDKEY, U64),
        "get_root_basket_positions": (_COLDKEY, Sequence(Tuple((ACCOUNT_ID, U128, U64)))),
    },
    "SwapRuntimeApi": {
        "current_alpha_price": (_SUBNET, U64),
        "current_alpha_price_all": ((), Sequence(SUBNET_PRICE)),
    },
    "TransactionPaymentApi": {"query_info": ((("uxt", BYTES), ("len", U32)), FEE_INFO)},
}

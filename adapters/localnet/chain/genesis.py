"""What the local chain is made of on its first block."""

import attrs

from adapters.timelock import STAND_IN_VERSION
from core.types import Hotkey

RAO_PER_TAO = 1_000_000_000


@attrs.frozen
class GenesisNeuron:
    """A hotkey registered from the start; its uid is its place in `Genesis.neurons`.

    Attributes:
        hotkey, coldkey: ss58 addresses.
        stake_rao: stake weight on the subnet, in rao of its alpha.
        balance_rao: what the coldkey has free on the first block, in rao of TAO; only the genesis gives it.
    """

    hotkey: Hotkey
    coldkey: Hotkey
    stake_rao: int = 0
    balance_rao: int = 100 * RAO_PER_TAO


@attrs.frozen
class Genesis:
    """One subnet and its hyperparameters, in the chain's own units.

    Times are short where the public chain's are long, so that a local run shows an epoch within a minute;
    whatever Yuma Consensus computes with has the chain's own default.

    Attributes:
        tempo: blocks from one epoch to the next.
        emission_per_block_rao: what the subnet pays a block, paid out at the epoch.
        weights_rate_limit_blocks, serving_rate_limit_blocks: least distance of two calls of one hotkey.
        immunity_period_blocks: how long a newcomer cannot be replaced.
        commit_reveal: weights are committed sealed, and opened `reveal_period_epochs` later.
        reveal_version: the form of commitments that is announced; another than the stand-in's cannot be opened here.
        yuma3, liquid_alpha, alpha_values, alpha_sigmoid_steepness: which bonds Yuma Consensus keeps, and how fast.
        owner_hotkey: whose uid is never replaced and needs neither permit nor stake; its coldkey owns the subnet.
        burn_rao: what a registration costs; it stays the same, where the public chain's moves.
        min_non_immune_uids: replaceable neurons that a full subnet keeps; below that an immune one goes.
        activity_cutoff_factor_milli: activity cutoff in thousandths of a tempo.
        history_blocks: how far back state can be read.
        started_ms: Unix time of block 0 as the chain tells it, in milliseconds.
    """

    neurons: tuple[GenesisNeuron, ...] = ()
    netuid: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    tempo: int = attrs.field(default=20, validator=attrs.validators.ge(1))
    block_time_s: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))
    emission_per_block_rao: int = RAO_PER_TAO
    weights_rate_limit_blocks: int = 10
    serving_rate_limit_blocks: int = 5
    immunity_period_blocks: int = 100
    min_allowed_weights: int = 1
    max_weights_limit: int = 65_535
    weights_version_key: int = 0
    max_validators: int = 64
    max_uids: int = 256
    stake_threshold_rao: int = 0
    kappa: int = 32_767
    bonds_moving_average: int = 900_000
    bonds_penalty: int = 65_535
    activity_cutoff_factor_milli: int = 13_889
    commit_reveal: bool = False
    reveal_period_epochs: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    reveal_version: int = STAND_IN_VERSION
    yuma3: bool = False
    liquid_alpha: bool = False
    alpha_values: tuple[int, int] = (45_875, 58_982)
    alpha_sigmoid_steepness: int = 1_000
    owner_hotkey: Hotkey | None = None
    registration_allowed: bool = True
    burn_rao: int = 0
    min_non_immune_uids: int = 0
    history_blocks: int = 1_024
    started_ms: int = 1_700_000_000_000

    @property
    def block_time_ms(self) -> int:
        return round(self.block_time_s * 1_000)

    def __attrs_post_init__(self) -> None:
        if len(self.neurons) > self.max_uids:
            raise ValueError(
                f"{len(self.neurons)} neurons do not fit max_uids={self.max_uids}; raise max_uids"
            )
        if len({neuron.hotkey for neuron in self.neurons}) < len(self.neurons):
            raise ValueError("a hotkey stands twice in Genesis.neurons; give each neuron its own")
        if self.owner_hotkey not in (None, *(neuron.hotkey for neuron in self.neurons)):
            raise ValueError(f"owner_hotkey {self.owner_hotkey} is none of Genesis.neurons; name one of them")

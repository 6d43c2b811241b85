"""What an epoch is given, and what it leaves on chain."""

from collections.abc import Mapping

import attrs

from adapters.localnet.chain.fixed import U16_MAX

Row = dict[int, int]


@attrs.frozen
class YumaParams:
    """Hyperparameters of an epoch, in the chain's own units.

    Attributes:
        kappa: share of stake that must support a weight; 65535 is 1.
        bonds_moving_average: share of the old bonds that is kept, in millionths.
        bonds_penalty: how far bonds follow the clipped weights instead of the given ones; 65535 is wholly.
        activity_cutoff_blocks: a validator silent for longer does not count.
        yuma3: bonds are no longer scaled up, so that who moves first is paid for it; the classic rule if False.
        liquid_alpha: under Yuma3, each bond moves at a speed of its own; the classic rule ignores it.
        alpha_low, alpha_high: between these speeds; 65535 is 1.
        alpha_sigmoid_steepness: how sharply speed turns from low to high, in hundredths.
    """

    kappa: int = 32_767
    bonds_moving_average: int = 900_000
    bonds_penalty: int = U16_MAX
    max_validators: int = 128
    stake_threshold_rao: int = 0
    activity_cutoff_blocks: int = 5_000
    tempo_blocks: int = 360
    yuma3: bool = False
    liquid_alpha: bool = False
    alpha_low: int = 45_875
    alpha_high: int = 58_982
    alpha_sigmoid_steepness: int = 1_000


@attrs.frozen
class YumaInput:
    """A subnet as an epoch finds it. `weights` and `bonds` are u16; block numbers are heights.

    Attributes:
        commit_blocks: where commit-reveal is on, the block of each uid's earliest commit that is pending and has not
            expired, None where there is none; empty where commit-reveal is off.
        owner_uid: the uid of the subnet's owner: it always has a permit, keeps its weight on itself, and its stake counts
            below the threshold, too.
    """

    block: int
    emission_rao: int
    stake_rao: tuple[int, ...]
    weights: tuple[Mapping[int, int], ...]
    bonds: tuple[Mapping[int, int], ...]
    permits: tuple[bool, ...]
    last_update: tuple[int, ...]
    registered: tuple[int, ...]
    last_step_block: int = 0
    commit_blocks: tuple[int | None, ...] = ()
    owner_uid: int | None = None


@attrs.frozen
class YumaOutcome:
    """What an epoch leaves on chain: u16 shares, and rao.

    Attributes:
        emission_rao: the epoch's emission by uid, miner's and validator's part together.
        server_rao, validator_rao: the two parts, each rounded down by itself.
    """

    active: tuple[bool, ...]
    permits: tuple[bool, ...]
    consensus: tuple[int, ...]
    validator_trust: tuple[int, ...]
    incentive: tuple[int, ...]
    dividends: tuple[int, ...]
    emission_rao: tuple[int, ...]
    server_rao: tuple[int, ...]
    validator_rao: tuple[int, ...]
    bonds: tuple[Row, ...]

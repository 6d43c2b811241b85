"""What a run came to, as values. `reckoning` makes them.

Words used here:
- An epoch counts as paid where any miner earned; means are over paid epochs, and over the miners that were registered in each.
- Dividends per stake are relative: a validator's dividends by its stake, divided by the mean of the honest ones. 1 is what honest
  work earns; a copier above 1 earns more than those whom it copies.
- A phase is a stretch of epochs with commit-reveal off, or on. What happened before lingers (bonds are moving averages, and revealed
  weights are old), so the later half of each phase is also reckoned by itself: settled.
"""

from collections.abc import Mapping

import attrs

from adapters.localnet.incentives.cast import ValidatorKind


@attrs.frozen
class PhaseFigures:
    """A validator in one phase; None where nothing was paid.

    Attributes:
        first_epoch, last_epoch: of the run, counted from 1.
        dividends_per_stake, settled_dividends_per_stake: relative, over the phase and over its later half.
        vtrust: mean.
    """

    commit_reveal: bool
    first_epoch: int
    last_epoch: int
    dividends_per_stake: float | None
    settled_dividends_per_stake: float | None
    vtrust: float | None


@attrs.frozen
class ValidatorFigures:
    """A validator over the run.

    Attributes:
        stake_tao: at the end.
        dividends: mean share of all dividends.
        dividends_per_stake: relative, see above.
        vtrust: mean validator trust.
        weights_landed: epochs before which it set weights, or committed them, since the epoch before; of `epochs`.
        earned_tao: in all.
    """

    name: str
    kind: ValidatorKind
    hotkey: str
    stake_tao: float
    dividends: float
    dividends_per_stake: float | None
    vtrust: float
    weights_landed: int
    epochs: int
    earned_tao: float
    phases: tuple[PhaseFigures, ...]


@attrs.frozen
class BehaviourFigures:
    """One kind of miner over the run.

    Attributes:
        miners: hotkeys of the kind that were ever registered.
        incentive: mean share of one miner.
        incentive_total: mean share of the kind.
        rank: mean place by incentive among the registered miners, 1 is the best; equals share the mean of their places.
        last_incentive: mean share of one miner in the last fifth of the paid epochs.
        earned_tao: what all of the kind earned in the run.
        share_of_emission: of what the subnet paid to all, validators included.
        pruned: how many lost their uid to a newcomer.
    """

    miners: int
    incentive: float
    incentive_total: float
    rank: float | None
    last_incentive: float
    earned_tao: float
    share_of_emission: float
    pruned: int


@attrs.frozen
class Compared:
    """Somebody special beside the steady miners of the same behaviour; amounts in TAO over the whole run.

    Attributes:
        earned_tao: by all its hotkeys together.
        hotkeys: how many those were.
        steady_tao: mean of a steady miner; None where there is none.
        relative: the one by the other.
    """

    name: str
    earned_tao: float
    hotkeys: int
    steady_tao: float | None
    relative: float | None


@attrs.frozen
class Series:
    """Per epoch, in order: mean incentive of a miner by kind, and of validators by name what `ValidatorFigures` has the mean of."""

    block: tuple[int, ...]
    commit_reveal: tuple[bool, ...]
    incentive: Mapping[str, tuple[float, ...]]
    dividends: Mapping[str, tuple[float, ...]]
    dividends_per_stake: Mapping[str, tuple[float | None, ...]]
    vtrust: Mapping[str, tuple[float, ...]]
    landed: Mapping[str, tuple[bool, ...]]


@attrs.frozen
class Figures:
    """All that is reported."""

    epochs: int
    paid_epochs: int
    validators: tuple[ValidatorFigures, ...]
    behaviours: Mapping[str, BehaviourFigures]
    accomplices: tuple[Compared, ...]
    sybils: tuple[Compared, ...]
    series: Series

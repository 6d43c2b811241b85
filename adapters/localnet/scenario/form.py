"""The form of a scenario file: names, types and bounds of single values.

What is absent from an epoch stays as the epoch before left it.
"""

from typing import Annotated

from msgspec import Meta, Struct

from adapters.localnet.chain.yuma import Row, YumaParams

U16 = Annotated[int, Meta(ge=0, le=65_535)]
I16 = Annotated[int, Meta(ge=-32_768, le=32_767)]
Millionths = Annotated[int, Meta(ge=0, le=1_000_000)]
# As far as the chain's own fixed-point numbers reach.
Rao = Annotated[int, Meta(ge=0, le=2**63 - 1)]
BlockNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Rows = list[Row | None] | dict[int, Row]

DEFAULTS = YumaParams()


class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hyperparameters under the chain's names, in its units; `owner_uid` is the uid of the subnet's owner."""

    kappa: U16 = DEFAULTS.kappa
    bonds_moving_average: Millionths = DEFAULTS.bonds_moving_average
    bonds_penalty: U16 = DEFAULTS.bonds_penalty
    tempo: U16 = DEFAULTS.tempo_blocks
    activity_cutoff: BlockNumber = DEFAULTS.activity_cutoff_blocks
    max_allowed_validators: U16 = DEFAULTS.max_validators
    stake_threshold: Rao = DEFAULTS.stake_threshold_rao
    yuma3: bool = DEFAULTS.yuma3
    liquid_alpha: bool = DEFAULTS.liquid_alpha
    alpha_low: U16 = DEFAULTS.alpha_low
    alpha_high: U16 = DEFAULTS.alpha_high
    alpha_sigmoid_steepness: I16 = DEFAULTS.alpha_sigmoid_steepness
    commit_reveal: bool = False
    owner_uid: U16 | None = None

    def of_chain(self) -> YumaParams:
        return YumaParams(
            kappa=self.kappa,
            bonds_moving_average=self.bonds_moving_average,
            bonds_penalty=self.bonds_penalty,
            max_validators=self.max_allowed_validators,
            stake_threshold_rao=self.stake_threshold,
            activity_cutoff_blocks=max(1, self.activity_cutoff),
            tempo_blocks=self.tempo,
            yuma3=self.yuma3,
            liquid_alpha=self.liquid_alpha,
            alpha_low=self.alpha_low,
            alpha_high=self.alpha_high,
            alpha_sigmoid_steepness=self.alpha_sigmoid_steepness,
        )


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One epoch. All lists are by uid; `weights` may also be an object from uid to row, which leaves other rows alone."""

    block: BlockNumber
    stakes: list[Rao] | None = None
    weights: Rows | None = None
    last_update: list[BlockNumber] | None = None
    registered_at: list[BlockNumber] | None = None
    permits: list[bool] | None = None
    commit_blocks: list[BlockNumber | None] | None = None

    def rows(self) -> dict[int, Row]:
        """The rows that are given, by the uid of the validator."""
        given = self.weights or {}
        pairs = given.items() if isinstance(given, dict) else enumerate(given)
        return {uid: row for uid, row in pairs if row is not None}


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file; `emission` is rao per epoch."""

    emission: Rao
    epochs: list[Change]
    params: Params = Params()

"""What must hold between the values of a scenario: lengths, uids, the order of blocks."""

from collections.abc import Sequence

from adapters.localnet.scenario.form import Change, Scenario
from adapters.localnet.scenario.refusing import Refusal

U16_MAX = 65_535
MOST_STAKE_RAO = 2**63 - 1
# Rows that are not given stay as they were.
MAY_BE_SHORT = ("weights",)
LISTS = ("stakes", "weights", "last_update", "registered_at", "permits", "commit_blocks")


def check(scenario: Scenario) -> None:
    """Nothing, if a chain could hold it.

    Raises:
        Refusal: by place and remedy.
    """
    uids = _uids(scenario)
    _check_params(scenario, uids)
    before = -1
    for index, epoch in enumerate(scenario.epochs):
        place = f"epochs[{index}]"
        if epoch.block <= before:
            raise Refusal(
                f"{place}.block",
                f"{epoch.block} is not after {before}, the epoch before; let blocks increase",
            )
        before = epoch.block
        _check_lengths(place, epoch, uids)
        _check_stake(place, epoch)
        _check_rows(place, epoch, uids)


def _uids(scenario: Scenario) -> int:
    """How many there are, by the first epoch."""
    if not scenario.epochs:
        raise Refusal("epochs", "is empty; give at least one epoch")
    stakes = scenario.epochs[0].stakes
    if not stakes:
        raise Refusal("epochs[0].stakes", "give a stake for each uid here: it says how many there are")
    if len(stakes) > U16_MAX:
        raise Refusal("epochs[0].stakes", f"has {len(stakes)} uids; a subnet has at most {U16_MAX}")
    return len(stakes)


def _check_params(scenario: Scenario, uids: int) -> None:
    params = scenario.params
    if params.alpha_low > params.alpha_high:
        raise Refusal(
            "params.alpha_low", f"{params.alpha_low} is above alpha_high, {params.alpha_high}; lower it"
        )
    if params.owner_uid is not None and params.owner_uid >= uids:
        raise Refusal("params.owner_uid", f"{params.owner_uid} is no uid; give one from 0 to {uids - 1}")


def _check_lengths(place: str, epoch: Change, uids: int) -> None:
    for name in LISTS:
        values = getattr(epoch, name)
        is_short = isinstance(values, list) and len(values) < uids and name not in MAY_BE_SHORT
        if isinstance(values, list) and (is_short or len(values) > uids):
            raise Refusal(
                f"{place}.{name}",
                f"has {len(values)} entries for {uids} uids (as many as epochs[0].stakes); give one for each",
            )


def _check_stake(place: str, epoch: Change) -> None:
    if sum(epoch.stakes or ()) > MOST_STAKE_RAO:
        raise Refusal(f"{place}.stakes", f"give at most {MOST_STAKE_RAO} rao together")


def _check_rows(place: str, epoch: Change, uids: int) -> None:
    for validator, row in epoch.rows().items():
        where = f"{place}.weights[{validator}]"
        _check_uids(f"{place}.weights", (validator,), uids)
        _check_uids(where, row, uids)
        for uid, value in row.items():
            if not 0 <= value <= U16_MAX:
                raise Refusal(f"{where}[{uid}]", f"{_short(value)} is no weight; give 0 to {U16_MAX}")


def _check_uids(place: str, names: Sequence[int] | dict[int, int], uids: int) -> None:
    for uid in names:
        if not 0 <= uid < uids:
            raise Refusal(
                place,
                f"{_short(uid)} is no uid; give 0 to {uids - 1} (epochs[0].stakes says how many there are)",
            )


def _short(number: int) -> str:
    """A number of any size, in few characters."""
    return str(number) if abs(number) < 10**18 else f"a number of {number.bit_length()} bits"

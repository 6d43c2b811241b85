"""What came out of a scenario, as a table for each epoch."""

from rich.console import Console

from adapters.localnet.chain.fixed import U16_MAX
from adapters.localnet.scenario.running import Epoch
from adapters.replay.table import table

MOST_ROWS = 32
RAO_PER_TAO = 1_000_000_000


def show(console: Console, index: int, epoch: Epoch) -> None:
    """The uids that were paid most, in order; what is left out is said."""
    subnet, outcome = epoch.subnet, epoch.outcome
    shown = most_paid(outcome.emission_rao)
    drawn = table(
        f"epoch {index} at block {subnet.block}",
        *("uid", "permit", "stake TAO", "consensus", "incentive", "dividends", "vtrust", "emission TAO"),
        text=("permit",),
    )
    for uid in shown:
        drawn.add_row(
            str(uid),
            "yes" if outcome.permits[uid] else "",
            tao(subnet.stake_rao[uid]),
            *(
                _share(values[uid])
                for values in (
                    outcome.consensus,
                    outcome.incentive,
                    outcome.dividends,
                    outcome.validator_trust,
                )
            ),
            tao(outcome.emission_rao[uid]),
        )
    console.print(drawn)
    if left_out := _left_out(shown, outcome.emission_rao):
        console.print(left_out, soft_wrap=True)
    console.print()


def most_paid(emission_rao: tuple[int, ...]) -> list[int]:
    """The uids to show: those with the most emission, the lower uid first where it is equal; in order of uid."""
    by_pay = sorted(range(len(emission_rao)), key=lambda uid: (-emission_rao[uid], uid))
    return sorted(by_pay[:MOST_ROWS])


def tao(rao: int) -> str:
    """Exact, without zeros at the end."""
    whole, part = divmod(rao, RAO_PER_TAO)
    return f"{whole}.{part:09d}".rstrip("0").rstrip(".")


def _share(value: int) -> str:
    return f"{value / U16_MAX:.4f}" if value else "0"


def _left_out(shown: list[int], emission_rao: tuple[int, ...]) -> str:
    missing = len(emission_rao) - len(shown)
    if not missing:
        return ""
    rest = sum(emission_rao) - sum(emission_rao[uid] for uid in shown)
    return (
        f"left out: {missing} uids that were paid less, {tao(rest)} TAO together; --json OUT has all of them"
    )

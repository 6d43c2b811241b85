"""Runs made by hand, for the tests of what is reckoned and shown."""

from collections.abc import Mapping, Sequence

from adapters.localnet.incentives.cast import Cast, Part, cast_of
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.incentives.figures import Figures
from adapters.localnet.incentives.observing import EpochSeen, NeuronSeen
from adapters.localnet.incentives.reckoning import reckon
from core.types import Block, Hotkey

RUN = RunConfig(epochs=4, validators=2, miners=8)
CAST = cast_of(RUN, 0)
TEMPO = 10


def hotkeys_of(cast: Cast, label: str) -> tuple[Hotkey, ...]:
    return tuple(miner.keys.hotkey_ss58 for miner in cast.miners if miner.label == label)


def epoch(
    number: int,
    *,
    incentive: Mapping[str, float],
    dividends: Sequence[float] = (0.4, 0.4, 0.15, 0.05),
    commit_reveal: bool = False,
    without: Sequence[Hotkey] = (),
    newcomers: Sequence[tuple[Hotkey, float]] = (),
    last_update: int | None = None,
) -> EpochSeen:
    """An epoch of `CAST` at block `number * TEMPO`: what a miner of each label earns, what each validator does."""
    block = number * TEMPO
    rows = [
        (validator.keys.hotkey_ss58, validator.stake_rao / 1e9, 0.0, share)
        for validator, share in zip(CAST.validators, dividends, strict=True)
    ]
    rows += [
        (miner.keys.hotkey_ss58, 0.0, incentive.get(miner.label, 0.0), 0.0)
        for miner in CAST.miners
        if miner.keys.hotkey_ss58 not in without
    ]
    rows += [(hotkey, 0.0, share, 0.0) for hotkey, share in newcomers]
    update = Block(block - 1 if last_update is None else last_update)
    return EpochSeen(
        Block(block),
        commit_reveal,
        tuple(
            NeuronSeen(uid, hotkey, stake, paid, divided, 0.5 if stake else 0.0, (paid + divided) * 5, update)
            for uid, (hotkey, stake, paid, divided) in enumerate(rows)
        ),
    )


def figures_of(*epochs: EpochSeen, later: Sequence[Hotkey] = ()) -> Figures:
    """`later` are the sybil's hotkeys after its first."""
    first = [miner.keys.hotkey_ss58 for miner in CAST.playing(Part.SYBIL)]
    return reckon(CAST, epochs, [[*first, *later]])


EARNING = {"good": 0.5, "fair": 0.3, "poor": 0.1, "poor (accomplice)": 0.06, "poor (sybil)": 0.04}
FOUR = (
    epoch(1, incentive={}, last_update=0),
    epoch(2, incentive=EARNING),
    epoch(3, incentive=EARNING, commit_reveal=True),
    epoch(4, incentive=EARNING, commit_reveal=True, dividends=(0.3, 0.3, 0.3, 0.1)),
)

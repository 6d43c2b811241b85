"""From the epochs of a run to its figures. Pure; `figures` says what the words mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from statistics import fmean

import attrs

from adapters.localnet.incentives.cast import Cast, CastValidator, Part, ValidatorKind
from adapters.localnet.incentives.figures import (
    BehaviourFigures,
    Compared,
    Figures,
    PhaseFigures,
    Series,
    ValidatorFigures,
)
from adapters.localnet.incentives.observing import EpochSeen, NeuronSeen
from core.types import Hotkey


@attrs.frozen
class Labels:
    """Who is what: the label of each miner's hotkey, also of those that came later."""

    miners: Mapping[Hotkey, str]

    def of(self, epoch: EpochSeen) -> Mapping[str, list[NeuronSeen]]:
        """The registered miners of an epoch by label."""
        found: dict[str, list[NeuronSeen]] = {}
        for neuron in epoch.neurons:
            if (label := self.miners.get(neuron.hotkey)) is not None:
                found.setdefault(label, []).append(neuron)
        return found


def reckon(cast: Cast, epochs: Sequence[EpochSeen], identities: Sequence[Sequence[Hotkey]]) -> Figures:
    """The figures of a run; `identities` are the hotkeys of each sybil, the first one first."""
    labels = labels_of(cast, identities)
    paid = [epoch for epoch in epochs if epoch.paid]
    accomplices = [(miner.keys.hotkey_ss58,) for miner in cast.playing(Part.ACCOMPLICE)]
    return Figures(
        epochs=len(epochs),
        paid_epochs=len(paid),
        validators=tuple(_validator(validator, cast, epochs) for validator in cast.validators),
        behaviours=_behaviours(labels, epochs, paid),
        accomplices=_compared(cast, epochs, Part.ACCOMPLICE, accomplices),
        sybils=_compared(cast, epochs, Part.SYBIL, identities),
        series=_series(cast, labels, epochs),
    )


def labels_of(cast: Cast, identities: Sequence[Sequence[Hotkey]]) -> Labels:
    labels = {miner.keys.hotkey_ss58: miner.label for miner in cast.miners}
    for miner, hotkeys in zip(cast.playing(Part.SYBIL), identities, strict=True):
        labels |= dict.fromkeys(hotkeys, miner.label)
    return Labels(labels)


def relative_dividends(cast: Cast, validator: CastValidator, epochs: Iterable[EpochSeen]) -> float | None:
    """Dividends per stake over these epochs, relative to the mean of the honest; None where those earned nothing."""
    epochs = list(epochs)
    honest = [_per_stake(other.keys.hotkey_ss58, epochs) for other in cast.of(ValidatorKind.HONEST)]
    mean = fmean(honest) if honest else 0.0
    return _per_stake(validator.keys.hotkey_ss58, epochs) / mean if mean > 0 else None


def _per_stake(hotkey: Hotkey, epochs: Iterable[EpochSeen]) -> float:
    found = (_neuron(epoch, hotkey) for epoch in epochs)
    return sum(neuron.dividends / neuron.stake_tao for neuron in found if neuron and neuron.stake_tao > 0)


def _neuron(epoch: EpochSeen, hotkey: Hotkey) -> NeuronSeen | None:
    return next((neuron for neuron in epoch.neurons if neuron.hotkey == hotkey), None)


def _mean(values: Iterable[float]) -> float:
    """0 for none: nothing was paid."""
    values = list(values)
    return fmean(values) if values else 0.0


def _of(
    epochs: Sequence[EpochSeen], hotkey: Hotkey, value: Callable[[NeuronSeen], float]
) -> tuple[float, ...]:
    """A neuron's value in each epoch, 0 where it is not registered."""
    found = (_neuron(epoch, hotkey) for epoch in epochs)
    return tuple(value(neuron) if neuron else 0.0 for neuron in found)


def _landed(epochs: Sequence[EpochSeen], hotkey: Hotkey) -> tuple[bool, ...]:
    """Whether weights came between each epoch and the one before; not known of the first, so it counts where any ever came."""
    blocks = [0, *(epoch.block for epoch in epochs)]
    updates = _of(epochs, hotkey, lambda neuron: neuron.last_update)
    return tuple(update >= max(1, before) for before, update in zip(blocks, updates, strict=False))


def _validator(validator: CastValidator, cast: Cast, epochs: Sequence[EpochSeen]) -> ValidatorFigures:
    hotkey = validator.keys.hotkey_ss58
    paid = [epoch for epoch in epochs if epoch.paid]
    return ValidatorFigures(
        name=validator.name,
        kind=validator.kind,
        hotkey=hotkey,
        stake_tao=(_of(epochs, hotkey, lambda neuron: neuron.stake_tao) or (0.0,))[-1],
        dividends=_mean(_of(paid, hotkey, lambda neuron: neuron.dividends)),
        dividends_per_stake=relative_dividends(cast, validator, paid),
        vtrust=_mean(_of(paid, hotkey, lambda neuron: neuron.vtrust)),
        weights_landed=sum(_landed(epochs, hotkey)),
        epochs=len(epochs),
        earned_tao=sum(_of(epochs, hotkey, lambda neuron: neuron.emission_tao)),
        phases=tuple(_phase(validator, cast, phase) for phase in phases_of(epochs)),
    )


def phases_of(epochs: Sequence[EpochSeen]) -> tuple[tuple[tuple[int, EpochSeen], ...], ...]:
    """The stretches of epochs that have commit-reveal alike, each epoch with its number in the run."""
    numbered = list(enumerate(epochs, start=1))
    return tuple(tuple(group) for _, group in groupby(numbered, key=lambda pair: pair[1].commit_reveal))


def _phase(validator: CastValidator, cast: Cast, phase: Sequence[tuple[int, EpochSeen]]) -> PhaseFigures:
    epochs = [epoch for _, epoch in phase]
    paid = [epoch for epoch in epochs if epoch.paid]
    settled = [epoch for epoch in epochs[len(epochs) // 2 :] if epoch.paid]
    trust = _of(paid, validator.keys.hotkey_ss58, lambda neuron: neuron.vtrust)
    return PhaseFigures(
        commit_reveal=epochs[0].commit_reveal,
        first_epoch=phase[0][0],
        last_epoch=phase[-1][0],
        dividends_per_stake=relative_dividends(cast, validator, paid),
        settled_dividends_per_stake=relative_dividends(cast, validator, settled),
        vtrust=fmean(trust) if trust else None,
    )


def _behaviours(
    labels: Labels, epochs: Sequence[EpochSeen], paid: Sequence[EpochSeen]
) -> Mapping[str, BehaviourFigures]:
    """By label, the best earning kind first."""
    all_tao = sum(neuron.emission_tao for epoch in paid for neuron in epoch.neurons)
    ranks = [ranks_of([n for group in labels.of(epoch).values() for n in group]) for epoch in paid]
    figures = {
        label: _behaviour(labels, label, epochs, paid, ranks, all_tao)
        for label in dict.fromkeys(labels.miners.values())
    }
    return dict(sorted(figures.items(), key=lambda item: (-item[1].incentive, item[0])))


def _behaviour(
    labels: Labels,
    label: str,
    epochs: Sequence[EpochSeen],
    paid: Sequence[EpochSeen],
    ranks: Sequence[Mapping[Hotkey, float]],
    all_tao: float,
) -> BehaviourFigures:
    groups = [labels.of(epoch).get(label, []) for epoch in paid]
    last = groups[-max(1, len(groups) // 5) :]
    places = [rank[neuron.hotkey] for group, rank in zip(groups, ranks, strict=True) for neuron in group]
    earned = sum(neuron.emission_tao for group in groups for neuron in group)
    hotkeys = {hotkey for hotkey, other in labels.miners.items() if other == label}
    return BehaviourFigures(
        miners=len(hotkeys),
        incentive=_mean(neuron.incentive for group in groups for neuron in group),
        incentive_total=_mean(sum(neuron.incentive for neuron in group) for group in groups),
        rank=fmean(places) if places else None,
        last_incentive=_mean(neuron.incentive for group in last for neuron in group),
        earned_tao=earned,
        share_of_emission=earned / all_tao if all_tao > 0 else 0.0,
        pruned=len(_pruned(hotkeys, epochs)),
    )


def _pruned(hotkeys: Iterable[Hotkey], epochs: Sequence[EpochSeen]) -> set[Hotkey]:
    """Who was registered once, and is not at the end."""
    ever = {neuron.hotkey for epoch in epochs for neuron in epoch.neurons}
    still = {neuron.hotkey for epoch in epochs[-1:] for neuron in epoch.neurons}
    return (set(hotkeys) & ever) - still


def ranks_of(neurons: Sequence[NeuronSeen]) -> Mapping[Hotkey, float]:
    """Places by incentive, 1 for the largest; equals share the mean of the places that they take."""
    ordered = sorted(neurons, key=lambda neuron: -neuron.incentive)
    places: dict[Hotkey, float] = {}
    taken = 0
    for _, group in groupby(ordered, key=lambda neuron: neuron.incentive):
        alike = [neuron.hotkey for neuron in group]
        places |= dict.fromkeys(alike, taken + (len(alike) + 1) / 2)
        taken += len(alike)
    return places


def _compared(
    cast: Cast, epochs: Sequence[EpochSeen], part: Part, hotkeys: Sequence[Sequence[Hotkey]]
) -> tuple[Compared, ...]:
    paid = [epoch for epoch in epochs if epoch.paid]
    return tuple(
        _beside_steady(cast, paid, miner.behaviour, f"{part} {index}", own)
        for index, (miner, own) in enumerate(zip(cast.playing(part), hotkeys, strict=True), start=1)
    )


def _beside_steady(
    cast: Cast, paid: Sequence[EpochSeen], behaviour: str, name: str, own: Sequence[Hotkey]
) -> Compared:
    steady = [miner.keys.hotkey_ss58 for miner in cast.playing(Part.STEADY) if miner.behaviour == behaviour]
    earned = sum(_earned(paid, hotkey) for hotkey in own)
    mean = fmean(_earned(paid, hotkey) for hotkey in steady) if steady else None
    return Compared(name, earned, len(own), mean, earned / mean if mean else None)


def _earned(epochs: Sequence[EpochSeen], hotkey: Hotkey) -> float:
    return sum(_of(epochs, hotkey, lambda neuron: neuron.emission_tao))


def _series(cast: Cast, labels: Labels, epochs: Sequence[EpochSeen]) -> Series:
    by_label = [labels.of(epoch) for epoch in epochs]
    hotkeys = {validator.name: validator.keys.hotkey_ss58 for validator in cast.validators}
    return Series(
        block=tuple(int(epoch.block) for epoch in epochs),
        commit_reveal=tuple(epoch.commit_reveal for epoch in epochs),
        incentive={
            label: tuple(_mean(neuron.incentive for neuron in groups.get(label, [])) for groups in by_label)
            for label in dict.fromkeys(labels.miners.values())
        },
        dividends={name: _of(epochs, key, lambda n: n.dividends) for name, key in hotkeys.items()},
        dividends_per_stake={
            validator.name: tuple(relative_dividends(cast, validator, [epoch]) for epoch in epochs)
            for validator in cast.validators
        },
        vtrust={name: _of(epochs, key, lambda n: n.vtrust) for name, key in hotkeys.items()},
        landed={name: _landed(epochs, key) for name, key in hotkeys.items()},
    )

"""Who takes part in an incentive run: validators with their stakes, miners with what they do. Pure, and the same for the same seed.

Rules:
- Honest validators have equal stakes, four fifths of all together (more where those who live off them are few): what two honest
  ones in three agree on is consensus, and no one of them makes it with all who live off them.
- Miners are those of the zoo in its proportions; those who do something special are poor ones besides.
"""

from collections.abc import Sequence
from enum import StrEnum

import attrs

from adapters.localnet.behaviours import POPULATION, Behaviour
from adapters.localnet.chain.genesis import RAO_PER_TAO
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.keys import NeuronKeys, development_keys, miner_keys, validator_keys
from core.randomness import generator, sample

HONEST_STAKE_TAO = 1_000
# Of all stake, at most: what copiers and colluders hold together.
OTHERS_SHARE = 0.2


class ValidatorKind(StrEnum):
    """Kinds of validators, by the names that reports show."""

    HONEST = "honest"
    COPIER = "copier"
    COLLUDER = "colluder"


class Part(StrEnum):
    """What a miner is besides its behaviour, by the names that reports show."""

    STEADY = "steady"
    ACCOMPLICE = "accomplice"
    SYBIL = "sybil"
    CHANGING = "changing"


@attrs.frozen
class CastValidator:
    """A validator; `name` is that of its keys."""

    name: str
    kind: ValidatorKind
    keys: NeuronKeys
    stake_rao: int


@attrs.frozen
class CastMiner:
    """A miner. A changing one begins with `behaviour`."""

    keys: NeuronKeys
    behaviour: Behaviour
    part: Part = Part.STEADY

    @property
    def label(self) -> str:
        return label_of(self.behaviour, self.part)


@attrs.frozen
class Cast:
    """All who take part from the first block, in the order of their uids: validators, then miners."""

    validators: tuple[CastValidator, ...]
    miners: tuple[CastMiner, ...]

    def of(self, kind: ValidatorKind) -> tuple[CastValidator, ...]:
        return tuple(validator for validator in self.validators if validator.kind is kind)

    def playing(self, part: Part) -> tuple[CastMiner, ...]:
        return tuple(miner for miner in self.miners if miner.part is part)


def label_of(behaviour: Behaviour, part: Part) -> str:
    """The name of a kind in reports: the behaviour, what it is besides, or what it changes from."""
    match part:
        case Part.STEADY:
            return behaviour.value
        case Part.CHANGING:
            return f"changing ({behaviour} first)"
        case Part.ACCOMPLICE | Part.SYBIL:
            return f"{behaviour} ({part})"


def cast_of(run: RunConfig, seed: int) -> Cast:
    return Cast(_validators(run), _miners(run, seed))


def sybil_keys(index: int, identity: int) -> NeuronKeys:
    """Keys of a sybil, which is counted from 0; its first identity is 0."""
    return development_keys(f"sybil{index}-{identity}")


def proportioned(count: int) -> tuple[Behaviour, ...]:
    """So many miners in the proportions of the zoo: whole shares first, then the largest remainders."""
    exact = {behaviour: count * POPULATION.count(behaviour) / len(POPULATION) for behaviour in Behaviour}
    whole = {behaviour: int(share) for behaviour, share in exact.items()}
    by_remainder = sorted(Behaviour, key=lambda behaviour: whole[behaviour] - exact[behaviour])
    for behaviour in by_remainder[: count - sum(whole.values())]:
        whole[behaviour] += 1
    return tuple(behaviour for behaviour in Behaviour for _ in range(whole[behaviour]))


def _validators(run: RunConfig) -> tuple[CastValidator, ...]:
    kinds = (
        *(ValidatorKind.HONEST for _ in range(run.validators)),
        *(ValidatorKind.COPIER for _ in range(run.copiers)),
        *(ValidatorKind.COLLUDER for _ in range(run.colluders)),
    )
    stakes = {kind: _other_stake_rao(run) for kind in ValidatorKind}
    stakes[ValidatorKind.HONEST] = HONEST_STAKE_TAO * RAO_PER_TAO
    return tuple(
        CastValidator(keys.name, kind, keys, stakes[kind])
        for index, kind in enumerate(kinds)
        for keys in (validator_keys(index),)
    )


def _other_stake_rao(run: RunConfig) -> int:
    """What a copier and a colluder have: never more than an honest validator, nor more than their share together."""
    others = max(1, run.copiers + run.colluders)
    together = HONEST_STAKE_TAO * run.validators * OTHERS_SHARE / (1 - OTHERS_SHARE)
    return round(min(HONEST_STAKE_TAO, together / others) * RAO_PER_TAO)


def _miners(run: RunConfig, seed: int) -> tuple[CastMiner, ...]:
    turns = (Behaviour.GOOD, Behaviour.POOR)
    parts: Sequence[tuple[Behaviour, Part]] = (
        *((behaviour, Part.STEADY) for behaviour in proportioned(run.steady)),
        *((Behaviour.POOR, Part.ACCOMPLICE) for _ in range(run.colluders)),
        *((Behaviour.POOR, Part.SYBIL) for _ in range(run.sybils)),
        *((turns[index % 2], Part.CHANGING) for index in range(run.changers)),
    )
    shuffled = sample(generator(seed, "cast"), parts, len(parts))
    return tuple(
        CastMiner(miner_keys(index), behaviour, part) for index, (behaviour, part) in enumerate(shuffled)
    )

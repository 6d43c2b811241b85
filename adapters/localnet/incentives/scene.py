"""From the cast of a run to what it plays on: the chain's first block, and the miners."""

from collections.abc import Iterable

import attrs

from adapters.localnet.behaviours import Behaviour, Memory, Miner
from adapters.localnet.chain.genesis import Genesis, GenesisNeuron
from adapters.localnet.config import SubnetConfig
from adapters.localnet.incentives.cast import Cast, CastMiner, Part
from adapters.localnet.incentives.changing import ChangingMiner
from adapters.localnet.incentives.config import CommitReveal
from adapters.localnet.keys import NeuronKeys
from adapters.localnet.subnet import Answering, Member
from core.randomness import key_of
from core.types import Hotkey

# A run of some minutes stands for days, so what takes its time on the public chain is shorter: immunity there is about eleven
# epochs, and of what bonds were, nine tenths are kept in each; here it is seven tenths, so that a quarter of a run settles them.
IMMUNITY_EPOCHS = 3
BONDS_MOVING_AVERAGE = 700_000
# What stake must support a weight: all of it until a run begins, then half, which is the chain's own default.
UNANIMITY, KAPPA = 65_535, 32_767


@attrs.frozen
class Scene:
    """The miners of a run.

    Attributes:
        members: who serves from the start to the end.
        sybils: the first identity of each; it serves until it leaves.
        changing: those of the members that turn.
    """

    members: tuple[Member[Answering], ...]
    sybils: tuple[Member[Miner], ...]
    changing: tuple[ChangingMiner, ...]


def genesis_of(config: SubnetConfig, cast: Cast, commit_reveal: CommitReveal, started_ms: int) -> Genesis:
    """A full subnet: validators and miners have all uids, and only as many permits are given as there are validators.

    Nothing is paid on it until `KAPPA` is set.
    """
    neurons = (
        *(_neuron(validator.keys, validator.stake_rao) for validator in cast.validators),
        *(_neuron(miner.keys, 0) for miner in cast.miners),
    )
    return Genesis(
        neurons=neurons,
        netuid=config.netuid,
        tempo=config.tempo,
        block_time_s=config.block_time,
        weights_rate_limit_blocks=rate_limit_blocks(config),
        immunity_period_blocks=IMMUNITY_EPOCHS * config.tempo,
        kappa=UNANIMITY,
        bonds_moving_average=BONDS_MOVING_AVERAGE,
        max_validators=len(cast.validators),
        max_uids=len(neurons),
        commit_reveal=commit_reveal == "on",
        started_ms=started_ms,
    )


def rate_limit_blocks(config: SubnetConfig) -> int:
    """Least distance of two sets of weights: a quarter of an epoch, so that the newest there are count at its end."""
    return max(1, config.tempo // 4)


def scene_of(cast: Cast, seed: int) -> Scene:
    """The miners that the cast names; a copycat's victim is the first good one."""
    memory = Memory()
    victim = next(miner for miner in cast.miners if miner.behaviour is Behaviour.GOOD).keys.hotkey_ss58
    made = [
        (cast_miner, _miner(cast_miner, index, seed, memory, victim))
        for index, cast_miner in enumerate(cast.miners)
    ]
    changing = {miner.hotkey: ChangingMiner(miner) for one, miner in made if one.part is Part.CHANGING}
    members: Iterable[Member[Answering]] = (
        Member(one.keys, changing.get(miner.hotkey, miner))
        for one, miner in made
        if one.part is not Part.SYBIL
    )
    sybils = (Member(one.keys, miner) for one, miner in made if one.part is Part.SYBIL)
    return Scene(tuple(members), tuple(sybils), tuple(changing.values()))


def _miner(cast_miner: CastMiner, index: int, seed: int, memory: Memory, victim: Hotkey) -> Miner:
    return Miner(
        hotkey=cast_miner.keys.hotkey_ss58,
        behaviour=cast_miner.behaviour,
        key=key_of(seed, "miner", index),
        memory=memory,
        victim=victim if cast_miner.behaviour is Behaviour.COPYCAT else None,
    )


def _neuron(keys: NeuronKeys, stake_rao: int) -> GenesisNeuron:
    return GenesisNeuron(keys.hotkey_ss58, Hotkey(keys.coldkey_ss58), stake_rao)

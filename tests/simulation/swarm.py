"""What a seed's simulation is like: how large, how set up, and which kinds of faults happen how often.

Each run switches a random part of the kinds off (a swarm; Groce et al. 2012, "Swarm testing"): faults that would hide each other in
every run meet alone in some.
"""

import random
from collections.abc import Mapping, Sequence

import attrs

from core.config import CoreConfig, NeuronConfig, RewardConfig
from core.randomness import below, between, choice, generator, sample
from tests.simulation.kinds import Kind
from tests.simulation.rates import RATES, THEMES

OWN_HOTKEY = "5CPWacczKnHdi7tMNieXczhqUk4K5TbytaP96Hzehw6r57W3"
# A subnet of the public chain's size costs as much as fifty small ones.
MINERS: Sequence[tuple[float, int, int]] = ((0.002, 1000, 1000), (0.012, 100, 255), (0.2, 0, 3), (1.0, 4, 30))
CLEAN = 0.02
THEMED = 0.6
# In half of the runs a kind or three happen so many times as often.
RAMPANT, MOST_RAMPANT = 20.0, 0.9
ON_DISK = 0.04
REWARDS = (
    RewardConfig(),
    RewardConfig(),
    RewardConfig(dpo_weight=1.0, reciprocate_weight=0.0),
    # They sum to 0.9999999999999999, which is 1 as far as anybody is concerned.
    RewardConfig(dpo_weight=0.7, reciprocate_weight=0.1 + 0.1, rlhf_weight=0.1),
    RewardConfig(0.2, 0.2, 0.2, 0.2, 0.2),
    RewardConfig(
        task_validation_max_penalty=1.0, content_match_max_penalty=1.0, keyword_match_max_penalty=0.0
    ),
)


@attrs.frozen
class Swarm:
    """One seed's world.

    Attributes:
        config: of the validator.
        miners: registered at the start, beside the validator itself (uid 0).
        tempo_blocks, weights_rate_limit_blocks: of the subnet at the start.
        block_time_s: from one block to the next; shorter than on the public chain, so that more blocks go by.
        rates: share of opportunities at which a kind of fault strikes; a kind that is not in it never does.
        on_disk: the journal is the real one, in a file.
    """

    seed: int
    config: CoreConfig
    miners: int
    tempo_blocks: int
    weights_rate_limit_blocks: int
    block_time_s: float
    rates: Mapping[Kind, float]
    on_disk: bool = False


def drawn(seed: int) -> Swarm:
    """The world of a seed."""
    rng = generator(seed, "swarm")
    miners = _miners(rng)
    return Swarm(
        seed=seed,
        config=CoreConfig(OWN_HOTKEY, neuron(rng, everyone=miners >= MINERS[0][1]), choice(rng, REWARDS)),
        miners=miners,
        tempo_blocks=between(rng, 5, 60),
        weights_rate_limit_blocks=between(rng, 0, choice(rng, (2, 40))),
        block_time_s=choice(rng, (3.0, 6.0, 12.0)),
        rates=_rates(rng),
        on_disk=rng.random() < ON_DISK,
    )


def neuron(rng: random.Random, *, everyone: bool = False) -> NeuronConfig:
    """Settings of a small validator; `everyone`: one that prompts all miners at once."""
    sizes = (1000, 1000) if everyone else (between(rng, 1, 6), between(rng, 1, 6))
    return NeuronConfig(
        seed=below(rng, 1000),
        num_concurrent_forwards=1 if everyone else between(rng, 1, 4),
        max_forwards=choice(rng, (0, 0, 2, 5, 20)),
        followup_sample_size=sizes[0],
        followup_timeout=choice(rng, (1.0, 10.0, 20.0)),
        answer_sample_size=sizes[1],
        answer_timeout=choice(rng, (1.0, 10.0, 20.0)),
        num_followup_steps=0 if everyone else choice(rng, (0, 0, 0, 0, 1, 1, 2, 4)),
        moving_average_alpha=choice(rng, (0.05, 0.05, 0.3, 1.0)),
        epoch_length=between(rng, 1, choice(rng, (4, 60))),
        checkpoint_block_length=between(rng, 2, choice(rng, (6, 40))),
        vpermit_tao_limit=choice(rng, (4096.0, 1e6)),
        disable_set_weights=rng.random() < 0.03,
        axon_off=rng.random() < 0.2,
        await_epoch=rng.random() < 0.5,
        blacklist_off=rng.random() < 0.1,
        relevance_off=rng.random() < 0.1,
        diversity_off=rng.random() < 0.1,
        nsfw_off=rng.random() < 0.1,
    )


def _miners(rng: random.Random) -> int:
    lot = rng.random()
    low, high = next((low, high) for share, low, high in MINERS if lot < share)
    return between(rng, low, high)


def _rates(rng: random.Random) -> Mapping[Kind, float]:
    if rng.random() < CLEAN:
        return {}
    kept, factor = choice(rng, (0.1, 0.3, 0.6, 1.0)), choice(rng, (0.3, 1.0, 3.0))
    rates = {kind: min(1.0, rate * factor) for kind, rate in RATES.items() if rng.random() < kept}
    for kind in sample(rng, list(RATES), choice(rng, (0, 0, 1, 3))):
        rates[kind] = min(MOST_RAMPANT, RATES[kind] * RAMPANT)
    return {**rates, **choice(rng, THEMES)} if rng.random() < THEMED else rates

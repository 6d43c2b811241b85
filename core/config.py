"""What an operator can set that decides something. Flags are made of these classes, dotted as the field writes them.

Each class refuses values that cannot work, naming the flag and the remedy (`ConfigError`).
"""

from collections.abc import Mapping

import attrs

from core.version import LOGIC_VERSION

WEIGHT_TOLERANCE = 1e-6


class ConfigError(ValueError):
    """A setting that cannot work, in one line that names the flag and the remedy."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


@attrs.frozen
class NeuronConfig:
    """How the validator works.

    Attributes:
        seed: of every random choice; the same seed and the same answers give the same decisions.
        num_concurrent_forwards: forwards that run at once.
        max_forwards: end after so many forwards; 0 for never.
        followup_sample_size: miners prompted for a summary or a question.
        followup_timeout: seconds a miner has for a summary or a question.
        answer_sample_size: miners prompted for an answer.
        answer_timeout: seconds a miner has for an answer.
        num_followup_steps: rounds of question and answer after the summary.
        moving_average_alpha: share of the newest reward in a miner's score, 0 to 1.
        epoch_length: least number of blocks between two weight sets.
        checkpoint_block_length: blocks between two readings of the metagraph.
        vpermit_tao_limit: a validator with more TAO at stake is not prompted.
        disable_set_weights: never set weights on chain.
        axon_off: neither serve an axon nor publish its address.
        await_epoch: before ending after max_forwards, set final weights and wait for the epoch that pays by them.
        blacklist_off: leave the n-gram and verbatim-copy mask out.
        relevance_off: leave the relevance mask out.
        diversity_off: leave the diversity mask out.
        nsfw_off: leave the safety mask out.
    """

    seed: int = 0
    num_concurrent_forwards: int = 1
    max_forwards: int = 0
    followup_sample_size: int = 50
    followup_timeout: float = 10.0
    answer_sample_size: int = 50
    answer_timeout: float = 10.0
    num_followup_steps: int = 4
    moving_average_alpha: float = 0.05
    epoch_length: int = 100
    checkpoint_block_length: int = 100
    vpermit_tao_limit: float = 4096.0
    disable_set_weights: bool = False
    axon_off: bool = False
    await_epoch: bool = False
    blacklist_off: bool = False
    relevance_off: bool = False
    diversity_off: bool = False
    nsfw_off: bool = False

    def __attrs_post_init__(self) -> None:
        for name in (
            "num_concurrent_forwards",
            "followup_sample_size",
            "answer_sample_size",
            "epoch_length",
            "checkpoint_block_length",
        ):
            value = getattr(self, name)
            _require(value >= 1, f"--neuron.{name} is {value}: give 1 or more")
        for name in ("max_forwards", "num_followup_steps", "vpermit_tao_limit"):
            value = getattr(self, name)
            _require(value >= 0, f"--neuron.{name} is {value}: give 0 or more")
        for name in ("followup_timeout", "answer_timeout"):
            value = getattr(self, name)
            _require(0 < value <= 600, f"--neuron.{name} is {value}: give seconds above 0, 600 at most")
        alpha = self.moving_average_alpha
        _require(0 < alpha <= 1, f"--neuron.moving_average_alpha is {alpha}: give a share above 0, 1 at most")

    @property
    def masks(self) -> tuple[str, ...]:
        """Names of the masks that are on, in the order in which they are told."""
        off = {
            "blacklist": self.blacklist_off,
            "nsfw": self.nsfw_off,
            "relevance": self.relevance_off,
            "diversity": self.diversity_off,
        }
        return tuple(name for name, is_off in off.items() if not is_off)


@attrs.frozen
class RewardConfig:
    """Which reward functions count, and how much; which penalties apply, and how far.

    Attributes:
        dpo_weight: weight of the mean log-probability of a completion.
        rlhf_weight: weight of the reward model that judges prompt and completion as a pair.
        reciprocate_weight: weight of the preference classifier.
        dahoas_weight: weight of the scalar head's score, the completion's own taken off.
        prompt_based_weight: weight of the grade that an instruct model gives.
        task_validation_max_penalty: most that missing the task's criteria can cost.
        content_match_max_penalty: most that leaked prompts and chat filler can cost.
        keyword_match_max_penalty: most that posing as another role or task can cost.
    """

    dpo_weight: float = 0.6
    rlhf_weight: float = 0.0
    reciprocate_weight: float = 0.4
    dahoas_weight: float = 0.0
    prompt_based_weight: float = 0.0
    task_validation_max_penalty: float = 0.1
    content_match_max_penalty: float = 0.1
    keyword_match_max_penalty: float = 1.0

    def __attrs_post_init__(self) -> None:
        for name, weight in self.weights.items():
            _require(weight >= 0, f"--reward.{name}_weight is {weight}: give 0 or more")
        total = sum(self.weights.values())
        _require(abs(total - 1) <= WEIGHT_TOLERANCE, f"{self._sum} = {total:g}: reward weights must sum to 1")
        for name in ("task_validation", "content_match", "keyword_match"):
            value = getattr(self, f"{name}_max_penalty")
            _require(0 <= value <= 1, f"--reward.{name}_max_penalty is {value}: give 0 to 1")

    @property
    def weights(self) -> Mapping[str, float]:
        """Weight per reward function, in the order in which they are told."""
        return {
            "dpo": self.dpo_weight,
            "rlhf": self.rlhf_weight,
            "reciprocate": self.reciprocate_weight,
            "dahoas": self.dahoas_weight,
            "prompt_based": self.prompt_based_weight,
        }

    @property
    def _sum(self) -> str:
        """The flags that make up the sum of weights; all of them where none has a weight."""
        counting = {name: weight for name, weight in self.weights.items() if weight > 0} or self.weights
        return " + ".join(f"--reward.{name}_weight {weight}" for name, weight in counting.items())


@attrs.frozen
class CoreConfig:
    """All that the core needs to know.

    Attributes:
        own_hotkey: this validator's hotkey; it is never prompted.
        logic_version: the version of the decisions; today's, but for the replay of an older journal.
    """

    own_hotkey: str
    neuron: NeuronConfig = NeuronConfig()
    reward: RewardConfig = RewardConfig()
    logic_version: int = LOGIC_VERSION

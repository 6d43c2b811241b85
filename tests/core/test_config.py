"""Settings that cannot work are refused by the name of their flag."""

from typing import Any

import pytest

from core.config import ConfigError, NeuronConfig, RewardConfig


def test_defaults_work() -> None:
    """Nothing has to be set; all masks are on, and two of the five reward functions count."""
    assert NeuronConfig().masks == ("blacklist", "nsfw", "relevance", "diversity")
    assert list(RewardConfig().weights.items()) == [
        ("dpo", 0.6),
        ("rlhf", 0),
        ("reciprocate", 0.4),
        ("dahoas", 0),
        ("prompt_based", 0),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_concurrent_forwards", 0),
        ("followup_sample_size", 0),
        ("answer_sample_size", -1),
        ("epoch_length", 0),
        ("checkpoint_block_length", 0),
        ("max_forwards", -1),
        ("num_followup_steps", -1),
        ("vpermit_tao_limit", -0.5),
        ("vpermit_tao_limit", float("nan")),
        ("followup_timeout", 0),
        ("answer_timeout", 601),
        ("answer_timeout", float("nan")),
        ("moving_average_alpha", 0),
        ("moving_average_alpha", 1.01),
        ("moving_average_alpha", float("nan")),
    ],
)
def test_a_neuron_setting_that_cannot_work_is_refused(name: str, value: float) -> None:
    """The message names the flag, the value and the remedy."""
    settings: dict[str, Any] = {name: value}
    with pytest.raises(ConfigError, match=rf"--neuron\.{name} is .*: give "):
        NeuronConfig(**settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_concurrent_forwards", 1),
        ("max_forwards", 0),
        ("num_followup_steps", 0),
        ("vpermit_tao_limit", 0.0),
        ("followup_timeout", 0.5),
        ("answer_timeout", 600.0),
        ("moving_average_alpha", 1.0),
    ],
)
def test_the_least_and_the_most_that_can_work_are_taken(name: str, value: float) -> None:
    """What a refusal names as its bound is itself allowed."""
    settings: dict[str, Any] = {name: value}
    assert getattr(NeuronConfig(**settings), name) == value


@pytest.mark.parametrize(
    ("settings", "flags"),
    [
        ({"dpo_weight": 0.7}, r"--reward\.dpo_weight .*--reward\.reciprocate_weight .* sum to 1"),
        ({"dpo_weight": 1.2, "reciprocate_weight": -0.2}, r"--reward\.reciprocate_weight is -0\.2"),
        ({"dpo_weight": float("nan")}, r"--reward\.dpo_weight is nan"),
        ({"dpo_weight": float("inf"), "reciprocate_weight": 0.0}, "must sum to 1"),
        ({"rlhf_weight": 0.1}, r"--reward\.rlhf_weight 0\.1 .* sum to 1"),
        ({"dahoas_weight": -0.1}, r"--reward\.dahoas_weight is -0\.1"),
        ({"prompt_based_weight": float("nan")}, r"--reward\.prompt_based_weight is nan"),
        ({"task_validation_max_penalty": 1.1}, r"--reward\.task_validation_max_penalty"),
        ({"content_match_max_penalty": -0.1}, r"--reward\.content_match_max_penalty"),
        ({"keyword_match_max_penalty": float("nan")}, r"--reward\.keyword_match_max_penalty"),
    ],
)
def test_a_reward_setting_that_cannot_work_is_refused(settings: dict[str, Any], flags: str) -> None:
    """Weights below zero, weights that do not sum to 1 and penalties outside 0..1 are named by their flags."""
    with pytest.raises(ConfigError, match=flags):
        RewardConfig(**settings)


def test_only_flags_that_count_are_named() -> None:
    """A wrong sum names the flags with a weight above 0, and all five where there is none."""
    with pytest.raises(ConfigError) as some:
        RewardConfig(dpo_weight=0.2, rlhf_weight=0.3)
    flags = "--reward.dpo_weight 0.2 + --reward.rlhf_weight 0.3 + --reward.reciprocate_weight 0.4"
    assert str(some.value) == f"{flags} = 0.9: reward weights must sum to 1"
    with pytest.raises(ConfigError) as none:
        RewardConfig(dpo_weight=0, reciprocate_weight=0)
    assert all(f"--reward.{name}_weight 0" in str(none.value) for name in RewardConfig().weights)


@pytest.mark.parametrize("name", ["dpo", "rlhf", "reciprocate", "dahoas", "prompt_based"])
def test_each_reward_function_can_count_alone(name: str) -> None:
    """Any one function can have all the weight."""
    weights = {f"{other}_weight": float(other == name) for other in RewardConfig().weights}
    assert RewardConfig(**weights).weights[name] == 1


def test_weights_may_miss_one_by_rounding() -> None:
    """1e-6 is forgiven, no more."""
    assert RewardConfig(dpo_weight=0.6 + 9e-7).weights["dpo"] == 0.6 + 9e-7
    with pytest.raises(ConfigError):
        RewardConfig(dpo_weight=0.6 + 2e-6)


@pytest.mark.parametrize("name", ["blacklist", "nsfw", "relevance", "diversity"])
def test_each_mask_can_be_left_out(name: str) -> None:
    """A flag takes just its own mask away."""
    settings: dict[str, Any] = {f"{name}_off": True}
    left = tuple(mask for mask in NeuronConfig().masks if mask != name)
    assert NeuronConfig(**settings).masks == left

"""From flags to the models and bounds that score."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from adapters.scoring.settings import EMBEDDED, HUB, DahoasSettings, ModelRef, ScoringSettings, Sigmoid
from adapters.validator.models import scoring_settings
from adapters.validator.settings import NeuronFlags, RewardFlags, SubtensorFlags, ValidatorSettings
from core.config import ConfigError

NETWORKS = [("embedded", EMBEDDED), ("local", EMBEDDED), ("test", HUB), ("finney", HUB)]


def settings(network: str, /, device: str = "cpu", **reward: Any) -> ValidatorSettings:
    return ValidatorSettings(
        subtensor=SubtensorFlags(network), neuron=NeuronFlags(device=device), reward=RewardFlags(**reward)
    )


def scored(network: str, **reward: Any) -> ScoringSettings:
    return scoring_settings(settings(network, **reward))


def refs(value: Any) -> list[ModelRef]:
    """Every model within."""
    if isinstance(value, ModelRef):
        return [value]
    if not attrs.has(type(value)):
        return []
    return [ref for field in attrs.fields(type(value)) for ref in refs(getattr(value, field.name))]


@pytest.mark.parametrize(("network", "base"), NETWORKS)
def test_without_flags_a_network_has_its_own(network: str, base: ScoringSettings) -> None:
    """Small shipped models where nothing is public, the field's own elsewhere."""
    assert scored(network) == base


@pytest.mark.parametrize("network", ["embedded", "finney"])
def test_each_model_can_be_another(network: str) -> None:
    """Every model's flag reaches the model that carries its name, at its newest revision, and no other."""
    flags = [
        field.name for field in attrs.fields(RewardFlags) if field.name.endswith(("_model", "_checkpoint"))
    ]
    found = refs(scored(network, **{flag: f"mine/{flag}" for flag in flags}))
    assert {ref.flag: ref.model for ref in found} == {f"--reward.{flag}": f"mine/{flag}" for flag in flags}
    assert len(found) == len(flags)
    assert {ref.revision for ref in found} == {None}


def test_a_local_network_gets_a_model_that_it_does_not_ship() -> None:
    """What is brought is there, with its flag to be named; dahoas takes both of its parts, and nothing with one alone."""
    found = scored("embedded", rlhf_model="a/b", dahoas_model="c/d", dahoas_checkpoint="e/f")
    assert found.rlhf == ModelRef("--reward.rlhf_model", "a/b")
    assert found.prompt_based is None
    body, checkpoint = ModelRef("--reward.dahoas_model", "c/d"), ModelRef("--reward.dahoas_checkpoint", "e/f")
    assert found.dahoas == DahoasSettings(body, checkpoint)
    assert scored("embedded", dahoas_model="c/d").dahoas is None


def test_one_part_of_dahoas_can_be_another() -> None:
    """On a public network the other part stays the field's own."""
    assert HUB.dahoas is not None
    checkpoint = ModelRef("--reward.dahoas_checkpoint", "./mine")
    assert scored("finney", dahoas_checkpoint="./mine").dahoas == DahoasSettings(HUB.dahoas.body, checkpoint)


@pytest.mark.parametrize("allowed", [True, False])
def test_device_and_trust_reach_every_model(allowed: bool) -> None:
    """No model is left on another device, and none may run code of its own unless all may."""
    given = settings("finney", "cuda:1", trust_remote_code=allowed)
    found = refs(scoring_settings(given))
    assert len(found) == 10
    assert {(ref.device, ref.trust_remote_code) for ref in found} == {("cuda:1", allowed)}


def test_code_of_models_is_not_run_unasked() -> None:
    """Trust is off by default."""
    assert not RewardFlags().trust_remote_code


BOUNDS: dict[str, tuple[float, Callable[[ScoringSettings], float]]] = {
    "relevance_rms_bound": (0.5, lambda s: s.relevance.rms_bound),
    "relevance_cosine_bound": (0.0, lambda s: s.relevance.cosine_bound),
    "diversity_bound": (0.0, lambda s: s.diversity.bound),
    "diversity_batch_slope": (7.0, lambda s: s.diversity.batch.slope),
    "diversity_batch_shift": (0.0, lambda s: s.diversity.batch.shift),
    "diversity_history_slope": (8.0, lambda s: s.diversity.history.slope),
    "diversity_history_shift": (-1.0, lambda s: s.diversity.history.shift),
    "nsfw_bound": (0.0, lambda s: s.nsfw.bound),
    "blacklist_significance_bound": (33.0, lambda s: s.blacklist.significance_bound),
    "blacklist_ratio_bound": (0.0, lambda s: s.blacklist.ratio_bound),
    "blacklist_support": (0.5, lambda s: s.blacklist.support),
    "blacklist_error": (0.002, lambda s: s.blacklist.error),
    "blacklist_half_life": (5, lambda s: s.blacklist.half_life),
    "blacklist_max_entries": (6, lambda s: s.blacklist.max_entries),
}


@pytest.mark.parametrize("flag", BOUNDS)
def test_each_bound_can_be_another(flag: str) -> None:
    """A bound's flag changes that bound, 0 included, and nothing else."""
    value, bound_of = BOUNDS[flag]
    found = scored("embedded", **{flag: value})
    assert bound_of(found) == value
    own = bound_of(EMBEDDED)
    assert own != value
    assert scored("embedded", **{flag: own}) == EMBEDDED


def test_slope_and_shift_go_together() -> None:
    """Both numbers of a sigmoid can be given at once, and the other sigmoid stays."""
    found = scored("finney", diversity_batch_slope=3.0, diversity_batch_shift=4.0).diversity
    assert (found.batch, found.history) == (Sigmoid(3, 4), HUB.diversity.history)


@pytest.mark.parametrize(
    ("flag", "values"),
    [
        ("relevance_rms_bound", (0, -1, float("nan"), float("inf"))),
        ("relevance_cosine_bound", (-0.1, 1.1, float("nan"))),
        ("diversity_bound", (-0.1, 1, float("nan"))),
        ("diversity_batch_slope", (0, -1, float("inf"), float("nan"))),
        ("diversity_batch_shift", (float("inf"), float("nan"))),
        ("diversity_history_slope", (0, float("inf"))),
        ("diversity_history_shift", (float("nan"),)),
        ("nsfw_bound", (float("inf"), float("nan"))),
        ("blacklist_significance_bound", (0, float("nan"))),
        ("blacklist_ratio_bound", (-1, 101, float("nan"))),
        ("blacklist_support", (0, 1, float("nan"), 0.001)),
        ("blacklist_error", (0, 1, float("nan"), 0.01)),
        ("blacklist_half_life", (0, -1)),
        ("blacklist_max_entries", (0, -1)),
    ],
)
def test_a_bound_that_cannot_work_is_refused(flag: str, values: tuple[float, ...]) -> None:
    """The message names the flag, the value and the remedy; support must be above error, whichever of them is given."""
    for value in values:
        with pytest.raises(ConfigError, match=rf"--reward\.{flag} {value}.*: give "):
            scored("finney", **{flag: value})


NOT_SHIPPED = [
    ("rlhf", {}, "--reward.rlhf_model (a folder or a Hugging Face id)"),
    (
        "dahoas",
        {},
        "--reward.dahoas_model and --reward.dahoas_checkpoint (a folder or a Hugging Face id each)",
    ),
    ("dahoas", {"dahoas_model": "x"}, "--reward.dahoas_checkpoint (a folder or a Hugging Face id)"),
    ("dahoas", {"dahoas_checkpoint": "x"}, "--reward.dahoas_model (a folder or a Hugging Face id)"),
    ("prompt_based", {}, "--reward.prompt_based_model (a folder or a Hugging Face id)"),
]


@pytest.mark.parametrize(("name", "brought", "remedy"), NOT_SHIPPED)
def test_a_local_network_wants_the_models_that_it_does_not_ship(
    name: str, brought: dict[str, str], remedy: str
) -> None:
    """A function with a weight and without a model is refused with the flags that are missing; a public network has one."""
    weights: dict[str, Any] = {"dpo_weight": 0.1, f"{name}_weight": 0.5, **brought}
    with pytest.raises(ConfigError) as refused:
        settings("embedded", **weights)
    told = f"--reward.{name}_weight 0.5: the local network ships no {name} model: give {remedy}"
    assert str(refused.value) == told
    assert settings("finney", **weights).reward.weights[name] == 0.5


def test_with_its_model_any_function_may_count_on_a_local_network() -> None:
    """Whoever brings the models can give all the weight to them."""
    models = ("rlhf_model", "dahoas_model", "dahoas_checkpoint", "prompt_based_model")
    brought: dict[str, Any] = dict.fromkeys(models, "mine")
    given = settings(
        "embedded",
        dpo_weight=0,
        reciprocate_weight=0,
        rlhf_weight=0.2,
        dahoas_weight=0.3,
        prompt_based_weight=0.5,
        **brought,
    )
    assert None not in (scoring_settings(given).rlhf, scoring_settings(given).dahoas)

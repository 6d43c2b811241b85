"""From flags to the models that score: the small shipped ones on a local network, the field's own elsewhere."""

from typing import Any, TypeVar

import attrs

from adapters.scoring.settings import (
    EMBEDDED,
    HUB,
    BlacklistSettings,
    DahoasSettings,
    DiversitySettings,
    ModelRef,
    NsfwSettings,
    RelevanceSettings,
    ScoringSettings,
    Sigmoid,
    placed,
)
from adapters.validator.settings import RewardFlags, ValidatorSettings

S = TypeVar("S", BlacklistSettings, DiversitySettings, NsfwSettings, RelevanceSettings, Sigmoid)


def scoring_settings(settings: ValidatorSettings) -> ScoringSettings:
    """Each flag that is set replaces the network's own model or bound, or brings one where the network has none."""
    base, flags = EMBEDDED if settings.subtensor.is_local else HUB, settings.reward
    chosen = ScoringSettings(
        dpo=_model(base.dpo, flags.dpo_model),
        rlhf=_brought("rlhf_model", base.rlhf, flags.rlhf_model),
        reciprocate=_model(base.reciprocate, flags.reciprocate_model),
        dahoas=_dahoas(base.dahoas, flags),
        prompt_based=_brought("prompt_based_model", base.prompt_based, flags.prompt_based_model),
        relevance=_relevance(base.relevance, flags),
        diversity=_diversity(base.diversity, flags),
        nsfw=_but(base.nsfw, model=_model(base.nsfw.model, flags.nsfw_model), bound=flags.nsfw_bound),
        blacklist=_blacklist(base.blacklist, flags),
    )
    return placed(chosen, settings.neuron.device, trust_remote_code=flags.trust_remote_code)


def _model(ref: ModelRef, chosen: str | None) -> ModelRef:
    return ref if chosen is None else attrs.evolve(ref, model=chosen, revision=None)


def _brought(flag: str, ref: ModelRef | None, chosen: str | None) -> ModelRef | None:
    """The chosen model, also where the network has none of its own."""
    return ref if chosen is None else ModelRef(f"--reward.{flag}", chosen)


def _dahoas(base: DahoasSettings | None, flags: RewardFlags) -> DahoasSettings | None:
    """Both parts, or nothing."""
    body = _brought("dahoas_model", base.body if base else None, flags.dahoas_model)
    checkpoint = _brought("dahoas_checkpoint", base.checkpoint if base else None, flags.dahoas_checkpoint)
    return DahoasSettings(body, checkpoint) if body and checkpoint else None


def _relevance(base: RelevanceSettings, flags: RewardFlags) -> RelevanceSettings:
    return _but(
        base,
        bert=_model(base.bert, flags.relevance_bert_model),
        mpnet=_model(base.mpnet, flags.relevance_mpnet_model),
        rms_bound=flags.relevance_rms_bound,
        cosine_bound=flags.relevance_cosine_bound,
    )


def _diversity(base: DiversitySettings, flags: RewardFlags) -> DiversitySettings:
    return _but(
        base,
        encoder=_model(base.encoder, flags.diversity_model),
        batch=_but(base.batch, slope=flags.diversity_batch_slope, shift=flags.diversity_batch_shift),
        history=_but(base.history, slope=flags.diversity_history_slope, shift=flags.diversity_history_shift),
        bound=flags.diversity_bound,
    )


def _blacklist(base: BlacklistSettings, flags: RewardFlags) -> BlacklistSettings:
    return _but(
        base,
        support=flags.blacklist_support,
        error=flags.blacklist_error,
        half_life=flags.blacklist_half_life,
        max_entries=flags.blacklist_max_entries,
        significance_bound=flags.blacklist_significance_bound,
        ratio_bound=flags.blacklist_ratio_bound,
    )


def _but(settings: S, **fields: Any) -> S:
    """The same settings with the fields that are given, those that are None left out."""
    return attrs.evolve(settings, **{name: value for name, value in fields.items() if value is not None})

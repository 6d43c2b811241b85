"""From flags to the models that score: the small shipped ones on a local network, the field's own elsewhere."""

import attrs

from adapters.scoring.settings import EMBEDDED, HUB, ModelRef, ScoringSettings, placed
from adapters.validator.settings import ValidatorSettings


def scoring_settings(settings: ValidatorSettings) -> ScoringSettings:
    """Each flag that is set replaces the network's own model or bound."""
    base = EMBEDDED if settings.subtensor.is_local else HUB
    reward, relevance = settings.reward, base.relevance
    chosen = attrs.evolve(
        base,
        dpo=_model(base.dpo, reward.dpo_model),
        reciprocate=_model(base.reciprocate, reward.reciprocate_model),
        relevance=attrs.evolve(
            relevance,
            bert=_model(relevance.bert, reward.relevance_bert_model),
            mpnet=_model(relevance.mpnet, reward.relevance_mpnet_model),
            rms_bound=_bound(relevance.rms_bound, reward.relevance_rms_bound),
            cosine_bound=_bound(relevance.cosine_bound, reward.relevance_cosine_bound),
        ),
        diversity=attrs.evolve(
            base.diversity, encoder=_model(base.diversity.encoder, reward.diversity_model)
        ),
        nsfw=attrs.evolve(
            base.nsfw,
            model=_model(base.nsfw.model, reward.nsfw_model),
            bound=_bound(base.nsfw.bound, reward.nsfw_bound),
        ),
    )
    return placed(chosen, settings.neuron.device)


def _model(ref: ModelRef, chosen: str | None) -> ModelRef:
    return ref if chosen is None else attrs.evolve(ref, model=chosen, revision=None)


def _bound(bound: float, chosen: float | None) -> float:
    return bound if chosen is None else chosen

"""From names to loaded reward functions and masks; an encoder that two of them name is loaded once."""

from adapters.scoring.batch import Mask, RewardFunction
from adapters.scoring.blacklist import Blacklist
from adapters.scoring.diversity import Diversity
from adapters.scoring.dpo import Dpo
from adapters.scoring.encoders import Encoder
from adapters.scoring.loading import load_causal_lm, load_classifier, load_encoder
from adapters.scoring.nsfw import Nsfw
from adapters.scoring.reciprocate import Reciprocate
from adapters.scoring.relevance import Relevance
from adapters.scoring.settings import ModelRef, ScoringSettings
from effects.ports import Fault


class Models:
    """Makes reward functions and masks by name; blocking."""

    def __init__(self, settings: ScoringSettings) -> None:
        self._settings = settings
        self._encoders: dict[tuple[str, str | None, str], Encoder] = {}

    def reward(self, name: str) -> RewardFunction:
        match name:
            case "dpo":
                return Dpo(load_causal_lm(self._settings.dpo))
            case "reciprocate":
                return Reciprocate(load_classifier(self._settings.reciprocate))
            case _:
                raise Fault(f"--reward.{name}_weight: no such reward function; there are dpo and reciprocate")

    def mask(self, name: str) -> Mask:
        settings = self._settings
        match name:
            case "blacklist":
                return Blacklist(settings.blacklist)
            case "relevance":
                return self._relevance()
            case "diversity":
                return Diversity(self._encoder(settings.diversity.encoder), settings.diversity)
            case "nsfw":
                return Nsfw(load_classifier(settings.nsfw.model), settings.nsfw)
            case _:
                raise Fault(
                    f"--neuron.{name}_off: no such mask; there are blacklist, relevance, diversity, nsfw"
                )

    def _relevance(self) -> Relevance:
        relevance = self._settings.relevance
        bert, mpnet = self._encoder(relevance.bert), self._encoder(relevance.mpnet)
        return Relevance(bert, mpnet, relevance.rms_bound, relevance.cosine_bound)

    def _encoder(self, ref: ModelRef) -> Encoder:
        key = (ref.model, ref.revision, ref.device)
        if key not in self._encoders:
            self._encoders[key] = Encoder(load_encoder(ref))
        return self._encoders[key]

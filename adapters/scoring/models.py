"""From names to loaded reward functions and masks; an encoder that two of them name is loaded once."""

from collections.abc import Callable
from typing import TypeVar

from adapters.scoring.batch import Mask, RewardFunction
from adapters.scoring.blacklist import Blacklist
from adapters.scoring.dahoas import Dahoas
from adapters.scoring.diversity import Diversity
from adapters.scoring.dpo import Dpo
from adapters.scoring.encoders import Encoder
from adapters.scoring.loading import Loaded, load_causal_lm, load_classifier, load_dahoas, load_encoder
from adapters.scoring.nsfw import Nsfw
from adapters.scoring.prompt_based import PromptBased
from adapters.scoring.reciprocate import Reciprocate
from adapters.scoring.relevance import Relevance
from adapters.scoring.rlhf import Rlhf
from adapters.scoring.settings import DahoasSettings, ModelRef, ScoringSettings
from effects.ports import Fault

T = TypeVar("T")


class Models:
    """Makes reward functions and masks by name; blocking. `tell` is given what an operator should know of a model.

    Attributes:
        fingerprints: of the weights of every model loaded so far, by the flag that names it.
    """

    def __init__(self, settings: ScoringSettings, tell: Callable[[str], None]) -> None:
        self.fingerprints: dict[str, str] = {}
        self._settings, self._tell = settings, tell
        self._encoders: dict[tuple[str, str | None, str], Encoder] = {}

    def reward(self, name: str) -> RewardFunction:
        settings = self._settings
        match name:
            case "dpo":
                return Dpo(self._told(settings.dpo, load_causal_lm))
            case "rlhf":
                return Rlhf(self._told(_given(name, settings.rlhf), load_classifier))
            case "reciprocate":
                return Reciprocate(self._told(settings.reciprocate, load_classifier))
            case "dahoas":
                return self._dahoas(_given(name, settings.dahoas))
            case "prompt_based":
                return PromptBased(self._told(_given(name, settings.prompt_based), load_causal_lm))
            case _:
                raise Fault(f"--reward.{name}_weight: no such reward function")

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
                return Nsfw(self._told(settings.nsfw.model, load_classifier), settings.nsfw)
            case _:
                raise Fault(
                    f"--neuron.{name}_off: no such mask; there are blacklist, relevance, diversity, nsfw"
                )

    def _told(self, ref: ModelRef, load: Callable[[ModelRef], Loaded]) -> Loaded:
        """The model; where its texts cannot be packed, that is said: it costs time."""
        loaded = load(ref)
        self._note(ref, loaded)
        if loaded.way.plain_because:
            self._tell(f"{ref.flag} {ref.model}: prompts are not shared, {loaded.way.plain_because}")
        return loaded

    def _note(self, ref: ModelRef, loaded: Loaded | Encoder) -> None:
        self.fingerprints[ref.flag.removeprefix("--")] = loaded.fingerprint

    def _dahoas(self, settings: DahoasSettings) -> Dahoas:
        body, head = load_dahoas(settings)
        self._note(settings.body, body)
        return Dahoas(body, head)

    def _relevance(self) -> Relevance:
        relevance = self._settings.relevance
        bert, mpnet = self._encoder(relevance.bert), self._encoder(relevance.mpnet)
        return Relevance(bert, mpnet, relevance.rms_bound, relevance.cosine_bound)

    def _encoder(self, ref: ModelRef) -> Encoder:
        key = (ref.model, ref.revision, ref.device)
        if key not in self._encoders:
            self._encoders[key] = Encoder(self._told(ref, load_encoder))
        self._note(ref, self._encoders[key])
        return self._encoders[key]


def _given(name: str, model: T | None) -> T:
    """The model, unless the network has none of its own."""
    if model is None:
        raise Fault(f"--reward.{name}_weight: no {name} model here: give --reward.{name}_model")
    return model

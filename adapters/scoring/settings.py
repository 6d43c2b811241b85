"""Which model each reward function and mask uses, and the bounds that belong to it. No heavy import here.

Rules:
- A bound belongs to its model: who gives another model gives another bound.
- `HUB` are the field's own models. `EMBEDDED` are the small ones that this project ships (`embedded/`), with bounds
  measured on texts that they were not trained on.
"""

from pathlib import Path

import attrs

MODELS = Path(__file__).parent / "embedded" / "models"


@attrs.frozen
class ModelRef:
    """A model to load.

    Attributes:
        flag: the flag that sets it, for messages.
        model: a local folder, or a Hugging Face id.
        revision: commit or tag of an id; None for the newest.
        device: "cpu", "cuda" or "cuda:N".
        trust_remote_code: whether Python code that comes with the model may run.
    """

    flag: str
    model: str
    revision: str | None = None
    device: str = "cpu"
    trust_remote_code: bool = False


@attrs.frozen
class BlacklistSettings:
    """Lossy counting of n-grams, and when one of them masks.

    Attributes:
        support: least share of completions of an n-gram that is remembered as text.
        error: share by which a count may be too low; 1 / error completions are one window.
        half_life: completions after which all counts are halved.
        max_entries: most n-grams counted at once.
        significance_bound: an n-gram above it masks.
        ratio_bound: least fuzzy partial ratio, 0 to 100, of which more is a match.
    """

    support: float = 0.01
    error: float = 0.001
    half_life: int = 20_000
    max_entries: int = 1_000_000
    significance_bound: float = 20.0
    ratio_bound: float = 90.0


@attrs.frozen
class RelevanceSettings:
    """Two encoders: masked with an RMS distance above the first bound, or an absolute cosine below the second."""

    bert: ModelRef
    mpnet: ModelRef
    rms_bound: float
    cosine_bound: float


@attrs.frozen
class Sigmoid:
    """1 / (1 + exp(-(slope * x - shift)))."""

    slope: float
    shift: float


@attrs.frozen
class DiversitySettings:
    """How different a completion must be from its batch and from history.

    Attributes:
        batch, history: what turns the second smallest distance into a factor.
        bound: masked where the product of factors is not above it.
        newest: the newest remembered completions, which are left out.
        remembered: most completions compared with beyond those.
    """

    encoder: ModelRef
    batch: Sigmoid
    history: Sigmoid
    bound: float = 0.2
    newest: int = 500
    remembered: int = 15_000


@attrs.frozen
class NsfwSettings:
    """Masked where a chunk's `max(-not_hate, hate)` (logits) is above the bound."""

    model: ModelRef
    bound: float


@attrs.frozen
class DahoasSettings:
    """A causal model's body (its language head is not used) and the checkpoint that brings trained weights and the scalar head."""

    body: ModelRef
    checkpoint: ModelRef


@attrs.frozen
class ScoringSettings:
    """Every model, and the bounds that belong to it. None where the network has no model of its own: a flag must name one."""

    dpo: ModelRef
    rlhf: ModelRef | None
    reciprocate: ModelRef
    dahoas: DahoasSettings | None
    prompt_based: ModelRef | None
    relevance: RelevanceSettings
    diversity: DiversitySettings
    nsfw: NsfwSettings
    blacklist: BlacklistSettings


def _flag(name: str) -> str:
    return f"--reward.{name}" if name.endswith("_checkpoint") else f"--reward.{name}_model"


def _settings(
    models: dict[str, tuple[str, str | None]],
    bounds: tuple[float, float, float],
    factors: tuple[Sigmoid, Sigmoid],
    blacklist: BlacklistSettings,
) -> ScoringSettings:
    refs = {name: ModelRef(_flag(name), *model) for name, model in models.items()}
    rms_bound, cosine_bound, nsfw_bound = bounds
    return ScoringSettings(
        dpo=refs["dpo"],
        rlhf=refs.get("rlhf"),
        reciprocate=refs["reciprocate"],
        dahoas=DahoasSettings(refs["dahoas"], refs["dahoas_checkpoint"]) if "dahoas" in refs else None,
        prompt_based=refs.get("prompt_based"),
        relevance=RelevanceSettings(refs["relevance_bert"], refs["relevance_mpnet"], rms_bound, cosine_bound),
        diversity=DiversitySettings(refs["diversity"], *factors),
        nsfw=NsfwSettings(refs["nsfw"], nsfw_bound),
        blacklist=blacklist,
    )


HUB = _settings(
    {
        "dpo": ("cerebras/btlm-3b-8k-base", None),
        "rlhf": ("OpenAssistant/reward-model-deberta-v3-large-v2", None),
        "reciprocate": ("reciprocate/gpt-j_rm_format-oa", "501f895"),
        "dahoas": ("EleutherAI/gpt-j-6b", None),
        "dahoas_checkpoint": ("Dahoas/gptj-rm-static", None),
        "prompt_based": ("VMware/open-llama-7b-open-instruct", None),
        "relevance_bert": ("bert-base-uncased", None),
        "relevance_mpnet": ("sentence-transformers/all-mpnet-base-v2", None),
        "diversity": ("sentence-transformers/all-mpnet-base-v2", None),
        "nsfw": ("facebook/roberta-hate-speech-dynabench-r4-target", None),
    },
    bounds=(0.0246, 0.3, -0.5),
    factors=(Sigmoid(40, 4), Sigmoid(1000, 50)),
    blacklist=BlacklistSettings(),
)
EMBEDDED = _settings(
    {
        "dpo": (str(MODELS / "dpo"), None),
        "reciprocate": (str(MODELS / "reciprocate"), None),
        "relevance_bert": (str(MODELS / "encoder"), None),
        "relevance_mpnet": (str(MODELS / "encoder"), None),
        "diversity": (str(MODELS / "encoder"), None),
        "nsfw": (str(MODELS / "nsfw"), None),
    },
    bounds=(0.154, 0.24, 1.0),
    factors=(Sigmoid(400, 4), Sigmoid(2000, 10)),
    # A small corpus has few subjects, and honest miners who use its sentences say the same more often.
    blacklist=BlacklistSettings(significance_bound=50.0),
)


def placed(settings: ScoringSettings, device: str, *, trust_remote_code: bool = False) -> ScoringSettings:
    """The same settings with every model on `device`."""

    def place(ref: ModelRef) -> ModelRef:
        return attrs.evolve(ref, device=device, trust_remote_code=trust_remote_code)

    relevance, diversity, nsfw, dahoas = (
        settings.relevance,
        settings.diversity,
        settings.nsfw,
        settings.dahoas,
    )
    return attrs.evolve(
        settings,
        dpo=place(settings.dpo),
        rlhf=settings.rlhf and place(settings.rlhf),
        reciprocate=place(settings.reciprocate),
        dahoas=dahoas and DahoasSettings(place(dahoas.body), place(dahoas.checkpoint)),
        prompt_based=settings.prompt_based and place(settings.prompt_based),
        relevance=attrs.evolve(relevance, bert=place(relevance.bert), mpnet=place(relevance.mpnet)),
        diversity=attrs.evolve(diversity, encoder=place(diversity.encoder)),
        nsfw=attrs.evolve(nsfw, model=place(nsfw.model)),
    )

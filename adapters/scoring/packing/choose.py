"""Which way a model takes, and the head that reads its states.

A packed way is taken only if it gives what the model gives by itself, on the tokens of a small probe.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

import attrs
import torch
from torch import Tensor, nn

from adapters.scoring.packing.attention import NAME
from adapters.scoring.packing.bert import bert_body
from adapters.scoring.packing.body import Body, whole_body
from adapters.scoring.packing.deberta import deberta_body
from adapters.scoring.packing.engine import Engine, PackedEngine, PlainEngine
from adapters.scoring.packing.gptj import gptj_body
from adapters.scoring.packing.linear import lay_out
from adapters.scoring.packing.mpnet import mpnet_body
from adapters.scoring.packing.texts import Reading, Text

Head = Callable[[Tensor], Tensor]

OWN_BODIES: dict[str, Callable[[Any], Body | None]] = {
    "bert": bert_body,
    "roberta": bert_body,
    "xlm-roberta": bert_body,
    "mpnet": mpnet_body,
    "deberta-v2": deberta_body,
    "gptj": gptj_body,
}
# Architectures whose own code is known to look at no linear layer's weight.
LAID_OUT = {*OWN_BODIES, "gpt2", "llama"}
# Rotary positions that turn otherwise in a longer sequence: a neighbour in the pass would make it longer.
LENGTH_DEPENDENT = {"dynamic", "longrope"}
PROBE = tuple(range(5, 14))
# Largest difference between both ways, as a share of the largest value.
TOLERANCE = {torch.float32: 1e-3}
ROUGH_TOLERANCE = 0.1


class Use(Enum):
    """What of a model is used: next-token logits, a classifier's logits, or the states themselves."""

    CAUSAL_LM = auto()
    CAUSAL_CLASSIFIER = auto()
    CLASSIFIER = auto()
    CAUSAL_BODY = auto()
    ENCODER = auto()

    @property
    def is_causal(self) -> bool:
        return self in {Use.CAUSAL_LM, Use.CAUSAL_CLASSIFIER, Use.CAUSAL_BODY}

    @property
    def reading(self) -> Reading:
        """What the probe looks at."""
        readings = {
            Use.CAUSAL_LM: Reading.PREDICTING,
            Use.CLASSIFIER: Reading.FIRST,
            Use.ENCODER: Reading.ALL,
        }
        return readings.get(self, Reading.LAST)


@attrs.frozen(eq=False)
class Way:
    """How a model is asked.

    Attributes:
        head: states [rows, width] to what the use wants of them, [rows, labels or vocabulary].
        plain_because: why texts are not packed; "" where they are.
    """

    engine: Engine
    head: Head
    plain_because: str = ""


def choose(model: Any, use: Use, device: torch.device) -> Way:
    """The packed way if it is known and right for the model, else the plain one."""
    plain = _plain(model, use, device)
    own_attention = model.config._attn_implementation  # noqa: SLF001 - it has a setter, but no public name
    body = _body(model, use)
    if body is None:
        return attrs.evolve(plain, plain_because=f"no packed way for {model.config.model_type}")
    if model.config.model_type in LAID_OUT:
        lay_out(model)
    packed = Way(PackedEngine(body, device), _packed_head(model, use))
    because = _why_not(packed, plain, use, TOLERANCE.get(model.dtype, ROUGH_TOLERANCE))
    if because:
        model.set_attn_implementation(own_attention)
        return attrs.evolve(plain, plain_because=because)
    return packed


def _why_not(packed: Way, plain: Way, use: Use, tolerance: float) -> str:
    """What speaks against the packed way; "" for nothing."""
    try:
        difference = _difference(packed, plain, use)
    except Exception as error:  # noqa: BLE001 - a model's own code may raise anything; it still has its own way
        return f"{type(error).__name__}: {error}"
    return "" if difference <= tolerance else f"packed results differ by {difference:.1e}"


def use_of_classifier(model: Any) -> Use:
    """Causal models judge by a text's last state, through `score`."""
    return Use.CAUSAL_CLASSIFIER if hasattr(model, "score") else Use.CLASSIFIER


def _body(model: Any, use: Use) -> Body | None:
    base, kind = model.base_model, model.config.model_type
    if kind in OWN_BODIES:
        return OWN_BODIES[kind](base)
    can_be = use.is_causal and getattr(base, "_supports_attention_backend", False)
    if can_be and _looks_everywhere(model.config):
        model.set_attn_implementation(NAME)
        return Body(whole_body(base), is_causal=True)
    return None


def _looks_everywhere(config: Any) -> bool:
    """Whether each token sees all before it, in one way whatever the length: a short probe could not tell."""
    layers = set(getattr(config, "layer_types", None) or ())
    rope = getattr(config, "rope_parameters", None) or {}
    depends_on_length = rope.get("rope_type") in LENGTH_DEPENDENT
    return (
        layers <= {"full_attention"}
        and not depends_on_length
        and not getattr(config, "attention_chunk_size", None)
    )


def _packed_head(model: Any, use: Use) -> Head:
    match use:
        case Use.CAUSAL_LM:
            return _float(model.get_output_embeddings())
        case Use.CAUSAL_CLASSIFIER:
            return _float(model.score)
        case Use.CLASSIFIER:
            pooler = getattr(model.base_model, "pooler", None) or getattr(model, "pooler", None)
            return _float(lambda rows: model.classifier(_pooled(pooler, rows.unsqueeze(1))))
        case Use.CAUSAL_BODY | Use.ENCODER:
            return _as_it_is


def _pooled(pooler: nn.Module | None, first: Tensor) -> Tensor:
    return first if pooler is None else pooler(first)


def _plain(model: Any, use: Use, device: torch.device) -> Way:
    has_types = getattr(model.config, "type_vocab_size", 0) > 0

    def inputs(ids: Tensor, attention: Tensor, types: Tensor) -> dict[str, Tensor]:
        given = {"input_ids": ids, "attention_mask": attention}
        return given | {"token_type_ids": types} if has_types else given

    def logits(*given: Tensor) -> Tensor:
        found: Tensor = model(**inputs(*given)).logits
        return found if use is Use.CAUSAL_LM else found.unsqueeze(1)

    def states(*given: Tensor) -> Tensor:
        found: Tensor = model.base_model(**inputs(*given))[0]
        return found

    if use in {Use.CAUSAL_LM, Use.CLASSIFIER}:
        return Way(PlainEngine(logits, device), _float(_as_it_is))
    return Way(PlainEngine(states, device), _packed_head(model, use))


def _difference(packed: Way, plain: Way, use: Use) -> float:
    """Largest difference on a few texts, as a share of the largest value."""
    prefix = Text(PROBE[:4]) if use.is_causal else None
    texts = [Text(PROBE[4:7], prefix), Text(PROBE[3:], prefix)]
    ours, theirs = (_outputs(way, texts, use) for way in (packed, plain))
    return float((ours - theirs).abs().max() / theirs.abs().max())


def _outputs(way: Way, texts: list[Text], use: Use) -> Tensor:
    with torch.inference_mode():
        found = way.engine.read(texts, use.reading, lambda _, states: [way.head(rows) for rows in states])
    return torch.cat(found)


def _as_it_is(states: Tensor) -> Tensor:
    return states


def _float(head: Head) -> Head:
    return lambda rows: head(rows).float()

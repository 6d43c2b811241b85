"""BERT and RoBERTa."""

from typing import Any

from torch import Tensor

from adapters.scoring.packing.attention import Pack, replace_forward
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.heads import join_heads, split_heads


def bert_body(base: Any) -> Body:
    for layer in base.encoder.layer:
        replace_forward(layer.attention.self, _attention)

    def run(pack: Pack, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        states: Tensor = base.embeddings(input_ids=ids, position_ids=positions, token_type_ids=types)
        for layer in base.encoder.layer[:-1]:
            states = layer(states)
        final: Tensor = base.encoder.layer[-1](pack.narrowed(states))
        return final

    # RoBERTa's positions begin behind that of padding.
    padding: int | None = getattr(base.embeddings, "padding_idx", None)
    return Body(run, is_causal=False, narrows=True, first_position=0 if padding is None else padding + 1)


def _attention(
    module: Any, pack: Pack, hidden_states: Tensor, *_args: Any, **_kwargs: Any
) -> tuple[Tensor, None]:
    source = hidden_states if pack.source is None else pack.source
    heads = module.num_attention_heads
    query = split_heads(module.query(hidden_states), heads)
    key, value = split_heads(module.key(source), heads), split_heads(module.value(source), heads)
    return join_heads(pack.attend(module, query, key, value, module.scaling)), None

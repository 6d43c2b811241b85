"""MPNet: a bias on attention for the distance of two tokens, the same in all layers."""

from typing import Any

from torch import Tensor

from adapters.scoring.packing.attention import Pack, replace_forward
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.heads import join_heads, split_heads


def mpnet_body(base: Any) -> Body:
    for layer in base.encoder.layer:
        replace_forward(layer.attention.attn, _attention)
    bias = _Bias(base.encoder)

    def run(pack: Pack, ids: Tensor, positions: Tensor, _types: Tensor) -> Tensor:
        states: Tensor = base.embeddings(input_ids=ids, position_ids=positions)
        for layer in base.encoder.layer:
            states = layer(states, position_bias=bias.of(pack.longest))[0]
        return states

    return Body(run, is_causal=False, first_position=base.embeddings.padding_idx + 1)


class _Bias:
    """The bias for the longest text so far: that of a shorter one is its corner."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._bias: Tensor | None = None

    def of(self, longest: int) -> Tensor:
        if self._bias is None or self._bias.shape[2] < longest:
            place = self._encoder.relative_attention_bias.weight.new_empty(1, longest)
            self._bias = self._encoder.compute_position_bias(place)
        bias: Tensor = self._bias
        return bias


def _attention(
    module: Any,
    pack: Pack,
    hidden_states: Tensor,
    _mask: Tensor | None = None,
    position_bias: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor]:
    heads = module.num_attention_heads
    query, key, value = (split_heads(part(hidden_states), heads) for part in (module.q, module.k, module.v))
    scale = module.attention_head_size**-0.5
    output: Tensor = module.o(join_heads(pack.attend(module, query, key, value, scale, position_bias)))
    return (output,)

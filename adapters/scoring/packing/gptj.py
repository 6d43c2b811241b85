"""GPT-J: rotary positions, attention and feed-forward beside each other."""

from typing import Any

import torch
from torch import Tensor

from adapters.scoring.packing.attention import Pack, replace_forward
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.heads import join_heads, split_heads


def gptj_body(base: Any) -> Body:
    for block in base.h:
        replace_forward(block.attn, _attention)

    def run(pack: Pack, ids: Tensor, positions: Tensor, _types: Tensor) -> Tensor:
        states = base.wte(ids)
        for block in base.h[:-1]:
            states = block(states, position_ids=positions)[0]
        last = base.h[-1]
        states = last(pack.narrowed(states, last.ln_1), position_ids=positions)[0]
        final: Tensor = base.ln_f(states)
        return final

    return Body(run, is_causal=True, narrows=True)


def _attention(
    module: Any, pack: Pack, hidden_states: Tensor, position_ids: Tensor, **_: Any
) -> tuple[Tensor, None]:
    source = hidden_states if pack.source is None else pack.source
    heads, turns = module.num_attention_heads, _turns(module, position_ids[0])
    query = split_heads(module.q_proj(hidden_states), heads)
    key = split_heads(module.k_proj(source), heads)
    value = split_heads(module.v_proj(source), heads)
    query = _turned(query, turns if pack.source is None else turns[pack.rows])
    output = pack.attend(module, query, _turned(key, turns), value, module.head_dim**-0.5)
    return module.out_proj(join_heads(output)), None


def _turns(module: Any, positions: Tensor) -> Tensor:
    """Per token and pair of widths the turn of its position, as complex numbers [tokens, pairs]."""
    sin, cos = module.embed_positions.to(positions.device)[positions].float().chunk(2, dim=-1)
    return torch.complex(cos, sin)


def _turned(states: Tensor, turns: Tensor) -> Tensor:
    """Neighbouring widths are the two parts of a complex number, which a position turns; the rest stays."""
    width = 2 * turns.shape[1]
    pairs = states[..., :width].float().reshape(*states.shape[:-1], -1, 2)
    turned = torch.view_as_real(torch.view_as_complex(pairs) * turns).flatten(-2).to(states.dtype)
    return turned if width == states.shape[-1] else torch.cat([turned, states[..., width:]], dim=-1)

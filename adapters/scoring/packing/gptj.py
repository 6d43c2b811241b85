"""GPT-J: rotary positions, attention and feed-forward beside each other.

Its first layer sees nothing of a token's place but in attention: what comes before and beside that is computed once per different
token of a pass, of which there are far fewer than tokens.
"""

from typing import Any

import attrs
import torch
from torch import Tensor

from adapters.scoring.packing.attention import Pack
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.heads import join_heads, split_heads


def gptj_body(base: Any) -> Body:
    def run(pack: Pack, ids: Tensor, positions: Tensor, _types: Tensor) -> Tensor:
        turns = _turns(base.h[0].attn, positions[0])
        states, layers = base.wte(ids), list(base.h)
        if len(layers) > 1:
            different, places = torch.unique(ids[0], return_inverse=True)
            before = _before(layers.pop(0), base.wte(different).unsqueeze(0))
            states = _layer(before.at(places), pack, states, turns)
        for block in layers[:-1]:
            states = _layer(_before(block, states), pack, states, turns)
        last = layers[-1]
        rows = pack.narrowed(states, last.ln_1)
        final: Tensor = base.ln_f(_layer(_before(last, rows, pack.source), pack, rows, turns))
        return final

    return Body(run, is_causal=True, narrows=True)


@attrs.frozen(eq=False)
class _Before:
    """What a layer computes of each token by itself, [1, tokens, width] each."""

    attention: Any
    query: Tensor
    key: Tensor
    value: Tensor
    beside: Tensor

    def at(self, places: Tensor) -> "_Before":
        """The same for tokens that are at these places."""
        moved = {name: getattr(self, name)[:, places] for name in ("query", "key", "value", "beside")}
        return attrs.evolve(self, **moved)


def _before(block: Any, states: Tensor, source: Tensor | None = None) -> _Before:
    """`source` is what keys and values are made of, normalised, where it is not `states`."""
    attention, normed = block.attn, block.ln_1(states)
    source = normed if source is None else source
    return _Before(
        attention,
        attention.q_proj(normed),
        attention.k_proj(source),
        attention.v_proj(source),
        block.mlp(normed),
    )


def _layer(before: _Before, pack: Pack, states: Tensor, turns: Tensor) -> Tensor:
    attention, heads = before.attention, before.attention.num_attention_heads
    query, key, value = (split_heads(part, heads) for part in (before.query, before.key, before.value))
    query = _turned(query, turns if pack.source is None else turns[pack.rows])
    output = pack.attend(attention, query, _turned(key, turns), value, attention.head_dim**-0.5)
    layered: Tensor = attention.out_proj(join_heads(output)) + before.beside + states
    return layered


def _turns(attention: Any, positions: Tensor) -> Tensor:
    """Per token and pair of widths the turn of its position, as complex numbers [tokens, pairs]."""
    sin, cos = attention.embed_positions.to(positions.device)[positions].float().chunk(2, dim=-1)
    return torch.complex(cos, sin)


def _turned(states: Tensor, turns: Tensor) -> Tensor:
    """Neighbouring widths are the two parts of a complex number, which a position turns; the rest stays."""
    width = 2 * turns.shape[1]
    pairs = states[..., :width].float().reshape(*states.shape[:-1], -1, 2)
    turned = torch.view_as_real(torch.view_as_complex(pairs) * turns).flatten(-2).to(states.dtype)
    return turned if width == states.shape[-1] else torch.cat([turned, states[..., width:]], dim=-1)

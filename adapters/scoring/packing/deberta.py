"""DeBERTa v2 and v3: disentangled attention (He et al. 2021, https://arxiv.org/abs/2006.03654).

    score[i, j] = (q[i] k[j] + q[i] K[i - j] + k[j] Q[i - j]) / sqrt(3 width)

with K and Q the keys and queries of relative positions. Their products are taken for `BLOCK` tokens at a time against just the
distances that occur, and read along diagonals: nothing is gathered per pair of tokens.
"""

import math
from typing import Any

import attrs
import torch
from torch import Tensor
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

from adapters.scoring.packing.attention import Pack, replace_forward
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.heads import join_heads, split_heads

BLOCK = 128


def deberta_body(base: Any) -> Body | None:
    """None for a variant that looks at neighbours outside attention, or without relative positions."""
    encoder = base.encoder
    if encoder.conv is not None or not encoder.relative_attention or base.z_steps > 1:
        return None
    for layer in encoder.layer:
        replace_forward(layer.attention.self, _Attention(layer.attention.self, encoder))

    def run(pack: Pack, ids: Tensor, positions: Tensor, types: Tensor) -> Tensor:
        states: Tensor = base.embeddings(input_ids=ids, position_ids=positions, token_type_ids=types)
        for layer in encoder.layer[:-1]:
            states = layer(states, None)[0]
        final: Tensor = encoder.layer[-1](pack.narrowed(states), None)[0]
        return final

    return Body(run, is_causal=False, narrows=True)


@attrs.frozen(eq=False)
class _Distances:
    """Keys and queries of relative positions, [heads, 2 * longest - 1, width]: row `r` is for `i - j = longest - 1 - r`, and for a
    query's row the other way round. None for what the model does not look at.
    """

    keys: Tensor | None
    queries: Tensor | None
    longest: int


class _Attention:
    def __init__(self, module: Any, encoder: Any) -> None:
        self._module, self._encoder = module, encoder
        self._distances: _Distances | None = None

    def __call__(
        self, module: Any, pack: Pack, hidden_states: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, None]:
        source = hidden_states if pack.source is None else pack.source
        heads = module.num_attention_heads
        query = split_heads(module.query_proj(hidden_states), heads)
        key, value = (
            split_heads(module.key_proj(source), heads),
            split_heads(module.value_proj(source), heads),
        )
        distances = self._for(pack.longest)
        outputs = [_attend(q[0], k[0], v[0], distances) for q, k, v in pack.by_text(query, key, value)]
        return join_heads(torch.cat(outputs, dim=1).unsqueeze(0)), None

    def _for(self, longest: int) -> _Distances:
        if self._distances is None or self._distances.longest < longest:
            self._distances = self._make(longest)
        return self._distances

    def _make(self, longest: int) -> _Distances:
        module, kinds = self._module, self._module.pos_att_type
        embeddings = self._encoder.get_rel_embedding()[: 2 * module.pos_ebd_size]
        keys = "key_proj" if module.share_att_key else "pos_key_proj"
        queries = "query_proj" if module.share_att_key else "pos_query_proj"
        falling = torch.arange(longest - 1, -longest, -1, device=embeddings.device)
        return _Distances(
            self._rows(getattr(module, keys)(embeddings), falling) if "c2p" in kinds else None,
            self._rows(getattr(module, queries)(embeddings), falling, sign=-1) if "p2c" in kinds else None,
            longest,
        )

    def _rows(self, projected: Tensor, distances: Tensor, sign: int = 1) -> Tensor:
        """What stands for each distance, [heads, distances, width]."""
        module, span = self._module, self._module.pos_ebd_size
        buckets = distances
        if module.position_buckets > 0:
            buckets = make_log_bucket_position(
                distances, module.position_buckets, module.max_relative_positions
            )
        places = (sign * buckets.long() + span).clamp(0, 2 * span - 1)
        return split_heads(projected[places].unsqueeze(0), module.num_attention_heads)[0]


def _attend(query: Tensor, key: Tensor, value: Tensor, distances: _Distances) -> Tensor:
    """One text, [heads, tokens, width] each; `query` may be its first token alone."""
    kinds = 1 + (distances.keys is not None) + (distances.queries is not None)
    query = query / math.sqrt(query.shape[2] * kinds)
    scale = 1 / math.sqrt(query.shape[2] * kinds)
    scores = query @ key.transpose(1, 2)
    if distances.keys is not None:
        _add_diagonals(scores, query, distances.keys, distances.longest)
    if distances.queries is not None:
        _add_diagonals(scores.transpose(1, 2), key * scale, distances.queries, distances.longest)
    return scores.softmax(dim=2) @ value


def _add_diagonals(scores: Tensor, states: Tensor, rows: Tensor, longest: int) -> None:
    """Add `states[i] . rows[longest - 1 - i + j]` to `scores[i, j]` (of each head), a block of `i` at a time."""
    heads, tokens, others = scores.shape
    for first in range(0, tokens, BLOCK):
        block = states[:, first : first + BLOCK]
        count = block.shape[1]
        width = others + count - 1
        start = longest - first - count
        products = block @ rows[:, start : start + width].transpose(1, 2)
        diagonals = products.as_strided(
            (heads, count, others), (count * width, width - 1, 1), products.storage_offset() + count - 1
        )
        scores[:, first : first + count].add_(diagonals)

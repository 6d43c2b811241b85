"""A model without its head, as it runs on a pass."""

from collections.abc import Callable
from typing import Any

import attrs
import torch
from torch import Tensor

from adapters.scoring.packing.attention import Pack

# (pack, ids, positions, token types), each [1, tokens], to the final states [1, tokens, width]; where the body narrows, to those of
# `pack.rows` alone.
Run = Callable[[Pack, Tensor, Tensor, Tensor], Tensor]


@attrs.frozen(eq=False)
class Body:
    """How a model without its head runs.

    Attributes:
        is_causal: each token sees those before it; otherwise all tokens of its text.
        narrows: its last layer computes nothing but `pack.rows`.
        first_position: of the first token of a text.
    """

    run: Run
    is_causal: bool
    narrows: bool = False
    first_position: int = 0


def whole_body(base: Any) -> Run:
    """A body whose attention `transformers` lets us replace, run by its own code."""

    def run(_pack: Pack, ids: Tensor, positions: Tensor, _types: Tensor) -> Tensor:
        # A mask of four dimensions is taken as it is, and ours looks at none: nothing of tokens x tokens is built.
        mask = torch.zeros(1, 1, 1, 1, device=ids.device)
        states: Tensor = base(input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False)[0]
        return states

    return run

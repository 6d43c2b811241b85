"""Between [1, tokens, width] and [1, heads, tokens, width of a head]."""

from torch import Tensor


def split_heads(states: Tensor, heads: int) -> Tensor:
    return states.view(*states.shape[:-1], heads, -1).transpose(1, 2)


def join_heads(states: Tensor) -> Tensor:
    return states.transpose(1, 2).flatten(2)

"""Attention within a pass: each text sees itself and what it goes on from, and nothing of its neighbours.

Rules:
- The pass that runs is a context variable: a model's own code hands attention no room for more arguments.
- Outside a pass the model's attention is its own, as if nothing had been replaced.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from adapters.scoring.packing.texts import Text

NAME = "packed"
# What a model may ask of attention that packs do not know: then its packed way is not taken.
UNKNOWN = ("sliding_window", "softcap", "s_aux", "position_bias")


class UnknownAttentionError(Exception):
    """A model asks for attention that packs do not have; `choose.py` then takes the plain way."""


class Kept:
    """What is kept of texts that others go on from.

    Attributes:
        keys_values: per text and attention module [1, heads, tokens, width of a head] each.
        last: the final state of each text's last token, [width].
    """

    def __init__(self) -> None:
        self.keys_values: dict[Text, dict[nn.Module, tuple[Tensor, Tensor]]] = {}
        self.last: dict[Text, Tensor] = {}

    def __contains__(self, text: Text) -> bool:
        return text in self.keys_values

    def before(self, text: Text, module: nn.Module) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of all that the text goes on from, the farthest first."""
        prefix = text.prefix
        return [] if prefix is None else [*self.before(prefix, module), self.keys_values[prefix][module]]


class Pack:
    """One pass: texts side by side.

    Attributes:
        rows: places of the tokens whose final states are wanted, None for all.
        source: set by a last layer that goes on with `rows` only: its whole input, which keys and values are made of.
    """

    def __init__(
        self, texts: Sequence[Text], kept: Kept, *, causal: bool, keeps: bool, rows: Tensor | None
    ) -> None:
        self.texts = tuple(texts)
        self.rows = rows
        self.source: Tensor | None = None
        self._kept, self._causal, self._keeps = kept, causal, keeps
        self._lengths = [len(text.ids) for text in self.texts]
        self._masks: dict[tuple[int, int], Tensor] = {}

    def spans(self) -> Iterator[slice]:
        """Where each text's tokens are."""
        start = 0
        for length in self._lengths:
            yield slice(start, start + length)
            start += length

    @property
    def longest(self) -> int:
        return max(self._lengths)

    def narrowed(self, states: Tensor, norm: nn.Module | None = None) -> Tensor:
        """What the last layer goes on with, [1, rows, width], and `source` for its keys and values (through `norm` if it has one
        before its attention). All of it where all is wanted.
        """
        if self.rows is None:
            return states
        self.source = states if norm is None else norm(states)
        return states[:, self.rows]

    def by_text(self, query: Tensor, key: Tensor, value: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Each text's own. With `source` set, `query` holds one token per text: that at `rows`."""
        queries = torch.split(query, self._lengths if self.source is None else [1] * len(self.texts), 2)
        return zip(
            queries, torch.split(key, self._lengths, 2), torch.split(value, self._lengths, 2), strict=True
        )

    def attend(
        self,
        module: nn.Module,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: float,
        bias: Tensor | None = None,
    ) -> Tensor:
        """Softmax attention of every text, [1, heads, tokens, width of a head] all.

        `bias` is added to the scores of a text, [1, heads, longest, longest]; for texts that see all of themselves.
        """
        if query.shape[1] != key.shape[1]:
            groups = query.shape[1] // key.shape[1]
            key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
        parts = zip(self.texts, self.by_text(query, key, value), strict=True)
        return torch.cat([self._attend_one(module, text, *own, scale, bias) for text, own in parts], dim=2)

    def _attend_one(
        self,
        module: nn.Module,
        text: Text,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        scale: float,
        bias: Tensor | None,
    ) -> Tensor:
        if self._keeps:
            self._kept.keys_values.setdefault(text, {})[module] = (key, value)
        if text.prefix is not None:
            before = self._kept.before(text, module)
            key = torch.cat([*(k for k, _ in before), key], dim=2)
            value = torch.cat([*(v for _, v in before), value], dim=2)
        if not self._causal or query.shape[2] == 1:
            mask = None if bias is None else bias[:, :, : query.shape[2], : key.shape[2]]
            return scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale)
        if text.start == 0:
            return scaled_dot_product_attention(query, key, value, is_causal=True, scale=scale)
        return scaled_dot_product_attention(query, key, value, attn_mask=self._mask(query, key), scale=scale)

    def _mask(self, query: Tensor, key: Tensor) -> Tensor:
        """0 where a token may look, -inf behind it; the last token of both is the same."""
        shape = (query.shape[2], key.shape[2])
        if shape not in self._masks:
            hidden = torch.ones(shape, dtype=torch.bool, device=query.device).triu_(shape[1] - shape[0] + 1)
            self._masks[shape] = torch.zeros(shape, dtype=query.dtype, device=query.device).masked_fill_(
                hidden, -torch.inf
            )
        return self._masks[shape]


_PACK: ContextVar[Pack | None] = ContextVar("pack", default=None)


@contextmanager
def running(pack: Pack) -> Iterator[None]:
    """Within the block attention is that of the pack."""
    token = _PACK.set(pack)
    try:
        yield
    finally:
        _PACK.reset(token)


def replace_forward(module: nn.Module, packed: Callable[..., Any]) -> None:
    """Within a pass the module does `packed(module, pack, *its own arguments)`, otherwise what it always did."""
    own = module.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        pack = _PACK.get()
        return own(*args, **kwargs) if pack is None else packed(module, pack, *args, **kwargs)

    module.forward = forward


def _packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    """What `transformers` calls in place of an attention of its own."""
    pack = _PACK.get()
    if pack is None:
        output, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return output, None
    asked = [name for name in UNKNOWN if options.get(name) is not None]
    if asked:
        raise UnknownAttentionError(f"attention with {', '.join(asked)}")
    scale = options.get("scaling") or query.shape[3] ** -0.5
    return pack.attend(module, query, key, value, scale).transpose(1, 2), None


AttentionInterface.register(NAME, _packed_attention)
AttentionMaskInterface.register(NAME, sdpa_mask)

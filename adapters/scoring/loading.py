"""Models from a folder or from the Hugging Face hub, ready to be asked.

Rules:
- Safetensors first, otherwise weights only; code that comes with a model is run only where a flag says so.
- A local folder is loaded without looking at the network.
- A model that cannot be loaded, or that lacks the weights its use needs, is a `Fault` that names the flag: a head that was
  never trained would score by chance.
- float32 on a CPU, bfloat16 on a GPU.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Any

import attrs
import torch
from torch import nn
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from adapters.scoring.checkpoint import read_checkpoint
from adapters.scoring.packing.choose import Use, Way, choose, use_of_classifier
from adapters.scoring.settings import DahoasSettings, ModelRef
from effects.ports import Fault

# Beyond any answer: what holds where neither the model nor its tokenizer states a limit.
LARGEST_WINDOW = 8192
# Their first position is the one behind that of padding, so that many are never used.
COUNT_BEHIND_PADDING = {"roberta", "xlm-roberta", "camembert", "mpnet"}
# Values of each weight that go into a fingerprint.
PRINTED = 16


@attrs.frozen(eq=False)
class Loaded:
    """A model in evaluation mode with its tokenizer.

    Attributes:
        window: most tokens of one sequence, special ones included.
        way: how texts go through it; from here on the model is not to be trained.
        fingerprint: of its weights.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    window: int
    way: Way
    fingerprint: str


def load_causal_lm(ref: ModelRef) -> Loaded:
    model, tokenizer = _load(AutoModelForCausalLM, ref, needs_all_weights=True)
    return _loaded(ref, model, tokenizer, Use.CAUSAL_LM)


def load_classifier(ref: ModelRef) -> Loaded:
    model, tokenizer = _load(AutoModelForSequenceClassification, ref, needs_all_weights=True)
    return _loaded(ref, model, tokenizer, use_of_classifier(model))


def load_encoder(ref: ModelRef) -> Loaded:
    """A model body. A missing pooler does not matter: embeddings are means of the last layer."""
    model, tokenizer = _load(AutoModel, ref, needs_all_weights=False)
    return _loaded(ref, model, tokenizer, Use.ENCODER)


def load_dahoas(settings: DahoasSettings) -> tuple[Loaded, nn.Linear]:
    """A causal model's body with a checkpoint's weights, and the checkpoint's scalar head."""
    body, tokenizer = _load(AutoModel, settings.body, needs_all_weights=False)
    head = read_checkpoint(settings.checkpoint, body)
    return _loaded(settings.body, body, tokenizer, Use.CAUSAL_BODY), head


def _loaded(ref: ModelRef, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, use: Use) -> Loaded:
    device = _device(ref)
    # First, since the way may lay the weights out anew.
    fingerprint = _fingerprint(model)
    return Loaded(
        model, tokenizer, device, _window(model, tokenizer), choose(model, use, device), fingerprint
    )


def _fingerprint(model: PreTrainedModel) -> str:
    """Of the weights, wherever they lie: names, shapes and the first values of each."""
    found = blake2b(digest_size=16)
    for name, weight in model.state_dict().items():
        first = weight.flatten()[:PRINTED].float().cpu()
        found.update(f"{name} {tuple(weight.shape)} {first.tolist()}".encode())
    return found.hexdigest()


def _load(
    kind: Any, ref: ModelRef, *, needs_all_weights: bool
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    # What matters of its report, missing weights, is checked below.
    set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    disable_progress_bar()  # type: ignore[no-untyped-call]  # likewise
    device = _device(ref)
    options = {
        "revision": ref.revision,
        "local_files_only": _is_local(ref),
        "trust_remote_code": ref.trust_remote_code,
    }
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    try:
        tokenizer = AutoTokenizer.from_pretrained(ref.model, **options)
        model, info = kind.from_pretrained(
            ref.model, dtype=dtype, weights_only=True, output_loading_info=True, **options
        )
        model.to(device).eval()
    except Exception as error:
        raise Fault(f"{ref.flag} {ref.model}: the model cannot be loaded: {_told(error)}") from error
    if needs_all_weights and info["missing_keys"]:
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise Fault(
            f"{ref.flag} {ref.model}: no trained weights for {missing}; give a model made for this use"
        )
    return model, tokenizer


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
    positions: int | None = getattr(model.config, "max_position_embeddings", None)
    if positions and model.config.model_type in COUNT_BEHIND_PADDING:
        positions -= model.config.pad_token_id + 1
    return int(min([LARGEST_WINDOW, *(limit for limit in (positions, tokenizer.model_max_length) if limit)]))


def _told(error: BaseException) -> str:
    """Its message; in place of the library's advice to pass an argument, the flag that does."""
    if "trust_remote_code" in str(error):
        return "it needs Python code of its own: read that, then allow it by --reward.trust_remote_code"
    return _line(error)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

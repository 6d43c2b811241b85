"""What each model of the reward stack should say: its definition, with plain `transformers` models.

Rules:
- One completion at a time, the whole sequence each time: no padding, nothing shared, nothing kept.
- Generic over the dtype: float64 to prove by, float32 to measure against.
- Token ids come from the product's `tokens.py`; nothing else here is the product's but names and constants.
"""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from adapters.scoring import prompt_based as prompts
from adapters.scoring.dahoas import START
from adapters.scoring.dpo import SENTINEL
from adapters.scoring.reciprocate import CLOSING, MIDDLE, OPENING
from adapters.scoring.settings import Sigmoid
from adapters.scoring.tokens import frame, plain_ids

LARGEST_CHUNK = 512
LARGEST_WINDOW = 8192


@attrs.frozen(eq=False)
class Plain:
    """A model and its tokenizer as `transformers` gives them.

    Attributes:
        window: most tokens of one sequence.
    """

    model: Any
    tokenizer: Any
    window: int

    def tensor(self, ids: Sequence[int]) -> Tensor:
        return torch.tensor([list(ids)], device=self.model.device)

    def ids(self, text: str) -> list[int]:
        return plain_ids(self.tokenizer, text)


def causal_lm(folder: Path, dtype: torch.dtype = torch.float64) -> Plain:
    return _plain(AutoModelForCausalLM, folder, dtype)


def classifier(folder: Path, dtype: torch.dtype = torch.float64) -> Plain:
    return _plain(AutoModelForSequenceClassification, folder, dtype)


def encoder(folder: Path, dtype: torch.dtype = torch.float64) -> Plain:
    return _plain(AutoModel, folder, dtype)


def dahoas_model(body: Path, checkpoint: Path, dtype: torch.dtype = torch.float64) -> tuple[Plain, Tensor]:
    """The body with the checkpoint's weights, and the head's [width]."""
    plain = _plain(AutoModel, body, dtype)
    safe = checkpoint / "model.safetensors"
    weights = load_file(safe) if safe.exists() else torch.load(checkpoint / "hf_ckpt.pt", weights_only=True)
    head = weights.pop("v_head.weight")[0].to(dtype)
    plain.model.load_state_dict({k.removeprefix("transformer."): v for k, v in weights.items()})
    return plain, head


def _plain(kind: Any, folder: Path, dtype: torch.dtype) -> Plain:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = kind.from_pretrained(folder, dtype=dtype).eval()
    return plain_of(model, tokenizer)


def plain_of(model: Any, tokenizer: Any) -> Plain:
    # A sequence's last token is judged, whatever it is: none of ours is padding.
    if hasattr(model, "score"):
        model.config.pad_token_id = None
    window = min(model.config.max_position_embeddings, tokenizer.model_max_length, LARGEST_WINDOW)
    return Plain(model, tokenizer, window)


@torch.inference_mode()
def dpo(plain: Plain, prompt: str, completion: str) -> float:
    """Mean log-probability of the completion's tokens; -11 for what cannot be measured."""
    before = [*frame(plain.tokenizer)[0], *plain.ids(prompt)]
    ids = plain.ids(completion)[: max(0, plain.window - len(before))]
    if len(completion) <= 5 or not before or not ids:
        return SENTINEL
    logits = _exact(plain.model(plain.tensor(before + ids)).logits[0, len(before) - 1 : -1])
    for t in _repeats(ids):
        logits[t, ids[t]] = logits[t].mean() - 10 * logits[t].std()
    chosen = logits.log_softmax(dim=-1)[range(len(ids)), ids]
    mean = float(chosen.mean())
    return mean if math.isfinite(mean) else SENTINEL


def _repeats(ids: Sequence[int]) -> Iterable[int]:
    """Where a token completes five that stood in a row before."""
    fives = [tuple(ids[t - 4 : t + 1]) for t in range(4, len(ids))]
    return (i + 4 for i, five in enumerate(fives) if five in fives[:i])


@torch.inference_mode()
def rlhf(plain: Plain, prompt: str, completion: str) -> float:
    """The logit for the pair."""
    example = plain.tokenizer("a", "b", return_token_type_ids=True)
    marks, (a,), (b,) = example["input_ids"], plain.ids("a"), plain.ids("b")
    first, second = marks.index(a), marks.index(b)
    before, between, behind = marks[:first], marks[first + 1 : second], marks[second + 1 :]
    prompt_ids, ids = _fitted(plain, prompt, completion, len(marks) - 2)
    sequence = [*before, *prompt_ids, *between, *ids, *behind]
    if not getattr(plain.model.config, "type_vocab_size", 0):
        return float(plain.model(plain.tensor(sequence)).logits[0, 0])
    type_a, type_b = (example["token_type_ids"][place] for place in (first, second))
    types = [type_a] * (len(sequence) - len(ids) - len(behind)) + [type_b] * (len(ids) + len(behind))
    return float(plain.model(plain.tensor(sequence), token_type_ids=plain.tensor(types)).logits[0, 0])


@torch.inference_mode()
def reciprocate(plain: Plain, prompt: str, completion: str) -> float:
    """The logit of the chat, at its last token."""
    opening, middle, closing = (
        plain.tokenizer(mark, add_special_tokens=False)["input_ids"] for mark in (OPENING, MIDDLE, CLOSING)
    )
    prompt_ids, ids = _fitted(plain, prompt, completion, len(opening) + len(middle) + len(closing))
    return float(plain.model(plain.tensor([*opening, *prompt_ids, *middle, *ids, *closing])).logits[0, 0])


@torch.inference_mode()
def dahoas(plain: Plain, head: Tensor, prompt: str, completion: str) -> float:
    """What the head says at the end of prompt and completion, less what it says at the end of the completion alone."""
    start = plain.ids(START)
    prompt_ids, ids = _fitted(plain, prompt, completion, len(start))

    def value(sequence: list[int]) -> float:
        return float(plain.model(plain.tensor(start + sequence))[0][0, -1] @ head)

    return value(prompt_ids + ids) - value(ids)


def _fitted(plain: Plain, prompt: str, completion: str, marks: int) -> tuple[list[int], list[int]]:
    """Ids that fit the window beside so many marks: the prompt loses its start first, then the completion its end."""
    room = max(0, plain.window - marks)
    ids, prompt_ids = plain.ids(completion)[:room], plain.ids(prompt)
    return prompt_ids[max(0, len(prompt_ids) + len(ids) - room) :], ids


@torch.inference_mode()
def prompt_based(plain: Plain, wanted: str, prompt: str, completion: str) -> float:
    """A tenth of the grade that the model gives greedily; 0 where it says no number from 0 to 10."""
    ids = question(plain, wanted, prompt, completion)
    said: list[int] = []
    while len(said) < prompts.MOST_TOKENS and plain.tokenizer.eos_token_id not in said:
        said.append(int(plain.model(plain.tensor(ids + said)).logits[0, -1].argmax()))
    return grade(plain.tokenizer.decode(said))


def question(plain: Plain, wanted: str, prompt: str, completion: str) -> list[int]:
    """What the model is asked; a heading that the texts bring has one mark at most."""
    parts = (prompts.OPENING.format(wanted=wanted), prompts.MIDDLE, prompts.CLOSING)
    opening, middle, closing = (plain.ids(part) for part in parts)
    opening = [*frame(plain.tokenizer)[0], *opening]
    prompt, completion = (re.sub("##*", "#", text) for text in (prompt, completion))
    marks = len(opening) + len(middle) + len(closing) + prompts.MOST_TOKENS
    prompt_ids, ids = _fitted(plain, prompt, completion, marks)
    return [*opening, *prompt_ids, *middle, *ids, *closing]


def grade(said: str) -> float:
    number = re.search(r"\d+(\.\d+)?", said)
    return float(number.group()) / 10 if number and float(number.group()) <= 10 else 0.0


@torch.inference_mode()
def embedding(plain: Plain, text: str) -> Tensor:
    """Mean of the last layer over all tokens of all chunks, as a unit vector [width]."""
    states = torch.cat([plain.model(plain.tensor(chunk))[0][0] for chunk in chunks(plain, text)])
    mean: Tensor = _exact(states).mean(dim=0)
    unit: Tensor = mean / torch.linalg.vector_norm(mean)
    return unit


@torch.inference_mode()
def nsfw(plain: Plain, text: str) -> float:
    """The largest `max(-not_hate, hate)` of the text's chunks."""
    logits = torch.cat([plain.model(plain.tensor(chunk)).logits for chunk in chunks(plain, text)])
    return float(torch.maximum(-logits[:, 0], logits[:, 1]).max())


def chunks(plain: Plain, text: str) -> list[list[int]]:
    """At least one, of the frame alone if need be."""
    before, behind = frame(plain.tokenizer)
    size = min(plain.window, LARGEST_CHUNK) - len(before) - len(behind)
    ids = plain.ids(text)
    starts = range(0, max(1, len(ids)), size)
    return [[*before, *ids[start : start + size], *behind] for start in starts]


def _exact(states: Tensor) -> Tensor:
    """Sums are taken in float32 at least."""
    return states if states.dtype == torch.float64 else states.float()


def relevance(bert: tuple[Tensor, Tensor], mpnet: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """Root mean square distance and absolute cosine; each pair is an encoder's base text and completion."""
    rms = (bert[0] - bert[1]).square().mean().sqrt()
    return float(rms), abs(float(mpnet[0] @ mpnet[1]))


def diversity(vectors: Tensor, history: Tensor, batch: Sigmoid, older: Sigmoid) -> list[float]:
    """Per vector the product of both factors; `history` is what counts of it."""
    return [_factor(vector, vectors, batch) * _factor(vector, history, older) for vector in vectors]


def _factor(vector: Tensor, others: Tensor, sigmoid: Sigmoid) -> float:
    """1 where there are fewer than two others."""
    distances = sorted(1 - abs(float(vector @ other)) for other in others)
    if len(distances) < 2:
        return 1.0
    return 1 / (1 + math.exp(-(sigmoid.slope * distances[1] - sigmoid.shift)))

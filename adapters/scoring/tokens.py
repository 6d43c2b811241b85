"""Text to token ids, such that a stranger's text stays text.

Rules:
- Special tokens come from us only: "</s>" in a completion is encoded as the characters that it is made of.
- Parts are encoded apart and joined by ids, so that no part changes another's tokens.
"""

from collections.abc import Iterator, Sequence

import attrs
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

# Tokens of one padded pass; bounds memory, hardly touches speed on a CPU.
TOKENS_PER_PASS = 8192


def plain_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of a text without any special token, whatever the text holds."""
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
    specials = set(tokenizer.all_special_ids)
    return [i for i in ids if i not in specials]


def frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special ids that the tokenizer puts before and behind a text."""
    framed, bare = tokenizer("a")["input_ids"], tokenizer("a", add_special_tokens=False)["input_ids"]
    start = next(i for i in range(len(framed)) if framed[i : i + len(bare)] == bare)
    return framed[:start], framed[start + len(bare) :]


@attrs.frozen(eq=False)
class Padded:
    """Some sequences as one rectangle, padded on the right.

    Attributes:
        rows: index of each sequence among those given.
        ids, attention: [rows, longest].
    """

    rows: tuple[int, ...]
    ids: Tensor
    attention: Tensor


def padded(
    sequences: Sequence[Sequence[int]], pad_id: int, device: torch.device, tokens: int = TOKENS_PER_PASS
) -> Iterator[Padded]:
    """The sequences in rectangles of at most `tokens` tokens (or of one sequence), short ones together."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    rows: list[int] = []
    for i in order:
        if rows and (len(rows) + 1) * len(sequences[i]) > tokens:
            yield _rectangle(sequences, rows, pad_id, device)
            rows = []
        rows.append(i)
    if rows:
        yield _rectangle(sequences, rows, pad_id, device)


def _rectangle(
    sequences: Sequence[Sequence[int]], rows: Sequence[int], pad_id: int, device: torch.device
) -> Padded:
    width = max(len(sequences[i]) for i in rows)
    ids = [[*sequences[i], *[pad_id] * (width - len(sequences[i]))] for i in rows]
    attention = [[1] * len(sequences[i]) + [0] * (width - len(sequences[i])) for i in rows]
    return Padded(tuple(rows), torch.tensor(ids, device=device), torch.tensor(attention, device=device))

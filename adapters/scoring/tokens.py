"""Text to token ids, such that a stranger's text stays text.

Rules:
- Special tokens come from us only: "</s>" in a completion is encoded as the characters that it is made of.
- Parts are encoded apart and joined by ids, so that no part changes another's tokens.
- What is too long for a model's window loses the start of the prompt first, then the end of the completion.
"""

from collections.abc import Iterable, Sequence

import attrs
from transformers import PreTrainedTokenizerBase


def plain_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of a text without any special token, whatever the text holds."""
    return ids_by_text(tokenizer, [text])[text]


def ids_by_text(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> dict[str, list[int]]:
    """The plain ids of each different text; all at once, which is quicker."""
    different, specials = list(dict.fromkeys(texts)), set(tokenizer.all_special_ids)
    if not different:
        return {}
    found = tokenizer(different, add_special_tokens=False, split_special_tokens=True, verbose=False)
    return {
        text: [i for i in ids if i not in specials]
        for text, ids in zip(different, found["input_ids"], strict=True)
    }


def frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special ids that the tokenizer puts before and behind a text."""
    framed, bare = tokenizer("a")["input_ids"], tokenizer("a", add_special_tokens=False)["input_ids"]
    start = _find(framed, bare)
    return framed[:start], framed[start + len(bare) :]


@attrs.frozen
class PairFrame:
    """The special ids that a tokenizer puts before, between and behind two texts."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    behind: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.before) + len(self.between) + len(self.behind)


def pair_frame(tokenizer: PreTrainedTokenizerBase) -> PairFrame:
    framed = tokenizer("a", "a")["input_ids"]
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    first = _find(framed, bare)
    second = _find(framed, bare, first + len(bare))
    return PairFrame(
        tuple(framed[:first]),
        tuple(framed[first + len(bare) : second]),
        tuple(framed[second + len(bare) :]),
    )


def fitted(prompt: Sequence[int], completion: Sequence[int], room: int) -> tuple[list[int], list[int]]:
    """Both, within `room` ids together: the start of the prompt goes first, then the end of the completion."""
    completion = completion[: max(0, room)]
    return list(prompt[max(0, len(prompt) + len(completion) - room) :]), list(completion)


def _find(ids: list[int], part: list[int], start: int = 0) -> int:
    return next(i for i in range(start, len(ids)) if ids[i : i + len(part)] == part)

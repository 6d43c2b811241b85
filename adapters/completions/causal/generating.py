"""Generates several completions side by side, each handed on token by token.

Rules:
- A row that ends, or that nobody wants any more, costs nothing but its place until the whole batch has ended.
- Where memory runs out the batch is halved and each half goes on from the tokens it has.
- What fails otherwise fails for this batch alone.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs
import torch
from transformers import GenerationConfig
from transformers.generation.stopping_criteria import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from adapters.completions.causal.decoding import Decoding
from adapters.completions.causal.loading import Loaded
from effects.ports import Fault

MOST_TOLD = 300


@attrs.define(eq=False)
class Row:
    """One completion.

    Attributes:
        tokens: of the prompt, and behind them those generated so far.
        is_wanted: whether somebody still waits for it.
        generated: how many tokens were.
        pieces: text that was not taken yet.
        fault: why it cannot be gone on with.
    """

    tokens: list[int]
    decoding: Decoding
    is_wanted: Callable[[], bool] = lambda: True
    generated: int = 0
    pieces: list[str] = attrs.Factory(list)
    has_ended: bool = False
    fault: Fault | None = None

    @property
    def is_open(self) -> bool:
        return not self.has_ended and self.is_wanted()

    def add(self, token: int, ends: frozenset[int]) -> None:
        if token in ends:
            self.end()
            return
        self.tokens.append(token)
        self.generated += 1
        self._give(self.decoding.push(token))

    def end(self, fault: Fault | None = None) -> None:
        if self.has_ended:
            return
        self._give(self.decoding.end())
        self.has_ended, self.fault = True, fault

    def take(self) -> list[str]:
        taken, self.pieces = self.pieces, []
        return taken

    def _give(self, piece: str) -> None:
        if piece:
            self.pieces.append(piece)


Told = Callable[[Sequence[Row]], None]


@attrs.frozen(eq=False)
class Generator:
    """Runs one model; used by one thread at a time.

    Attributes:
        max_new_tokens: of a completion; with a prompt they fit into the model's window.
    """

    loaded: Loaded
    max_new_tokens: int
    temperature: float
    top_p: float

    def row(self, tokens: Sequence[int], is_wanted: Callable[[], bool]) -> Row:
        decode = partial(
            self.loaded.tokenizer.decode, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return Row(list(tokens), Decoding(lambda some: str(decode(list(some)))), is_wanted)

    def run(self, rows: Sequence[Row], told: Told) -> None:
        """Generate until every row has ended or is unwanted. `told` is called after each token, and at the end."""
        wanted = [row for row in rows if row.is_open]
        if not wanted:
            return
        if self._attempt(wanted, told):
            told(wanted)
            return
        _release(self.loaded.device)
        if len(wanted) == 1:
            wanted[0].end(
                Fault("the model ran out of memory on a single prompt: lower --completion.max_prompt_tokens")
            )
            told(wanted)
            return
        half = len(wanted) // 2
        self.run(wanted[:half], told)
        self.run(wanted[half:], told)

    def _attempt(self, rows: Sequence[Row], told: Told) -> bool:
        """Whether there was memory for it; in that case every row has ended."""
        fault = None
        try:
            self._generate(rows, told)
        except Exception as error:  # noqa: BLE001 - a model may raise anything
            if _is_out_of_memory(error):
                return False
            fault = Fault(f"the model failed: {_line(error)}")
        for row in rows:
            row.end(fault)
        return True

    def _generate(self, rows: Sequence[Row], told: Told) -> None:
        tokens, mask = self._padded(rows)
        # All rows of a batch have generated equally many, or have ended.
        left = self.max_new_tokens - rows[0].generated
        model: Any = self.loaded.model
        model.generate(
            input_ids=tokens,
            attention_mask=mask,
            generation_config=self._config(left),
            streamer=_Streamer(rows, self.loaded.ends, told),
            stopping_criteria=StoppingCriteriaList([_Unwanted(rows)]),
        )

    def _padded(self, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and mask, [rows, longest], filled up on the left."""
        longest = max(len(row.tokens) for row in rows)
        gaps = [longest - len(row.tokens) for row in rows]
        tokens = [[self.loaded.pad] * gap + row.tokens for gap, row in zip(gaps, rows, strict=True)]
        mask = [[0] * gap + [1] * (longest - gap) for gap in gaps]
        device = self.loaded.device
        return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)

    def _config(self, left: int) -> GenerationConfig:
        chance: dict[str, Any] = {"do_sample": False}
        if self.temperature > 0:
            chance = {"do_sample": True, "temperature": self.temperature, "top_p": self.top_p, "top_k": 0}
        return GenerationConfig(  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
            max_new_tokens=left,
            num_beams=1,
            eos_token_id=sorted(self.loaded.ends) or None,
            pad_token_id=self.loaded.pad,
            **chance,
        )


class _Streamer(BaseStreamer):
    """Is given the prompts first, then one token a row at a time."""

    def __init__(self, rows: Sequence[Row], ends: frozenset[int], told: Told) -> None:
        self._rows, self._ends, self._told = rows, ends, told
        self._has_prompts = False

    def put(self, value: torch.Tensor) -> None:
        if not self._has_prompts:
            self._has_prompts = True
            return
        for row, token in zip(self._rows, value.tolist(), strict=True):
            if row.is_open:
                row.add(token, self._ends)
        self._told(self._rows)

    def end(self) -> None:
        """Rows are ended by whoever runs the batch: only that knows why it came to its end."""


class _Unwanted(StoppingCriteria):
    """Stops the rows that nobody waits for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Any, *_: Any, **__: Any) -> Any:
        return torch.tensor([not row.is_open for row in self._rows], device=input_ids.device)


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def _release(device: torch.device) -> None:
    """Give back what the failed attempt held."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:MOST_TOLD]}"

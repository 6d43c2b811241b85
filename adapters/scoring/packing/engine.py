"""The way in: final states of texts, packed where the architecture allows it, plainly padded elsewhere.

Rules:
- Both ways give the same states, up to the order of additions. That is tried on a few tokens when a model is loaded.
- What texts go on from is computed once per call in the packed way, or once at all where the caller keeps it (`kept`).
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from adapters.scoring.packing.attention import Kept, Pack, running
from adapters.scoring.packing.body import Body
from adapters.scoring.packing.passes import Budget, in_passes
from adapters.scoring.packing.texts import Reading, Text, prefixes_of

CPU_TOKENS, GPU_TOKENS = 3072, 16_384

V = TypeVar("V")
# The places of some texts and their states, each [tokens of the reading, width], to a value each.
Then = Callable[[Sequence[int], Sequence[Tensor]], Sequence[V]]


class Engine(Protocol):
    def read(
        self, texts: Sequence[Text], reading: Reading, then: Then[V], kept: Kept | None = None
    ) -> list[V]:
        """What `then` makes of each text's states, in the texts' order. A pass takes a limited number of them.

        Each text has at least one id, and a prefix for `PREDICTING`. `kept` is what was computed before; the texts are kept in it,
        too, for others that go on from them.
        """
        ...


def new_budget(device: torch.device) -> Budget:
    return Budget(CPU_TOKENS if device.type == "cpu" else GPU_TOKENS)


class PackedEngine:
    def __init__(self, body: Body, device: torch.device) -> None:
        self._body, self._device = body, device
        self._budget = new_budget(device)

    @torch.inference_mode()
    def read(
        self, texts: Sequence[Text], reading: Reading, then: Then[V], kept: Kept | None = None
    ) -> list[V]:
        keeps, kept = kept is not None, Kept() if kept is None else kept
        for level in prefixes_of(texts):
            self._keep([prefix for prefix in level if prefix not in kept], kept)

        def run(group: list[int]) -> Sequence[V]:
            return then(group, self._run([texts[i] for i in group], reading, kept, keeps=keeps))

        return in_passes(texts, self._budget, _tokens, run)

    def _keep(self, prefixes: Sequence[Text], kept: Kept) -> None:
        def run(group: list[int]) -> list[Tensor]:
            return [
                rows[0] for rows in self._run([prefixes[i] for i in group], Reading.LAST, kept, keeps=True)
            ]

        kept.last.update(zip(prefixes, in_passes(prefixes, self._budget, _tokens, run), strict=True))

    def _run(self, texts: Sequence[Text], reading: Reading, kept: Kept, *, keeps: bool) -> list[Tensor]:
        pack = Pack(texts, kept, causal=self._body.is_causal, keeps=keeps, rows=self._rows(texts, reading))
        with running(pack):
            states = self._body.run(pack, *self._inputs(texts))[0]
        if pack.rows is not None:
            return list(states.unsqueeze(1))
        return [
            _read(text, states[span], reading, kept) for text, span in zip(texts, pack.spans(), strict=True)
        ]

    def _rows(self, texts: Sequence[Text], reading: Reading) -> Tensor | None:
        """Where the wanted tokens are, if the body can leave all others out of its last layer."""
        if not self._body.narrows or reading not in {Reading.FIRST, Reading.LAST}:
            return None
        ends = torch.tensor([len(text.ids) for text in texts], device=self._device).cumsum(0)
        if reading is Reading.LAST:
            return ends - 1
        return ends - torch.tensor([len(text.ids) for text in texts], device=self._device)

    def _inputs(self, texts: Sequence[Text]) -> tuple[Tensor, Tensor, Tensor]:
        first = self._body.first_position
        ids = [i for text in texts for i in text.ids]
        positions = [first + p for text in texts for p in range(text.start, text.end)]
        types = [t for text in texts for t in text.types or [0] * len(text.ids)]
        return (
            torch.tensor([ids], device=self._device),
            torch.tensor([positions], device=self._device),
            torch.tensor([types], device=self._device),
        )


def _read(text: Text, states: Tensor, reading: Reading, kept: Kept) -> Tensor:
    """The states of a reading, out of all of a text's own."""
    match reading:
        case Reading.ALL:
            return states
        case Reading.FIRST:
            return states[:1]
        case Reading.LAST:
            return states[-1:]
        case Reading.PREDICTING:
            before = [kept.last[text.prefix].unsqueeze(0)] if text.prefix is not None else []
            return torch.cat([*before, states[:-1]])


def _tokens(texts: Sequence[Text]) -> int:
    return sum(len(text.ids) for text in texts)


class PlainEngine:
    """Whole texts in padded rectangles.

    Args:
        forward: (ids, attention, types), each [texts, longest], to [texts, longest, width]; or to [texts, 1, width] where the
            model reads a text's first state itself.
    """

    def __init__(self, forward: Callable[[Tensor, Tensor, Tensor], Tensor], device: torch.device) -> None:
        self._forward, self._device = forward, device
        self._budget = new_budget(device)

    @torch.inference_mode()
    def read(
        self, texts: Sequence[Text], reading: Reading, then: Then[V], kept: Kept | None = None
    ) -> list[V]:
        del kept

        def run(group: list[int]) -> Sequence[V]:
            chosen = [texts[i] for i in group]
            states = self._forward(*self._rectangle(chosen))
            return then(group, [_cut(text, row, reading) for text, row in zip(chosen, states, strict=True)])

        return in_passes(texts, self._budget, lambda group: len(group) * max(t.end for t in group), run)

    def _rectangle(self, texts: Sequence[Text]) -> tuple[Tensor, Tensor, Tensor]:
        longest = max(text.end for text in texts)

        def filled(rows: Sequence[Sequence[int]]) -> Tensor:
            return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=self._device)

        return (
            filled([text.whole for text in texts]),
            filled([[1] * text.end for text in texts]),
            filled([[*[0] * text.start, *text.types] for text in texts]),
        )


def _cut(text: Text, row: Tensor, reading: Reading) -> Tensor:
    match reading:
        case Reading.ALL:
            return row[text.start : text.end]
        case Reading.FIRST:
            return row[:1]
        case Reading.LAST:
            return row[text.end - 1 : text.end]
        case Reading.PREDICTING:
            return row[text.start - 1 : text.end - 1]

"""Answers a batch of requests with a loaded model, in the worker thread."""

from collections.abc import Callable, Sequence

import attrs

from adapters.completions.causal.generating import Generator, Row
from adapters.completions.causal.loading import Loaded
from adapters.completions.causal.prompts import Prompts
from adapters.completions.causal.request import Request
from adapters.completions.settings import CompletionSettings
from effects.ports import Fault


@attrs.frozen(eq=False)
class Answering:
    """One model, and how its prompts are made."""

    prompts: Prompts
    generator: Generator

    @classmethod
    def of(cls, loaded: Loaded, settings: CompletionSettings) -> "Answering":
        """Half of the window at most is for completions, so that a prompt always has room."""
        new_tokens = min(settings.max_new_tokens, max(1, loaded.window // 2))
        most_tokens = min(settings.max_prompt_tokens, max(1, loaded.window - new_tokens))
        return cls(
            Prompts(loaded.tokenizer, most_tokens),
            Generator(loaded, new_tokens, settings.temperature, settings.top_p),
        )

    def answer(self, requests: Sequence[Request], flush: Callable[[], None]) -> None:
        """Fill the requests; `flush` is called whenever there is something to hand on."""
        rows: dict[Row, Request] = {}
        for request in requests:
            row = self._row(request)
            if row is not None:
                rows[row] = request

        def told(some: Sequence[Row]) -> None:
            for row in some:
                _pass_on(row, rows[row])
            flush()

        self.generator.run(list(rows), told)

    def _row(self, request: Request) -> Row | None:
        """None where no prompt can be made of what was sent: nobody else's fault."""
        try:
            tokens = self.prompts.tokens(request.synapse)
        except Exception as error:  # noqa: BLE001 - tokenizers and templates are code of their own
            request.fault, request.is_done = Fault(f"no prompt can be made: {type(error).__name__}"), True
            return None
        return self.generator.row(tokens, lambda: not request.is_given_up)


def _pass_on(row: Row, request: Request) -> None:
    request.pieces.extend(row.take())
    if row.has_ended:
        request.fault, request.is_done = row.fault, True

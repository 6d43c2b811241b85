"""What a miner answers with: one port, `Completions`, and three back ends behind it, of which a flag chooses one.

Rules:
- A back end gives pieces of one completion as they come; joined they are the whole of it, and each is text that has a UTF-8 form.
- It works for as long as somebody takes its pieces: who closes or cancels the iteration stops the work.
- What it runs into is a `Fault` in words for the operator. Callers are never told.
"""

from adapters.completions.opening import open_completions
from adapters.completions.port import Completions
from adapters.completions.settings import Backend, CompletionSettings

__all__ = ["Backend", "CompletionSettings", "Completions", "open_completions"]

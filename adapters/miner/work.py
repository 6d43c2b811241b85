"""What this miner's axon hands its requests to: the back end, watched."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import attrs

from adapters.completions import Completions
from adapters.miner.gate import Gate
from adapters.miner.telling import Answer, Telling
from core.types import Hotkey, Prompting
from effects.ports import Fault


@attrs.define(eq=False)
class _Watched:
    """One request that is being answered."""

    work: "Work"
    caller: Hotkey
    began_s: float = attrs.field(factory=time.monotonic)
    given: int = 0

    def answer(self) -> Answer:
        took_s = time.monotonic() - self.began_s
        return Answer(self.caller, self.work.gate.neuron(self.caller), took_s, self.given)


@attrs.frozen(eq=False)
class Work:
    """Answers requests; what came of each is told once."""

    completions: Completions
    gate: Gate
    telling: Telling

    async def forward(self, synapse: Prompting, caller: Hotkey) -> AsyncIterator[str]:
        """The pieces of the completion; raises what the back end raises."""
        watched = _Watched(self, caller)
        try:
            async with aclosing(self.completions.complete(synapse)) as pieces:
                async for piece in pieces:
                    watched.given += len(piece)
                    yield piece
        except Fault as fault:
            self.telling.failed(watched.answer(), fault)
            raise
        except Exception:
            # A bug, which the axon logs with its trace.
            self.telling.failed(watched.answer(), Fault("an error inside the miner"))
            raise
        except BaseException:
            # Cancelled or closed: nobody takes it any more.
            self.telling.given_up(watched.answer())
            raise
        self.gate.answered(synapse)
        self.telling.answered(watched.answer())

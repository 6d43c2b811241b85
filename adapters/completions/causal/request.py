"""What passes between the event loop and the thread that holds the model."""

from collections.abc import Callable, Sequence

import attrs
from anyio.streams.memory import MemoryObjectSendStream

from core.types import Prompting
from effects.ports import Fault


@attrs.define(eq=False)
class Request:
    """One prompt that waits or is being answered.

    Attributes:
        send: where its pieces go, on the event loop.
        is_given_up: nobody waits any more.
        pieces, fault, is_done: filled by the thread; `flush` hands them on.
    """

    synapse: Prompting
    send: MemoryObjectSendStream[str]
    is_given_up: bool = False
    pieces: list[str] = attrs.Factory(list)
    fault: Fault | None = None
    is_done: bool = False

    def flush(self) -> None:
        """On the event loop, while the thread waits for it."""
        pieces, self.pieces = self.pieces, []
        if not self.is_given_up:
            for piece in pieces:
                self.send.send_nowait(piece)
        if self.is_done:
            self.send.close()


# Answers a batch: fills the requests, and calls the second argument whenever there is something to hand on.
Answer = Callable[[Sequence[Request], Callable[[], None]], None]


def flush_all(requests: Sequence[Request]) -> None:
    for request in requests:
        request.flush()

"""The back end `causal_lm`: one worker thread holds the model; the event loop only hands prompts in and pieces out.

Rules:
- Prompts that come within `batch_wait_ms` of each other, or while the thread is busy, are answered together, `max_batch` at most.
- A prompt that was given up is left out of what has not run yet, and stops within a token of what runs.
"""

import os
import queue
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream

from adapters.completions.causal.request import Answer, Request, flush_all
from adapters.completions.settings import CompletionSettings
from core.types import Prompting
from effects.ports import Fault

# A stop takes seconds: a model that is busy for longer is left to end with the program.
CLOSE_S = 4.0


class CausalLm:
    """Completions of one model; made by `open_causal_lm`."""

    def __init__(self, load: Callable[[], Answer], max_batch: int, batch_wait_s: float) -> None:
        """Begin to load, in the worker thread: `load` gives what answers a batch there."""
        self._max_batch, self._batch_wait_s = max_batch, batch_wait_s
        self._load = load
        self._token = anyio.lowlevel.current_token()
        self._is_ready = anyio.Event()
        self._loading_error: Exception | None = None
        self._queue: queue.Queue[Request | None] = queue.Queue()
        self._open: set[Request] = set()
        # A daemon: however long a model takes to load, the program can end.
        self._thread = threading.Thread(target=self._work, name="causal_lm", daemon=True)
        self._thread.start()

    async def ready(self) -> None:
        """Wait until the model is loaded; raises what loading raised, a Fault unless it is a bug."""
        await self._is_ready.wait()
        if self._loading_error is not None:
            raise self._loading_error

    async def complete(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        send, receive = anyio.create_memory_object_stream[str](float("inf"))
        request = Request(synapse, send)
        self._open.add(request)
        self._queue.put(request)
        try:
            async for piece in _pieces(receive):
                yield piece
            if request.fault is not None:
                raise request.fault
        finally:
            request.is_given_up = True
            self._open.discard(request)
            send.close()
            receive.close()

    def close(self) -> None:
        """Give up what is being answered, and wait for the thread for `CLOSE_S` at most; not at all while it loads. Blocking."""
        for request in list(self._open):
            request.is_given_up = True
        self._queue.put(None)
        if self._is_ready.is_set():
            self._thread.join(CLOSE_S)

    def _work(self) -> None:
        answer = self._loaded()
        is_last = answer is None or not self._on_loop(self._is_ready.set)
        while answer is not None and not is_last:
            requests, is_last = self._batch()
            wanted = [request for request in requests if not request.is_given_up]
            if wanted:
                is_last = not self._run(answer, wanted) or is_last

    def _loaded(self) -> Answer | None:
        try:
            return self._load()
        except Exception as error:  # noqa: BLE001 - whoever waits must not wait for ever
            self._loading_error = error
            self._on_loop(self._is_ready.set)
            return None

    def _batch(self) -> tuple[list[Request], bool]:
        """The next requests, one at least unless the end comes first; and whether it does."""
        first = self._queue.get()
        if first is None:
            return [], True
        requests, end_s = [first], time.monotonic() + self._batch_wait_s
        while len(requests) < self._max_batch:
            try:
                another = self._queue.get(timeout=max(0.0, end_s - time.monotonic()))
            except queue.Empty:
                break
            if another is None:
                return requests, True
            requests.append(another)
        return requests, False

    def _run(self, answer: Answer, requests: Sequence[Request]) -> bool:
        """Whether the event loop still runs."""

        def flush() -> None:
            if any(request.pieces or request.is_done for request in requests):
                self._on_loop(lambda: flush_all(requests))

        try:
            answer(requests, flush)
        except Exception as error:  # noqa: BLE001 - a model may raise anything; the next batch is another
            for request in requests:
                request.fault = request.fault or Fault(f"the model failed: {type(error).__name__}")
        for request in requests:
            request.is_done = True
        return self._on_loop(lambda: flush_all(requests))

    def _on_loop(self, call: Callable[[], None]) -> bool:
        """Run it on the event loop; False where that has ended."""
        try:
            anyio.from_thread.run_sync(call, token=self._token)
        except RuntimeError:
            return False
        return True


async def _pieces(receive: MemoryObjectReceiveStream[str]) -> AsyncIterator[str]:
    while True:
        try:
            yield await receive.receive()
        except anyio.EndOfStream:
            return


@asynccontextmanager
async def open_causal_lm(settings: CompletionSettings) -> AsyncIterator[CausalLm]:
    """The model, loaded; ended with the block.

    Raises:
        Fault: it cannot be loaded; names the flag.
    """
    model = CausalLm(lambda: _answering(settings), settings.max_batch, settings.batch_wait_ms / 1000)
    try:
        await model.ready()
        yield model
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(model.close)


def _answering(settings: CompletionSettings) -> Answer:
    """Load the model, in the thread that will run it."""
    import torch

    from adapters.completions.causal.answering import Answering
    from adapters.completions.causal.loading import load

    # One core stays for the event loop.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
    return Answering.of(load(settings), settings).answer

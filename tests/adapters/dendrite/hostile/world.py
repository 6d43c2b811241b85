"""`python -m tests.adapters.dendrite.hostile.world honest|hostile TRAP`: servers of one kind, in a process of their own.

Prints the servers' "ip:port" by name as a line of JSON, and serves until its input ends. Whatever the servers take of memory and
time is not the client's.
"""

import json
import sys
from contextlib import AsyncExitStack

import anyio
import anyio.to_thread
from anyio.abc import SocketStream

from adapters.wire.prompting import METHOD, STREAM_PATH, encode_answer, encode_end, encode_piece
from adapters.wire.v10 import CALLER_PREFIX
from tests.adapters.dendrite.hostile.catalogue import everybody
from tests.adapters.dendrite.hostile.streams import HEAD, LAST_CHUNK, chunk
from tests.adapters.dendrite.peers import Handler, http, read_request, server

HONEST = 200


def honest_completion(uid: int) -> str:
    """What the honest miner says; no two say the same."""
    return f"Honest miner {uid} says that a tempo counts the {uid % 17} blocks from one epoch to the next."


def _honest(completion: str) -> Handler:
    """Answers whole or as a stream in pieces, and on the wire on which it is asked."""
    half = len(completion) // 2
    pieces = (completion[:half], completion[half:])
    events = [*map(encode_piece, pieces), encode_end()]
    texts = [piece.encode() for piece in pieces]

    async def handle(stream: SocketStream) -> None:
        head = await read_request(stream)
        if not head.startswith(f"{METHOD} {STREAM_PATH} ".encode()):
            await stream.send(http(encode_answer(completion)))
            return
        await stream.send(HEAD)
        for piece in texts if CALLER_PREFIX.encode() in head.lower() else events:
            await stream.send(chunk(piece))
        await stream.send(LAST_CHUNK)

    return handle


def _handlers(kind: str, trap: str) -> dict[str, Handler]:
    if kind == "honest":
        return {str(uid): _honest(honest_completion(uid)) for uid in range(HONEST)}
    return {name: behaviour.handle for name, behaviour in everybody(trap).items()}


async def _serve(handlers: dict[str, Handler]) -> None:
    async with AsyncExitStack() as stack:
        places = {name: await stack.enter_async_context(server(handle)) for name, handle in handlers.items()}
        print(json.dumps(places), flush=True)  # noqa: T201 - its one line
        await anyio.to_thread.run_sync(sys.stdin.read)


def main() -> None:
    kind, trap = sys.argv[1:]
    anyio.run(_serve, _handlers(kind, trap))


if __name__ == "__main__":
    main()

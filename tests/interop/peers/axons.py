"""Real v10 axons, each on a port of its own and each with one way to answer.

Tells once {name: {"port", "hotkey"}}, and serves until standard input ends.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Tuple  # noqa: UP035 - see `guards`

import bittensor
from starlette.types import Send
from subnet import Prompting, StreamPrompting, orders, tell, wallet

# One character of each length of UTF-8, cut where no character ends.
PIECES = (b"a\xc3", b"\xa9\xe2\x98", b"\x83\xf0", b"\x9f\x8c\x8d and ", "čaj".encode())

Streamed = StreamPrompting.BTStreamingResponse


async def echo(synapse: Prompting) -> Prompting:
    synapse.completion = f"echo: {synapse.messages[-1]}"
    return synapse


async def mirror(synapse: Prompting) -> Prompting:
    """Tells what a miner gets to see of its caller."""
    seen = synapse.dendrite
    synapse.completion = f"{seen.hotkey} {seen.version} {synapse.timeout:g} {'|'.join(synapse.roles)}"
    return synapse


async def never(synapse: Prompting) -> Prompting:
    await asyncio.sleep(3600)
    return synapse


async def broken(_synapse: Prompting) -> Prompting:
    raise RuntimeError("a secret")


async def stream(synapse: StreamPrompting) -> Streamed:
    async def pieces(send: Send) -> None:
        for piece in (f"echo: {synapse.messages[-1]} ".encode(), *PIECES):
            await _send(send, piece)
            await asyncio.sleep(0.01)

    return synapse.create_streaming_response(pieces)


async def hanging_stream(synapse: StreamPrompting) -> Streamed:
    async def pieces(send: Send) -> None:
        await _send(send, b"so far")
        await asyncio.sleep(3600)

    return synapse.create_streaming_response(pieces)


async def _send(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def broken_stream(_synapse: StreamPrompting) -> Streamed:
    raise RuntimeError("a secret")


def guards(asked: type) -> dict[str, Callable[..., Any]]:
    """A guard of each kind, with the very signature that the SDK wants for this synapse."""

    def refuse(synapse: asked) -> Tuple[bool, str]:  # noqa: UP006 - `tuple` is not the same to it
        return True, "not one of ours"

    def distrust(synapse: asked) -> None:
        raise ValueError("I trust nobody")

    def too_busy(synapse: asked) -> float:
        raise TimeoutError

    return {"blacklist_fn": refuse, "verify_fn": distrust, "priority_fn": too_busy}


def guarded(by: str) -> list[dict[str, Any]]:
    return [
        {"forward_fn": echo, by: guards(Prompting)[by]},
        {"forward_fn": stream, by: guards(StreamPrompting)[by]},
    ]


# What `Axon.attach` takes.
AXONS: dict[str, list[dict[str, Any]]] = {
    "echo": [{"forward_fn": echo}, {"forward_fn": stream}],
    "mirror": [{"forward_fn": mirror}],
    "hanging": [{"forward_fn": never}, {"forward_fn": hanging_stream}],
    "401": guarded("verify_fn"),
    "403": guarded("blacklist_fn"),
    "404": [],
    "408": guarded("priority_fn"),
    "500": [{"forward_fn": broken}, {"forward_fn": broken_stream}],
}


def served(name: str, attached: list[dict[str, Any]]) -> bittensor.Axon:
    """An axon that listens; its address is given, so that nobody is asked for it."""
    axon = bittensor.Axon(wallet=wallet(f"//miner-{name}"), port=8091, external_ip="127.0.0.1")
    for functions in attached:
        axon.attach(**functions)
    # Any free port, on loopback alone: the SDK itself knows neither.
    axon.fast_config.host, axon.fast_config.port = "127.0.0.1", 0
    axon.start()
    while not axon.fast_server.started:
        time.sleep(0.001)
    return axon


def place(axon: bittensor.Axon) -> dict[str, Any]:
    port = axon.fast_server.servers[0].sockets[0].getsockname()[1]
    return {"port": port, "hotkey": axon.wallet.hotkey.ss58_address}


def main() -> None:
    axons = {name: served(name, attached) for name, attached in AXONS.items()}
    tell({name: place(axon) for name, axon in axons.items()})
    for _ in orders():
        pass


if __name__ == "__main__":
    main()

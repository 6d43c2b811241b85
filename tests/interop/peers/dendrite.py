"""A real v10 dendrite: takes one order a line, tells what came of it in one line.

An order is {"do": name of a function below, and its arguments}.
"""

import asyncio
import math
import time
from typing import Any

import bittensor
from bittensor.core.chain_data import AxonInfo
from bittensor.utils import networking
from bittensor_wallet import Keypair
from subnet import Prompting, StreamPrompting, orders, tell, wallet

# An address of documentation. The SDK would ask the internet for ours, and would dial 0.0.0.0 for a miner that has the same.
OUR_ADDRESS = "192.0.2.1"


def forward(to: list[dict[str, Any]], text: str, timeout_s: float) -> list[dict[str, Any]]:
    """One call for each of `to`, {"port", "hotkey"}, all at once."""
    synapse = Prompting(roles=["user"], messages=[text])
    asked = dendrite.forward(_axons(to), synapse, timeout=timeout_s, deserialize=False)
    return [_outcome(answer) for answer in loop.run_until_complete(asked)]


def query(to: list[dict[str, Any]], text: str, timeout_s: float) -> list[dict[str, Any]]:
    """The same through the door for programs that are not asynchronous; connections are not kept."""
    synapse = Prompting(roles=["user"], messages=[text])
    return [
        _outcome(answer)
        for answer in dendrite.query(_axons(to), synapse, timeout=timeout_s, deserialize=False)
    ]


def stream(to: list[dict[str, Any]], text: str, timeout_s: float) -> list[dict[str, Any]]:
    """Streamed calls, all at once; with the pieces as they came."""

    async def asked() -> list[dict[str, Any]]:
        synapse = StreamPrompting(roles=["user"], messages=[text])
        streams = await dendrite.forward(
            _axons(to), synapse, timeout=timeout_s, deserialize=False, streaming=True
        )
        return list(await asyncio.gather(*map(_streamed, streams)))

    return loop.run_until_complete(asked())


async def _streamed(pieces: Any) -> dict[str, Any]:
    *texts, answer = [piece async for piece in pieces]
    return _outcome(answer) | {"pieces": texts}


def sign(text: str) -> str:
    return f"0x{keypair.sign(text).hex()}"


def verify(hotkey: str, text: str, signature: str) -> bool:
    return bool(Keypair(ss58_address=hotkey).verify(text, signature))


def hashed(messages: list[str]) -> str:
    return str(Prompting(roles=["user"] * len(messages), messages=messages).body_hash)


def hotkey() -> str:
    return str(keypair.ss58_address)


def measure(to: list[dict[str, Any]], text: str, timeout_s: float) -> dict[str, Any]:
    """What one forward over all of `to` takes; times of calls as the SDK measures them, None where it does not."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    outcomes = forward(to, text, timeout_s)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    failed = sum(outcome["code"] != 200 for outcome in outcomes)
    times_s = [outcome["process_time_s"] for outcome in outcomes if not math.isnan(outcome["process_time_s"])]
    return {"wall_s": wall_s, "cpu_s": cpu_s, "times_s": times_s, "failed": failed}


def _axons(to: list[dict[str, Any]]) -> list[AxonInfo]:
    return [AxonInfo(version=1, ip="127.0.0.1", ip_type=4, coldkey="", protocol=4, **one) for one in to]


def _outcome(synapse: Any) -> dict[str, Any]:
    """What a v10 validator sees of an answer."""
    return {
        "code": int(synapse.dendrite.status_code or 0),
        "message": synapse.dendrite.status_message,
        "process_time_s": float(synapse.dendrite.process_time or math.nan),
        "axon_process_time_s": float(synapse.axon.process_time or math.nan),
        "completion": synapse.completion,
    }


DOES = {done.__name__: done for done in (forward, query, stream, sign, verify, hashed, hotkey, measure)}

if __name__ == "__main__":
    networking.get_external_ip = lambda: OUR_ADDRESS
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    keypair = wallet("//validator").hotkey
    dendrite = bittensor.Dendrite(wallet=keypair)
    for order in orders():
        tell(DOES[order.pop("do")](**order))

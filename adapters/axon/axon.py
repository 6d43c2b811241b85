"""The axon as a part of an anyio task group: serves until cancelled, then ends within a bound.

Why uvicorn's protocol without its server: the parser is C, which is what a flood is measured by; the server would take over signals,
logs, and ten wake-ups a second for each axon of the local subnet.
"""

import asyncio
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskStatus
from uvicorn import Config

from adapters.axon.accepting import Acceptor
from adapters.axon.app import AxonApp
from adapters.axon.btauth import BtauthProof
from adapters.axon.connections import Connections
from adapters.axon.door import Blacklist, Door
from adapters.axon.forwarding import Forward, Forwarding
from adapters.axon.limits import AxonLimits
from adapters.axon.nonces import Nonces, open_nonces
from adapters.axon.protocol import AxonProtocol, Serving
from adapters.axon.queue import Line, Priority, by_waiting_time
from adapters.axon.v10 import V10Proof

if TYPE_CHECKING:
    from bittensor.signing import Signer

# Connections that the system holds ready for us.
BACKLOG = 4096


class Axon:
    """Serves POST /Prompting and /StreamPrompting for whoever signs, by btauth/1 or by v10, and is not blacklisted."""

    def __init__(
        self,
        keypair: "Signer",
        forward: Forward,
        *,
        blacklist: Blacklist | None = None,
        priority: Priority = by_waiting_time,
        limits: AxonLimits | None = None,
        nonces: Path | None = None,
    ) -> None:
        """Serve nothing yet.

        Args:
            keypair: the hotkey that requests must be signed for.
            forward: gives the completion for a synapse and the hotkey that sent it, piece by piece; cancelled at its time limit.
            blacklist: the reason why a verified hotkey's synapse is refused, or None to let it in; told to the caller.
            priority: of a hotkey that has waited so many seconds for its turn; the highest goes next.
            limits: what is taken at most.
            nonces: the file that remembers which requests were taken; without one, a request of just before a restart
                could be sent again after it.
        """
        self._receiver = keypair.ss58_address
        self._forward = forward
        self._blacklist = blacklist
        self._priority = priority
        self._limits = limits or AxonLimits()
        self._nonces = nonces

    async def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        task_status: TaskStatus[int] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until cancelled; reports the bound port once it listens (port 0 takes a free one).

        Raises:
            OSError: host and port cannot be bound.
            OperatorError: the file of nonces cannot be used.
        """
        with _listening(host, port) as listener, open_nonces(self._nonces, self._limits.max_nonces) as nonces:
            app = self._app(nonces)
            serving = Serving(_config(app), self._limits, Connections(self._limits.max_connections))
            acceptor = Acceptor(listener, partial(AxonProtocol, serving), serving.connections.make_room)
            try:
                task_status.started(listener.getsockname()[1])
                await anyio.sleep_forever()
            finally:
                app.stop()
                await _end(serving, acceptor)

    def _app(self, nonces: Nonces) -> AxonApp:
        return AxonApp(
            BtauthProof(self._receiver, nonces),
            V10Proof(self._receiver, nonces, self._limits.max_timeout_s),
            Door(nonces, self._blacklist),
            Line(self._limits, self._priority),
            Forwarding(self._forward, self._limits.forward_timeout_s),
            self._limits,
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _config(app: AxonApp) -> Config:
    config = Config(app, http="httptools", ws="none", lifespan="off", log_config=None, proxy_headers=False)
    config.load()
    return config


async def _end(serving: Serving, acceptor: Acceptor) -> None:
    """Close what waits, let the others be told, close them too; shielded, but never for long."""
    stop_timeout_s = serving.limits.stop_timeout_s
    with anyio.move_on_after(stop_timeout_s, shield=True):
        await acceptor.close()
        for connection in serving.connections.all():
            connection.shutdown()
        while serving.state.connections or serving.state.tasks:  # noqa: ASYNC110 - uvicorn's sets tell nobody
            await anyio.sleep(0.01)
    for connection in serving.connections.all():
        connection.abort()
    for task in serving.state.tasks:
        task.cancel()
    with anyio.move_on_after(stop_timeout_s, shield=True):
        await asyncio.gather(*serving.state.tasks, return_exceptions=True)

"""The axon as a part of an anyio task group: serves until cancelled, then ends within a bound.

Why hypercorn: it closes connections that never finish their headers, wakes up for nothing while idle, and takes its order
to stop from us instead of from signals.
"""

import logging
import socket
from typing import TYPE_CHECKING, cast

import anyio
import hypercorn.asyncio
from anyio.abc import TaskStatus
from hypercorn.config import Config
from hypercorn.typing import Framework

from adapters.axon.app import AxonApp, Forward
from adapters.axon.door import Blacklist, Door
from adapters.axon.limits import AxonLimits

if TYPE_CHECKING:
    from bittensor.signing import Signer

_log = logging.getLogger("adapters.axon.hypercorn")


class Axon:
    """Serves POST /Prompting for whoever signs by btauth/1 and is not blacklisted."""

    def __init__(
        self,
        keypair: "Signer",
        forward: Forward,
        *,
        blacklist: Blacklist | None = None,
        limits: AxonLimits | None = None,
    ) -> None:
        """Serve nothing yet.

        Args:
            keypair: the hotkey that requests must be signed for.
            forward: gives the completion for a synapse and the hotkey that sent it; cancelled at its time limit.
            blacklist: the reason why a verified hotkey is refused, or None to let it in; told to the caller.
            limits: what is taken at most.
        """
        self._door = Door(keypair, blacklist)
        self._forward = forward
        self._limits = limits or AxonLimits()

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
        """
        listener = _listen(host, port)
        bound_port: int = listener.getsockname()[1]
        app = AxonApp(self._door, self._forward, self._limits)
        stop = anyio.Event()
        # Shielded, so that being cancelled means being told to stop; the deadline bounds how long that may take.
        scope = anyio.CancelScope(shield=True)
        async with anyio.create_task_group() as group:
            group.start_soon(_run, app, _config(listener, self._limits), stop, scope)
            task_status.started(bound_port)
            try:
                await anyio.sleep_forever()
            finally:
                app.stop()
                stop.set()
                scope.deadline = anyio.current_time() + 2 * self._limits.stop_timeout_s


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


async def _run(app: AxonApp, config: Config, stop: anyio.Event, scope: anyio.CancelScope) -> None:
    with scope:
        await hypercorn.asyncio.serve(cast(Framework, app.starlette()), config, shutdown_trigger=stop.wait)


def _config(listener: socket.socket, limits: AxonLimits) -> Config:
    # Each listener is announced at INFO, with advice about a console that may not be there.
    _log.setLevel(logging.WARNING)
    config = Config()
    # hypercorn owns the listener from here on.
    config.bind = [f"fd://{listener.detach()}"]
    config.accesslog = None
    config.errorlog = _log
    config.include_server_header = False
    config.h11_max_incomplete_size = limits.max_head_bytes
    config.keep_alive_timeout = limits.idle_timeout_s
    config.graceful_timeout = limits.stop_timeout_s
    # A bounded queue would block its connection for ever once a request is answered before its body was read.
    config.max_app_queue_size = 0
    return config

"""What an axon takes at most, from anyone."""

import attrs


@attrs.frozen
class AxonLimits:
    """Limits of one axon; beyond each of them a request is refused.

    Attributes:
        max_head_bytes: request line and headers.
        max_body_bytes: body of a request.
        max_readers: requests whose body is being read or verified, whoever sent them.
        max_forwards: verified requests that are being answered.
        read_timeout_s: for a body to arrive. Headers have as long as an idle connection.
        forward_timeout_s: for the forward to answer.
        idle_timeout_s: a connection without a request is closed after it.
        stop_timeout_s: for connections to end when the axon stops; the whole stop takes twice as long at most.
    """

    max_head_bytes: int = 16 * 1024
    max_body_bytes: int = 64 * 1024
    max_readers: int = 256
    max_forwards: int = 64
    read_timeout_s: float = 5.0
    forward_timeout_s: float = 60.0
    idle_timeout_s: float = 5.0
    stop_timeout_s: float = 2.0

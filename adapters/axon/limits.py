"""What an axon takes at most, from anyone."""

import attrs


@attrs.frozen
class AxonLimits:
    """Limits of one axon. Beyond most of them a request is refused; beyond the first, a connection is closed for another.

    All that strangers can make an axon hold is `max_connections` times a head, a body and what the system reads at once.

    Attributes:
        max_connections: open connections. It is kept below what a process may commonly have open (1024 files).
        max_head_bytes: request line and headers.
        max_headers: header lines of a request.
        max_body_bytes: body of a request.
        max_forwards: verified requests that are being answered.
        max_waiting: verified requests that wait for a place among these.
        max_wait_s: for such a place.
        max_nonces: remembered, each until it is too old to be sent again; about 60 bytes each.
        max_timeout_s: of its own that an old request may claim; so much older it may be.
        read_timeout_s: for a body to arrive.
        forward_timeout_s: for the forward to answer, a streamed answer's last piece included.
        idle_timeout_s: for the head of a request to arrive, on a new connection or after the last answer; and for the
            caller to take an answer that is written.
        linger_s: for a caller to read why its request was refused while it still sends it.
        stop_timeout_s: for connections to end when the axon stops; the whole stop takes twice as long at most.
    """

    max_connections: int = 512
    max_head_bytes: int = 16 * 1024
    max_headers: int = 64
    max_body_bytes: int = 64 * 1024
    max_forwards: int = 64
    max_waiting: int = 128
    max_wait_s: float = 10.0
    max_nonces: int = 200_000
    max_timeout_s: float = 60.0
    read_timeout_s: float = 5.0
    forward_timeout_s: float = 60.0
    idle_timeout_s: float = 5.0
    linger_s: float = 0.5
    stop_timeout_s: float = 2.0

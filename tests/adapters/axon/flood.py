"""Sends prepared bytes to 127.0.0.1 over many connections at once: what `flood.c` does, without a compiler, and slower.

python flood.py PORT CONNECTIONS SECONDS MODE FILE
"""

import selectors
import socket
import struct
import sys
import time
from pathlib import Path

DRIP_S = 0.2
RESET = struct.pack("ii", 1, 0)


class Flood:
    """The connections, each with the place in the bytes that it has come to."""

    def __init__(self, port: int, mode: str, data: bytes) -> None:
        self.sent = 0
        self._port, self._mode, self._data = port, mode, data
        self._loop = selectors.DefaultSelector()

    def dial(self) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        # Or ports would run out.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        sock.connect_ex(("127.0.0.1", self._port))
        self._loop.register(sock, selectors.EVENT_WRITE, 0)

    def go_on(self) -> None:
        """Send and read on all that is ready."""
        for key, events in self._loop.select(0.05):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            try:
                if events & selectors.EVENT_WRITE:
                    self._send(sock, key.data)
                else:
                    self._read(sock)
            except BlockingIOError:
                continue
            except OSError:
                self._redial(sock)

    def drip(self) -> None:
        """A byte more on all that have sent everything."""
        for key in list(self._loop.get_map().values()):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            if key.data == len(self._data):
                try:
                    self.sent += sock.send(b"x")
                except BlockingIOError:
                    continue
                except OSError:
                    self._redial(sock)

    def _send(self, sock: socket.socket, place: int) -> None:
        place += sock.send(self._data[place:])
        if place < len(self._data):
            self._loop.modify(sock, selectors.EVENT_WRITE, place)
            return
        self.sent += self._mode != "hold"
        after = selectors.EVENT_WRITE if self._mode == "pour" else selectors.EVENT_READ
        self._loop.modify(sock, after, place if self._mode == "hold" else 0)

    def _read(self, sock: socket.socket) -> None:
        if not sock.recv(65536) or self._mode == "close":
            self._redial(sock)
        elif self._mode == "keep":
            self._loop.modify(sock, selectors.EVENT_WRITE, 0)

    def _redial(self, sock: socket.socket) -> None:
        self._loop.unregister(sock)
        sock.close()
        self.dial()


def main(port: str, connections: str, seconds: str, mode: str, file: str) -> None:
    flood = Flood(int(port), mode, Path(file).read_bytes())
    for _ in range(int(connections)):
        flood.dial()
    end = time.monotonic() + float(seconds)
    next_drip = time.monotonic() + DRIP_S
    while (now := time.monotonic()) < end:
        flood.go_on()
        if mode == "hold" and now > next_drip:
            flood.drip()
            next_drip = now + DRIP_S
    print(flood.sent)  # noqa: T201 - what it is run for


if __name__ == "__main__":
    main(*sys.argv[1:])

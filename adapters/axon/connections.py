"""Who is connected to an axon, and who must go when all places are taken.

A connection waits from its start, or from its last answer, until a request of it is verified. Whoever waits longest goes first: a
thousand connections that send nothing, or crumbs, keep nobody out for longer than it takes them to come again.
"""

from typing import Protocol


class Connection(Protocol):
    def abort(self) -> None:
        """Close at once."""
        ...

    def shutdown(self) -> None:
        """Close as soon as no answer is being given."""
        ...


class Connections:
    """The connections of one axon, `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        # In the order in which they began to wait.
        self._waiting: dict[Connection, None] = {}
        self._held: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._held)

    def all(self) -> list[Connection]:
        return [*self._waiting, *self._held]

    def add(self, connection: Connection) -> None:
        """Take in a new one; the one that has waited longest, or else the new one, is closed where there are too many."""
        self._waiting[connection] = None
        if len(self) > self._most:
            self.make_room()

    def make_room(self) -> bool:
        """Close the one that has waited longest; whether any waited."""
        longest = next(iter(self._waiting), None)
        if longest is None:
            return False
        del self._waiting[longest]
        longest.abort()
        return True

    def hold(self, connection: Connection) -> None:
        """A request of it is verified: it stays until it is answered."""
        if connection in self._waiting:
            del self._waiting[connection]
            self._held.add(connection)

    def let_wait(self, connection: Connection) -> None:
        """It is answered, and waits from now on."""
        self.discard(connection)
        self._waiting[connection] = None

    def discard(self, connection: Connection) -> None:
        """It is closed."""
        self._waiting.pop(connection, None)
        self._held.discard(connection)

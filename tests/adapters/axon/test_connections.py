"""Who makes room among an axon's connections."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from adapters.axon.connections import Connections


@attrs.define(eq=False)
class Stood:
    """A connection that only knows whether it was closed."""

    is_closed: bool = False

    def abort(self) -> None:
        self.is_closed = True

    def shutdown(self) -> None:
        self.is_closed = True


def test_whoever_waits_longest_goes() -> None:
    """Among those that wait; one whose request is verified stays, and waits anew once it is answered."""
    connections = Connections(3)
    first, second, third, fourth, fifth = stood = [Stood() for _ in range(5)]
    for one in (first, second, third):
        connections.add(one)
    connections.hold(first)
    connections.add(fourth)
    assert [one.is_closed for one in stood] == [False, True, False, False, False]
    connections.let_wait(first)
    connections.add(fifth)
    assert [one.is_closed for one in stood] == [False, True, True, False, False]


def test_among_the_verified_there_is_no_room() -> None:
    """Where all others are being answered, the newcomer goes."""
    connections = Connections(1)
    held, new = Stood(), Stood()
    connections.add(held)
    connections.hold(held)
    connections.add(new)
    assert (held.is_closed, new.is_closed) == (False, True)
    assert not connections.make_room()


@given(st.lists(st.tuples(st.sampled_from(["add", "hold", "let_wait", "discard"]), st.integers(0, 30))))
def test_there_are_never_too_many(steps: list[tuple[str, int]]) -> None:
    """Whatever happens in whatever order, so many are open at most, and nobody is closed while being answered."""
    connections = Connections(4)
    all_of_them: list[Stood] = []
    held: set[Stood] = set()
    for step, index in steps:
        if step == "add":
            all_of_them.append(Stood())
            connections.add(all_of_them[-1])
        elif all_of_them:
            one = all_of_them[index % len(all_of_them)]
            if not one.is_closed:
                getattr(connections, step)(one)
                (held.add if step == "hold" else held.discard)(one)
            if step == "discard":
                one.is_closed = True
        assert len(connections) <= 4
        assert sum(not one.is_closed for one in all_of_them) == len(connections)
        assert not any(one.is_closed for one in held)

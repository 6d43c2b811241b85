"""Nonces increase, and requests on their way to one axon have uuids of their own."""

from contextlib import ExitStack
from itertools import accumulate, groupby

from hypothesis import given
from hypothesis import strategies as st

from adapters.dendrite.nonces import Nonces
from core.types import Hotkey

SECOND_NS = 1_000_000_000
ONE, OTHER = Hotkey("one"), Hotkey("other")


@given(
    moves_ns=st.lists(st.integers(-2 * SECOND_NS, 2 * SECOND_NS) | st.integers(-(2**50), 2**50), min_size=1)
)
def test_each_nonce_is_newer_than_all_before_of_its_uuid(moves_ns: list[int]) -> None:
    """Also where the clock stands still or is set back; and it is never behind the clock, nor far ahead of it."""
    clock = list(accumulate(moves_ns, initial=2**60))
    times = iter(clock)
    nonces = Nonces(lambda: next(times))
    with nonces.place(ONE) as stamp:
        made = [stamp() for _ in clock]
    for _, group in groupby(made, key=lambda one: one.uuid):
        of_one = [one.nonce for one in group]
        assert of_one == sorted(set(of_one))
    assert all(0 <= one.nonce - now <= SECOND_NS + len(clock) for one, now in zip(made, clock, strict=True))


def test_a_clock_that_is_set_back_a_little_changes_no_uuid() -> None:
    """A correction of a few milliseconds is overtaken at once; only a jump is worth a new entry in the miners' tables."""
    times = iter([10 * SECOND_NS, 10 * SECOND_NS - 5_000_000, 2 * SECOND_NS])
    nonces = Nonces(lambda: next(times))
    with nonces.place(ONE) as stamp:
        first, soon, jumped = stamp(), stamp(), stamp()
    assert (soon.nonce, soon.uuid) == (first.nonce + 1, first.uuid)
    assert jumped.nonce == 2 * SECOND_NS
    assert jumped.uuid != first.uuid


@given(moves=st.lists(st.sampled_from(["begin", "end"])))
def test_no_two_on_their_way_share_a_uuid(moves: list[str]) -> None:
    """However requests begin and end, and no more uuids are made than were ever on their way at once."""
    nonces, seen, most = Nonces(), set[str](), 0
    running: list[tuple[ExitStack, str]] = []
    for move in moves:
        if move == "begin":
            stack = ExitStack()
            uuid = stack.enter_context(nonces.place(ONE))().uuid
            assert uuid not in {other for _, other in running}
            running.append((stack, uuid))
            seen.add(uuid)
        elif running:
            running.pop(0)[0].close()
        most = max(most, len(running))
    assert len(seen) == most


def test_axons_do_not_take_each_others_places() -> None:
    """The first request to each of two axons has the same uuid: they never meet."""
    nonces = Nonces()
    with nonces.place(ONE) as one, nonces.place(OTHER) as other:
        assert one().uuid == other().uuid

"""Nonces increase, and requests on their way to one axon have uuids of their own."""

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from adapters.dendrite.nonces import Nonces
from core.types import Hotkey

ONE, OTHER = Hotkey("one"), Hotkey("other")


@given(clock=st.lists(st.integers(0, 2**62), min_size=1))
def test_each_nonce_is_newer_than_all_before(clock: list[int]) -> None:
    """Also where the clock stands still or goes back; and it is never behind the clock."""
    times = iter(clock)
    nonces = Nonces(lambda: next(times))
    with nonces.place(ONE) as stamp:
        made = [stamp().nonce for _ in clock]
    assert made == sorted(set(made))
    assert all(nonce >= now for nonce, now in zip(made, clock, strict=True))


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

"""When two submissions count as in flight at once, and when weights as those of somebody who was gone."""

import attrs

from core.effects import SetWeights
from core.types import EffectId, Hotkey, Uid
from tests.crash.arrivals import ACCEPTED, POOLED
from tests.faults.chronicle import RETRACTED, Arrival
from tests.faults.following import Sending
from tests.faults.place import EPOCH_LENGTH_BLOCKS
from tests.faults.sendings import SLACK_S, Judged, judge

ALICE, BOB = Hotkey("alice"), Hotkey("bob")
SENT = Sending(7, SetWeights(EffectId(3), 180.0, ((Uid(5), 1.0),), 0, (ALICE,)), 100.0, 110.0)
CAME = Arrival("0x1", 105.0, 40, POOLED, ((5, 65_535),), (ALICE,), (ALICE,))
LANDED = Arrival("0x1", 105.2, 40, ACCEPTED)


def _judged(*arrivals: Arrival) -> Judged:
    return judge(arrivals, [SENT])


def test_one_submission_that_lands_is_as_it_should_be() -> None:
    """Nothing is found, and it is counted."""
    assert _judged(CAME, LANDED) == Judged((), (), (), (), arrived=1)


def test_a_second_beside_one_that_waits_is_two_in_flight() -> None:
    """Both the pool and the decision tell."""
    second = attrs.evolve(CAME, hash="0x2", waiting=1)
    assert len(_judged(CAME, second).in_flight) == 2


def test_weights_that_nobody_was_sending_are_found() -> None:
    """Before the decision, or after its end."""
    for at_s in (99.0, 110.5 + SLACK_S):
        assert len(_judged(attrs.evolve(CAME, at_s=at_s)).in_flight) == 1


def test_two_that_stand_close_together_are_found_unless_the_first_was_made_void() -> None:
    """Less than an epoch length apart; a block that is void holds nothing."""
    again = attrs.evolve(LANDED, hash="0x2", block=LANDED.block + EPOCH_LENGTH_BLOCKS - 1)
    void = attrs.evolve(LANDED, outcome=RETRACTED)
    assert len(_judged(CAME, LANDED, again).in_flight) == 1
    assert _judged(CAME, LANDED, void, again).in_flight == ()
    assert _judged(CAME, LANDED, attrs.evolve(again, block=again.block + 1)).in_flight == ()


def test_weights_for_who_was_gone_before_they_were_signed_are_found() -> None:
    """The uid is Bob's, the score was Alice's."""
    found = _judged(attrs.evolve(CAME, signed=(BOB,), known=(BOB,)))
    assert len(found.misplaced) == 1
    assert found.crossed == ()


def test_a_uid_that_changes_hands_after_the_signature_is_counted_apart() -> None:
    """Nobody could have known when it was sent."""
    found = _judged(attrs.evolve(CAME, known=(BOB,)))
    assert found.misplaced == ()
    assert len(found.crossed) == 1


def test_what_was_told_is_held_against_what_was_so() -> None:
    """A landing in another block, and a refusal of what landed, are found; a refusal of what only a void block had is not."""
    told_wrongly = attrs.evolve(SENT, landed=LANDED.block + 1)
    refused = attrs.evolve(SENT, heard="WeightsRefused")
    void = attrs.evolve(LANDED, outcome=RETRACTED)
    assert len(judge([CAME, LANDED], [told_wrongly]).wrongly_told) == 1
    assert len(judge([CAME, LANDED], [refused]).wrongly_told) == 1
    assert judge([CAME, LANDED, void], [refused]).wrongly_told == ()
    assert judge([CAME, LANDED], [attrs.evolve(SENT, landed=LANDED.block)]).wrongly_told == ()

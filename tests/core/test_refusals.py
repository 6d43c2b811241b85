"""What the chain's refusals mean."""

import attrs
import pytest

from core.refusals import BY_CODE, BY_NAME, Meaning, Reaction, after_sending, before_sending, meaning_of
from core.submission import Terms
from core.types import Block, Hotkey, Limits, Uid, WeightsUnknown

TERMS = Terms(
    Limits(Block(500)),
    at_s=0.0,
    hotkeys=(Hotkey("hk0"),),
    own_uid=Uid(0),
    last_update=Block(450),
    rate_limit_blocks=100,
    next_epoch=Block(540),
)
MEANINGS = {**BY_NAME, **BY_CODE}


@pytest.mark.parametrize("name", MEANINGS)
def test_every_line_says_retry_wait_or_alarm(name: str) -> None:
    """Retry is passing, wait names its block, an alarm is not passing and says what to do wherever something can be done."""
    meaning = MEANINGS[name]
    verdict = before_sending(meaning, f"{name}: why", TERMS)
    waits = {Reaction.WINDOW: 550, Reaction.EPOCH: 540}
    alarms = {Reaction.ALARM, Reaction.GONE}
    assert verdict.reason.startswith(f"{name}: why")
    assert meaning.remedy in verdict.reason
    assert meaning.remedy or verdict.reason == f"{name}: why"
    assert verdict.passing is (meaning.reaction not in alarms)
    assert verdict.not_before == waits.get(meaning.reaction, 0)
    assert verdict.not_registered is (meaning.reaction is Reaction.GONE)


@pytest.mark.parametrize("name", MEANINGS)
def test_what_may_have_landed_is_unknown_until_a_block_says_so(name: str) -> None:
    """The pool's word is final but for a few; a block's is final always."""
    meaning = MEANINGS[name]
    from_pool = after_sending(meaning, "why", TERMS, included=False)
    assert isinstance(from_pool, WeightsUnknown) is (meaning.reaction is Reaction.ASK)
    assert from_pool.reason.startswith("why")
    assert after_sending(meaning, "why", TERMS, included=True) == before_sending(meaning, "why", TERMS)


def test_a_name_is_stronger_than_a_code() -> None:
    """The code is what clients make of names that they know; ours may be more."""
    assert (
        meaning_of("NeuronNoValidatorPermit", "invalid_argument", unnamed=Reaction.RETRY)
        == BY_NAME["NeuronNoValidatorPermit"]
    )
    assert meaning_of("NewRateLimit", "rate_limited", unnamed=Reaction.ALARM) == BY_CODE["rate_limited"]


def test_what_nobody_knows_is_an_alarm_if_it_has_a_name() -> None:
    """A new name is the chain's verdict, and somebody should look; without name and code it is what the caller thinks of it."""
    assert meaning_of("NeverHeardOf", "unknown", unnamed=Reaction.RETRY).reaction is Reaction.ALARM
    assert meaning_of(None, "unknown", unnamed=Reaction.ASK).reaction is Reaction.ASK
    assert meaning_of(None, "invalid_argument", unnamed=Reaction.ASK).reaction is Reaction.ALARM


def test_before_anything_was_read_no_block_is_named() -> None:
    """Then only the pause is left."""
    verdict = before_sending(Meaning(Reaction.WINDOW), "why", None)
    assert (verdict.passing, verdict.not_before) == (True, 0)
    assert before_sending(Meaning(Reaction.EPOCH), "why", None).not_before == 0


def test_who_never_set_weights_has_its_window_open() -> None:
    """The chain counts no distance from block 0."""
    assert attrs.evolve(TERMS, last_update=Block(0)).window == 0

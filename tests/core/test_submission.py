"""What is sent as weights, by the chain as it is at the moment of sending."""

import attrs
import pytest

from core.quantise import FULL
from core.submission import STALE_S, Terms, row_for
from core.types import Block, Hotkey, Limits, Row, Uid, WeightsRefused

NOW_S = 1_700_000_000.0
HOTKEYS = tuple(Hotkey(f"hk{uid}") for uid in range(6))
TERMS = Terms(
    Limits(Block(500), min_allowed_weights=1, version_key=3000),
    at_s=NOW_S - 5,
    hotkeys=HOTKEYS,
    own_uid=Uid(0),
    stake_rao=2_000,
    stake_threshold_rao=1_000,
    last_update=Block(300),
    rate_limit_blocks=100,
    next_epoch=Block(540),
)
WEIGHTS = ((Uid(1), 0.75), (Uid(2), 0.25))
OWNERS = (HOTKEYS[1], HOTKEYS[2])
ROW = ((Uid(1), FULL), (Uid(2), 21_845))


def decided(terms: Terms, *, version_key: int = 3000, now_s: float = NOW_S) -> Row | WeightsRefused:
    return row_for(WEIGHTS, OWNERS, terms, version_key=version_key, now_s=now_s)


def refused(terms: Terms, *, version_key: int = 3000, now_s: float = NOW_S) -> WeightsRefused:
    verdict = decided(terms, version_key=version_key, now_s=now_s)
    assert isinstance(verdict, WeightsRefused)
    return verdict


def limited(*, least: int = 1, largest: int = FULL) -> Terms:
    limits = attrs.evolve(TERMS.limits, min_allowed_weights=least, max_weight_u16=largest)
    return attrs.evolve(TERMS, limits=limits)


def test_in_order_the_row_is_what_the_weights_are() -> None:
    """Quantised, by uid."""
    assert decided(TERMS) == ROW


@pytest.mark.parametrize(("age_s", "stale"), [(STALE_S, False), (STALE_S + 1, True), (-3600.0, False)])
def test_no_weights_on_a_chain_that_stands_still(age_s: float, stale: bool) -> None:
    """A head more than ten minutes old stops them, says how old, and is tried again; one from the future is our clock's business."""
    verdict = decided(attrs.evolve(TERMS, at_s=NOW_S - age_s))
    assert isinstance(verdict, WeightsRefused) is stale
    if isinstance(verdict, WeightsRefused):
        assert verdict.passing
        assert "block 500 is 10 minutes old" in verdict.reason


def test_how_old_the_head_is_is_told_in_minutes() -> None:
    """So that an operator can tell a hiccup from a node that was left behind."""
    assert "is 120 minutes old" in refused(attrs.evolve(TERMS, at_s=NOW_S - 7200)).reason


def test_who_is_not_registered_sends_nothing() -> None:
    """Told apart from all else, since it ends the program."""
    verdict = refused(attrs.evolve(TERMS, own_uid=None))
    assert (verdict.passing, verdict.not_registered) == (False, True)
    assert "not registered" in verdict.reason


def test_too_little_stake_is_told_with_both_figures() -> None:
    """Nothing that waiting mends; just enough is enough."""
    assert decided(attrs.evolve(TERMS, stake_rao=1_000)) == ROW
    verdict = refused(attrs.evolve(TERMS, stake_rao=999))
    assert verdict.passing is False
    assert "NotEnoughStakeToSetWeights: stake of 9.99e-07, 1e-06 is needed" in verdict.reason


def test_a_version_key_below_the_subnets_asks_for_an_update() -> None:
    """Above it, or equal, is taken; the subnet's own is in the reason."""
    assert decided(TERMS, version_key=3001) == ROW
    verdict = refused(TERMS, version_key=2999)
    assert verdict.passing is False
    assert "the subnet wants 3000, this program is 2999: update it" in verdict.reason


@pytest.mark.parametrize(
    ("last", "limit", "until"), [(300, 100, 0), (400, 100, 0), (401, 100, 501), (0, 100, 0), (499, 0, 0)]
)
def test_the_rate_limit_names_the_block_from_which_weights_can_be_set(
    last: int, limit: int, until: int
) -> None:
    """As the chain counts it; who never set weights waits for nothing."""
    verdict = decided(attrs.evolve(TERMS, last_update=Block(last), rate_limit_blocks=limit))
    if until:
        assert isinstance(verdict, WeightsRefused)
        assert (verdict.passing, verdict.not_before) == (True, until)
        assert f"set at block {last}" in verdict.reason
    else:
        assert verdict == ROW


def test_without_a_permit_the_next_epoch_is_waited_for() -> None:
    """Permits change at epochs alone."""
    verdict = refused(attrs.evolve(TERMS, has_permit=False))
    assert (verdict.passing, verdict.not_before) == (True, 540)
    assert "NeuronNoValidatorPermit" in verdict.reason


def test_who_lost_its_uid_gets_nothing_and_neither_does_who_took_it() -> None:
    """What a hotkey has earned is not paid to another; the others share it."""
    replaced = attrs.evolve(TERMS, hotkeys=(*HOTKEYS[:2], Hotkey("new"), *HOTKEYS[3:]))
    assert decided(replaced) == ((Uid(1), FULL),)
    shrunk = attrs.evolve(TERMS, hotkeys=HOTKEYS[:2])
    assert decided(shrunk) == ((Uid(1), FULL),)
    gone = refused(attrs.evolve(TERMS, hotkeys=HOTKEYS[:1]))
    assert gone.passing
    assert "no uid" in gone.reason


def test_every_weight_has_its_owner() -> None:
    """One hotkey per weight: a list that is too short would pay by place, and nobody would see it."""
    with pytest.raises(ValueError, match="shorter"):
        row_for(WEIGHTS, OWNERS[:1], TERMS, version_key=3000, now_s=NOW_S)


def test_without_owners_whoever_has_the_uid_is_weighed() -> None:
    """For who weighs uids and not hotkeys."""
    others = attrs.evolve(TERMS, hotkeys=tuple(Hotkey(f"other{uid}") for uid in range(6)))
    assert row_for(WEIGHTS, (), others, version_key=3000, now_s=NOW_S) == ROW


def test_a_weight_of_nothing_is_no_weight() -> None:
    """All zero is nothing to send."""
    verdict = row_for([(Uid(1), 0.0)], (), TERMS, version_key=3000, now_s=NOW_S)
    assert isinstance(verdict, WeightsRefused)


def test_as_many_entries_as_the_subnet_wants_or_has_uids() -> None:
    """The chain counts explicit zeros, and asks for no more than there are uids."""
    assert len(tuple(decided(limited(least=4)))) == 4  # type: ignore[arg-type]  # a row, or it fails
    verdict = decided(limited(least=1024))
    assert verdict == ((0, 0), *ROW, (3, 0), (4, 0), (5, 0))


def test_the_subnets_largest_share_is_kept_or_told() -> None:
    """Two uids can keep a half and a unit each; a third each they cannot."""
    assert decided(limited(largest=32_768)) == ((1, FULL), (2, FULL - 1))
    verdict = refused(limited(largest=21_845))
    assert verdict.passing
    assert "lets 3 uids share the weight at least, and 2 have a score" in verdict.reason
    assert "65535 uids" in refused(limited(largest=0)).reason

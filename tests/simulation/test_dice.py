"""Chance out of one seed."""

from tests.simulation.dice import Dice, Strike
from tests.simulation.kinds import Kind
from tests.simulation.only import as_words, from_words

RATES = {Kind.KILLED: 0.3, Kind.DISK_FULL: 0.5}


def strikes(dice: Dice, kind: Kind, opportunities: int = 40) -> list[bool]:
    return [dice.strikes_now(kind) for _ in range(opportunities)]


def test_same_seed_same_faults() -> None:
    """And another seed's are others."""
    first, again, other = (strikes(Dice(seed, RATES), Kind.KILLED) for seed in (5, 5, 6))
    assert first == again != other


def test_faults_do_not_shift_each_other() -> None:
    """What happens of one kind is the same whether another kind happens or not."""
    alone, beside = Dice(5, RATES), Dice(5, RATES)
    strikes(beside, Kind.DISK_FULL)
    beside.of("something else").random()
    assert strikes(alone, Kind.KILLED) == strikes(beside, Kind.KILLED)


def test_a_run_can_be_repeated_with_some_of_its_faults() -> None:
    """Each at its own opportunity, and no other one."""
    whole = Dice(5, RATES)
    strikes(whole, Kind.KILLED)
    some = whole.strikes[1:3]
    repeated = Dice(5, RATES, only=some)
    strikes(repeated, Kind.KILLED)
    assert repeated.strikes == some


def test_what_cannot_happen_is_not_counted() -> None:
    """An opportunity that is none leaves no trace."""
    dice, plain = Dice(5, RATES), Dice(5, RATES)
    assert not any(dice.strikes_now(Kind.KILLED, possible=False) for _ in range(50))
    assert strikes(dice, Kind.KILLED) == strikes(plain, Kind.KILLED)


def test_faults_as_words() -> None:
    """What a failure prints is understood on the command line."""
    faults = (Strike(Kind.KILLED, 3), Strike(Kind.CUT_AFTER, 1))
    assert as_words(faults) == "KILLED@3,CUT_AFTER@1"
    assert set(from_words(as_words(faults))) == set(faults)
    assert set(from_words(as_words(()))) == set()

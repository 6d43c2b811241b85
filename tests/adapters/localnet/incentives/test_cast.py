"""Who takes part, for all numbers of validators and miners."""

from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.localnet.behaviours import POPULATION, Behaviour
from adapters.localnet.incentives.cast import Part, ValidatorKind, cast_of, proportioned
from adapters.localnet.incentives.config import LEAST_STEADY, RunConfig

few = st.integers(0, 3)


@given(st.integers(0, 300))
def test_miners_are_in_proportion(count: int) -> None:
    """So many miners as asked for, of each kind its share of the zoo, at most one miner off."""
    found = Counter(proportioned(count))
    assert sum(found.values()) == count
    for behaviour in Behaviour:
        share = count * POPULATION.count(behaviour) / len(POPULATION)
        assert abs(found[behaviour] - share) < 1


def test_the_zoo_itself_is_in_proportion() -> None:
    """27 miners must be the zoo of the local subnet."""
    assert Counter(proportioned(27)) == Counter(POPULATION)


# Keys take their time.
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), few, few, few, few, st.integers(3, 30), st.integers(0, 99))
def test_everybody_asked_for_takes_part(
    validators: int, copiers: int, colluders: int, sybils: int, changing: int, steady: int, seed: int
) -> None:
    """As many of each kind as the flags say, each with keys of its own, and among the steady a good and a poor one."""
    miners = steady + colluders + sybils + changing
    run = RunConfig(
        epochs=1,
        validators=validators,
        miners=miners,
        copiers=copiers,
        colluders=colluders,
        sybils=sybils,
        changing=changing,
    )
    cast = cast_of(run, seed)
    assert Counter(validator.kind for validator in cast.validators) == +Counter(
        {
            ValidatorKind.HONEST: validators,
            ValidatorKind.COPIER: copiers,
            ValidatorKind.COLLUDER: colluders,
        }
    )
    assert Counter(miner.part for miner in cast.miners) == +Counter(
        {
            Part.STEADY: steady,
            Part.ACCOMPLICE: colluders,
            Part.SYBIL: sybils,
            Part.CHANGING: changing,
        }
    )
    hotkeys = {validator.keys.hotkey_ss58 for validator in cast.validators}
    hotkeys |= {miner.keys.hotkey_ss58 for miner in cast.miners}
    assert len(hotkeys) == run.all_validators + miners
    assert {Behaviour.GOOD, Behaviour.POOR} <= {miner.behaviour for miner in cast.playing(Part.STEADY)}
    assert len(cast.playing(Part.STEADY)) >= LEAST_STEADY


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), few, few)
def test_the_honest_hold_four_fifths(validators: int, copiers: int, colluders: int) -> None:
    """Honest validators must have equal stakes, four fifths of all at least, and nobody more than one of them."""
    assume(copiers + colluders > 0)
    run = RunConfig(epochs=1, validators=validators, miners=20, copiers=copiers, colluders=colluders)
    cast = cast_of(run, 0)
    honest = [validator.stake_rao for validator in cast.of(ValidatorKind.HONEST)]
    everybody = [validator.stake_rao for validator in cast.validators]
    assert len(set(honest)) == 1
    assert sum(honest) >= 0.8 * sum(everybody) - len(everybody)
    assert max(everybody) == honest[0]


def test_the_same_seed_is_the_same_cast() -> None:
    """The seed decides which uid does what, and nothing else does."""
    run = RunConfig(epochs=1)
    first, again, other = ([miner.label for miner in cast_of(run, seed).miners] for seed in (1, 1, 2))
    assert first == again != other

"""Two runs that the tests look at: one that goes well, one in which nothing does."""

import pytest

from core.state import Querying, Scoring, State
from tests.adapters.reporting.episode import Told, episode, initial

# Whoever is prompted while they change hands, some of these are among them.
RENAMED = frozenset(range(1, 21)) - {11, 12}


@pytest.fixture(scope="session")
def start() -> State:
    """The state that `told` starts from."""
    return initial()


@pytest.fixture(scope="session")
def told(start: State) -> Told:
    """A run in which one weight submission is lost and most uids change hands at once."""
    return episode(start, renamed=RENAMED)


@pytest.fixture(scope="session")
def told_of_failures() -> Told:
    """A run in which every miner fails, so that every forward ends early."""
    return episode(initial(), say=lambda _: None)


@pytest.fixture(scope="session")
def killed(told: Told) -> State:
    """The state of the good run at a moment at which it might have been killed: answers are being scored, others asked for."""
    return next(
        state
        for state, _ in told
        if {type(phase) for phase in state.forwards.values()} >= {Querying, Scoring} and state.scores
    )


@pytest.fixture(scope="session")
def told_over_a_restart(killed: State) -> Told:
    """The run that is started over it."""
    return episode(killed)

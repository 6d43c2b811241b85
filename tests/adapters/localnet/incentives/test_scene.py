"""What a run plays on: the chain's first block, and the miners that the cast names."""

from pathlib import Path

import pytest

from adapters.localnet.behaviours import Behaviour, Memory, Miner
from adapters.localnet.chain import LocalChain, storage
from adapters.localnet.config import SubnetConfig
from adapters.localnet.extractive import Quality, complete
from adapters.localnet.incentives.cast import CastMiner, CastValidator, Part, cast_of
from adapters.localnet.incentives.changing import ChangingMiner, turns_after
from adapters.localnet.incentives.config import RunConfig
from adapters.localnet.incentives.scene import genesis_of, scene_of
from adapters.localnet.keys import miner_keys, validator_keys
from adapters.localnet.subnet import Answering
from core.types import Prompting, TaskType
from tests.adapters.localnet.tasks import make_task

RUN = RunConfig(epochs=4, validators=2, miners=20, sybils=2)
CAST = cast_of(RUN, 0)
CONFIG = SubnetConfig(folder=Path("unused"))
PROMPT = make_task(TaskType.SUMMARY, 1).prompt()
CALLER = validator_keys(0).hotkey_ss58


async def said_by(miner: Answering) -> str:
    synapse = Prompting(("user",), (PROMPT,))
    return "".join([piece async for piece in miner.forward(synapse, CALLER)])


@pytest.mark.parametrize("commit_reveal", ["off", "on", "both"])
def test_the_subnet_is_full_and_only_validators_have_permits(commit_reveal: str) -> None:
    """From the first block every uid must be taken, validators first; commit-reveal is on only where it is on throughout."""
    chain = LocalChain(genesis_of(CONFIG, CAST, commit_reveal, started_ms=1))  # type: ignore[arg-type]  # from the table
    state = chain.at()
    neurons: list[CastValidator | CastMiner] = [*CAST.validators, *CAST.miners]
    assert state.hotkeys() == tuple(neuron.keys.hotkey_ss58 for neuron in neurons)
    assert state.hyper(storage.MAX_ALLOWED_UIDS) == len(neurons)
    permits = state.hyper(storage.VALIDATOR_PERMIT)
    assert [uid for uid, permitted in enumerate(permits) if permitted] == list(range(len(CAST.validators)))
    assert state.hyper(storage.COMMIT_REVEAL_WEIGHTS_ENABLED) == (commit_reveal == "on")


def test_sybils_are_not_among_those_who_stay() -> None:
    """Each miner must stand in one place: with those who serve throughout, or with the sybils, who leave."""
    scene = scene_of(CAST, 0)
    sybils = {miner.keys.hotkey_ss58 for miner in CAST.playing(Part.SYBIL)}
    assert {member.keys.hotkey_ss58 for member in scene.sybils} == sybils
    assert len(scene.members) + len(scene.sybils) == RUN.miners
    assert len(scene.changing) == len(CAST.playing(Part.CHANGING)) == RUN.changers


def test_miners_know_their_victim() -> None:
    """A copycat must copy a good miner; nobody else has a victim."""
    cast = cast_of(RunConfig(epochs=1, miners=60), 0)
    miners = [member.miner for member in scene_of(cast, 0).members if isinstance(member.miner, Miner)]
    victims = {miner.victim for miner in miners if miner.behaviour is Behaviour.COPYCAT}
    good = {miner.hotkey for miner in miners if miner.behaviour is Behaviour.GOOD}
    assert len(victims) == 1
    assert victims <= good
    assert all(miner.victim is None for miner in miners if miner.behaviour is not Behaviour.COPYCAT)


async def test_a_changing_miner_turns_and_turns_back() -> None:
    """It must answer well, then poorly, then well again, as an honest miner of that quality would."""
    miner = ChangingMiner(Miner(miner_keys(0).hotkey_ss58, Behaviour.GOOD, 5, Memory()))
    said = []
    for _ in range(3):
        said.append(await said_by(miner))
        miner.turn()
    good, poor = (complete(PROMPT, key=5, quality=quality) for quality in (Quality.GOOD, Quality.POOR))
    assert good != poor
    assert said == [good, poor, good]


@pytest.mark.parametrize(("epochs", "turns"), [(1, {1}), (3, {1, 2}), (50, {12, 37})])
def test_miners_turn_in_the_middle_of_each_half(epochs: int, turns: set[int]) -> None:
    """After a quarter and after three quarters, and within the run."""
    assert turns_after(epochs) == turns

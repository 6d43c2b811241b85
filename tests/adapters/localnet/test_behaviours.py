"""Every kind of miner behind a real axon, prompted by real signed requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from adapters.axon import Axon
from adapters.dendrite import HttpDendrite
from adapters.localnet.behaviours import Behaviour, Memory, Miner, population
from adapters.localnet.extractive import Quality, complete
from adapters.localnet.keys import miner_keys, validator_keys
from core.penalties import content_match, keyword_match
from core.types import Hotkey, Outcome, Prompting, Target, TaskType, Uid
from tests.adapters.localnet.tasks import make_task

KEY = 5
SUMMARY = make_task(TaskType.SUMMARY, 1).prompt()
OTHER_SUMMARY = make_task(TaskType.SUMMARY, 2).prompt()
QUESTION = make_task(TaskType.QUESTION, 1).prompt()


@asynccontextmanager
async def serving(*behaviours: Behaviour, slow_s: float = 0.3) -> AsyncIterator[tuple[Target, ...]]:
    """Miners of these kinds on loopback ports; the first is any copycat's victim."""
    memory = Memory()
    victim = miner_keys(0).hotkey_ss58
    async with anyio.create_task_group() as group:
        targets = []
        for index, behaviour in enumerate(behaviours):
            keys = miner_keys(index)
            stolen_from = victim if behaviour is Behaviour.COPYCAT else None
            miner = Miner(keys.hotkey_ss58, behaviour, KEY, memory, victim=stolen_from, slow_s=slow_s)
            axon = Axon(keys.hotkey, miner.forward)
            port = await group.start(axon.serve)
            targets.append(Target(Uid(index), Hotkey(keys.hotkey_ss58), f"127.0.0.1:{port}"))
        yield tuple(targets)
        group.cancel_scope.cancel()


async def ask(targets: tuple[Target, ...], prompt: str, timeout_s: float = 5.0) -> tuple[Outcome, ...]:
    dendrite = HttpDendrite(validator_keys(0).hotkey, allow_private=True)
    return await dendrite.query(targets, Prompting(("user",), (prompt,)), timeout_s=timeout_s)


async def answer(behaviour: Behaviour, prompt: str = SUMMARY) -> str:
    """The completion of a miner that answers."""
    async with serving(behaviour) as targets:
        (outcome,) = await ask(targets, prompt)
    assert outcome.code == 200, outcome
    return outcome.completion


@pytest.mark.parametrize("quality", Quality)
async def test_honest_miners_say_what_the_back_end_says(quality: Quality) -> None:
    """An honest miner's answer must be the embedded completion of its quality, its key and the prompt."""
    assert await answer(Behaviour(quality.value)) == complete(SUMMARY, key=KEY, quality=quality)


@pytest.mark.parametrize("behaviour", [Behaviour.SILENT, Behaviour.SLOW])
async def test_late_miners_time_out(behaviour: Behaviour) -> None:
    """A silent and a slow miner must hold the connection beyond the deadline."""
    async with serving(behaviour, slow_s=3.0) as targets:
        (outcome,) = await ask(targets, SUMMARY, timeout_s=0.5)
    assert outcome.code == 408


async def test_a_slow_miner_answers_in_the_end() -> None:
    """A slow miner's answer must be a good one, only late."""
    assert await answer(Behaviour.SLOW) == complete(SUMMARY, key=KEY)


async def test_an_honest_miner_takes_its_time() -> None:
    """An honest miner must answer neither at once nor late."""
    async with serving(Behaviour.GOOD) as targets:
        (outcome,) = await ask(targets, SUMMARY)
    assert 0.02 <= outcome.process_time_s < 2


async def test_a_failing_miner_answers_500() -> None:
    """The failing miner must be an HTTP error to its caller."""
    async with serving(Behaviour.HTTP_ERROR) as targets:
        (outcome,) = await ask(targets, SUMMARY)
    assert outcome.code == 500


async def test_an_overlong_answer_is_above_the_limit() -> None:
    """The overlong miner's answer must be more than a dendrite takes."""
    async with serving(Behaviour.OVERLONG) as targets:
        (outcome,) = await ask(targets, SUMMARY)
    assert outcome.code == 413


async def test_an_empty_answer_is_empty() -> None:
    """The empty miner must answer properly, with nothing."""
    assert await answer(Behaviour.EMPTY) == ""


async def test_an_echo_is_the_prompt() -> None:
    """The echoing miner must give the prompt back."""
    assert await answer(Behaviour.ECHO) == SUMMARY


async def test_a_copycat_gives_its_victims_last_answer() -> None:
    """The copycat must give what its victim said to the prompt before, and nothing before the victim spoke."""
    async with serving(Behaviour.GOOD, Behaviour.COPYCAT) as (victim, copycat):
        said = [await ask((victim, copycat), prompt) for prompt in (SUMMARY, OTHER_SUMMARY, QUESTION)]
    assert [pair[1].completion for pair in said] == ["", said[0][0].completion, said[1][0].completion]


@pytest.mark.parametrize("behaviour", [Behaviour.REFUSING, Behaviour.LEAKING])
async def test_chatter_is_penalised_as_such(behaviour: Behaviour) -> None:
    """Refusals and leaked templates must be what the content penalty looks for."""
    assert content_match(await answer(behaviour)) > 0


async def test_a_leaked_template_poses_as_another_role() -> None:
    """A leaked template must hold labels that no summary has."""
    assert keyword_match(TaskType.SUMMARY, await answer(Behaviour.LEAKING)) == 1


async def test_stuffing_repeats_words_of_the_text() -> None:
    """The stuffing miner must give words of the text alone, many times each."""
    words = (await answer(Behaviour.STUFFING)).split(", ")
    assert len(words) > 100
    assert len(set(words)) <= 20
    assert all(word in SUMMARY for word in words)


async def test_garbage_has_no_word_of_the_text() -> None:
    """Garbage must share no longer word with the prompt."""
    words = {word for word in (await answer(Behaviour.GARBAGE)).split() if len(word) > 4}
    assert words
    assert not words & set(SUMMARY.split())


async def test_the_wrong_task_is_another_task() -> None:
    """The miner of the wrong task must ask where a statement is wanted, and state where a question is."""
    assert (await answer(Behaviour.WRONG_TASK, SUMMARY)).endswith("?")
    assert "?" not in await answer(Behaviour.WRONG_TASK, QUESTION)


def test_the_zoo_is_complete() -> None:
    """Five miners of each honest quality and one of each other kind, in an order that the seed decides."""
    zoo = population(0)
    assert {kind: zoo.count(kind) for kind in Behaviour} == {
        kind: 5 if kind.honest else 1 for kind in Behaviour
    }
    assert population(0) == zoo != population(1)

"""The embedded completion back end over the shipped corpus and real prompts."""

import itertools
from statistics import mean

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.localnet.extractive import Quality, complete
from adapters.localnet.reading import read_prompt
from core.completions import scored_text
from core.criteria import MatchContent, Place
from core.penalties import content_match, keyword_match, task_validation
from core.types import TaskType
from tests.adapters.localnet.tasks import SEEDS, make_task

TASK_TYPES = st.sampled_from(TaskType)
QUALITIES = st.sampled_from(Quality)
MINERS = range(5)
# Long enough for a share to be a share, short enough for a test.
SAMPLE = range(40)


def five_grams(text: str) -> set[tuple[str, ...]]:
    words = [word.strip(".,;:?!").lower() for word in text.split()]
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def shared_share(a: str, b: str) -> float:
    """Share of the 5-grams of the shorter text that the other one has, too."""
    ours, theirs = five_grams(a), five_grams(b)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def mean_miss(task_type: TaskType, quality: Quality) -> float:
    tasks = [make_task(task_type, seed) for seed in SAMPLE]
    return mean(task_validation(task, complete(task.prompt(), key=7, quality=quality)) for task in tasks)


@given(TASK_TYPES, SEEDS)
def test_a_prompt_is_read_back(task_type: TaskType, seed: int) -> None:
    """Type, text and criteria of a task must be what a miner reads from its prompt, but for what missing them costs."""
    task = make_task(task_type, seed)
    reading = read_prompt(task.prompt())
    assert reading.task_type is task_type
    assert reading.text == task.sections[0].text
    assert [attrs.evolve(criterion, penalty=0) for criterion in reading.criteria] == [
        attrs.evolve(criterion, penalty=0) for criterion in task.criteria
    ]


@given(TASK_TYPES, SEEDS, QUALITIES)
def test_nothing_but_prompt_key_and_quality_decides(task_type: TaskType, seed: int, quality: Quality) -> None:
    """The same prompt, key and quality must give the same completion."""
    prompt = make_task(task_type, seed).prompt()
    assert complete(prompt, key=seed, quality=quality) == complete(prompt, key=seed, quality=quality)


@given(SEEDS, QUALITIES)
def test_a_question_is_a_question(seed: int, quality: Quality) -> None:
    """A question must end with its only "?", whatever the quality."""
    text = complete(make_task(TaskType.QUESTION, seed).prompt(), key=seed, quality=quality)
    assert text.endswith("?")
    assert text.count("?") == 1


@given(SEEDS)
def test_a_good_question_opens_as_asked(seed: int) -> None:
    """A good miner's question must start with one of the offered words, and stay whole when it is trimmed."""
    task = make_task(TaskType.QUESTION, seed)
    text = complete(task.prompt(), key=seed)
    offered = next(c.words for c in task.criteria if isinstance(c, MatchContent) and c.place is Place.START)
    assert scored_text(TaskType.QUESTION, text).split()[0] in offered


@given(SEEDS, QUALITIES)
def test_an_answer_asks_nothing(seed: int, quality: Quality) -> None:
    """An answer must hold no "?"."""
    text = complete(make_task(TaskType.ANSWER, seed).prompt(), key=seed, quality=quality)
    assert text
    assert "?" not in text


@given(TASK_TYPES, SEEDS, QUALITIES)
def test_honest_texts_are_no_copies(task_type: TaskType, seed: int, quality: Quality) -> None:
    """What is scored of a completion must not stand in the prompt or the base text as it is."""
    task = make_task(task_type, seed)
    text = scored_text(task_type, complete(task.prompt(), key=seed, quality=quality))
    assert text
    assert text not in task.prompt()
    assert text not in task.base_text


@given(TASK_TYPES, SEEDS, QUALITIES)
def test_honest_texts_hold_no_stock_phrases(task_type: TaskType, seed: int, quality: Quality) -> None:
    """No honest completion may look like a leaked prompt, chat filler or another role."""
    text = complete(make_task(task_type, seed).prompt(), key=seed, quality=quality)
    assert content_match(text) == 0
    assert keyword_match(task_type, text) == 0


@pytest.mark.parametrize("task_type", TaskType)
def test_the_better_keep_more_criteria(task_type: TaskType) -> None:
    """Good miners must miss next to nothing of what is asked for, fair ones something, poor ones most."""
    good, fair, poor = (mean_miss(task_type, quality) for quality in Quality)
    assert good < 0.1
    assert good < fair < poor


@pytest.mark.parametrize("task_type", TaskType)
def test_miners_differ(task_type: TaskType) -> None:
    """Good miners must hardly ever give the same text, and leave each other many 5-grams of their own."""
    prompts = [make_task(task_type, seed).prompt() for seed in SAMPLE]
    answers = [[complete(prompt, key=key) for key in MINERS] for prompt in prompts]
    pairs = [pair for texts in answers for pair in itertools.combinations(texts, 2)]
    assert sum(a == b for a, b in pairs) <= len(pairs) / 50
    assert mean(shared_share(a, b) for a, b in pairs) < 0.6


@pytest.mark.parametrize("task_type", TaskType)
def test_no_phrase_of_its_own_returns(task_type: TaskType) -> None:
    """No five words may turn up in over a tenth of the completions of different texts: an n-gram filter would mask them."""
    texts = [complete(make_task(task_type, seed).prompt(), key=seed) for seed in range(100)]
    grams = [five_grams(text) for text in texts]
    most = max(sum(gram in other for other in grams) for gram in set().union(*grams))
    assert most <= len(texts) / 10


@given(st.text(max_size=400), QUALITIES)
def test_any_text_will_do(prompt: str, quality: Quality) -> None:
    """A prompt that is no task of ours must still be answered with a text, or with nothing where it holds no word."""
    assert isinstance(complete(prompt, key=1, quality=quality), str)

"""Tasks over the shipped corpus for the tests of this folder, with prompts exactly as validators send them."""

from functools import cache

from hypothesis import strategies as st

from adapters.contexts.corpus import read_articles
from adapters.localnet.extractive import complete
from core.randomness import choice, generator
from core.tasks import Task, answer_task, draw_context_text, question_task, summary_task
from core.types import TaskType

SEEDS = st.integers(0, 400)


@cache
def make_task(task_type: TaskType, seed: int) -> Task:
    """A task of that type as it comes up in a forward over an article, after a good summary and question."""
    rng = generator(seed, "task")
    first = summary_task(draw_context_text(choice(rng, read_articles()).text, rng), rng)
    if task_type is TaskType.SUMMARY:
        return first
    summary = complete(first.prompt(), key=seed)
    second = question_task(summary, (), 0, rng)
    if task_type is TaskType.QUESTION:
        return second
    return answer_task(complete(second.prompt(), key=seed), summary, 0, rng)

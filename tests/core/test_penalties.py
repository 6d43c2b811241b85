"""What a completion loses for its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import RewardConfig
from core.penalties import (
    CHAT_FILLER,
    LEAKED_LABELS,
    LEAKED_PHRASES,
    content_match,
    keyword_match,
    penalties,
    task_validation,
)
from core.prompts import Mark
from core.randomness import generator
from core.tasks import Task, answer_task, question_task, summary_task
from core.types import TaskType

TASKS = {
    TaskType.SUMMARY: summary_task("Rain falls.", generator(1)),
    TaskType.QUESTION: question_task("Rain falls.", (), 0, generator(1)),
    TaskType.ANSWER: answer_task("Why does it?", "Rain falls.", 0, generator(1)),
}
BITS = st.sampled_from(["Answer:", "\n", " ", "Sure, here", "<context>", "Task:", "rain", ".", "?", "- "])


@given(
    st.sampled_from(list(TASKS.values())),
    st.text() | st.lists(BITS).map("".join),
    st.builds(
        RewardConfig,
        task_validation_max_penalty=st.floats(0, 1),
        content_match_max_penalty=st.floats(0, 1),
        keyword_match_max_penalty=st.floats(0, 1),
    ),
)
def test_any_text_has_its_three_penalties(task: Task, text: str, config: RewardConfig) -> None:
    """Whatever the text, each factor is 1 - min(clip(raw, 0, 1), max), and the order is fixed."""
    found = penalties(task, text, config)
    assert [p.name for p in found] == ["task_validation", "content_match", "keyword_match"]
    for p, most in zip(
        found,
        (
            config.task_validation_max_penalty,
            config.content_match_max_penalty,
            config.keyword_match_max_penalty,
        ),
        strict=True,
    ):
        assert p.adjusted == min(max(p.raw, 0), 1, most)
        assert p.applied == 1 - p.adjusted


def test_a_good_answer_loses_nothing() -> None:
    """An answer that keeps to every point has all factors at 1, or very near for its length."""
    task = TASKS[TaskType.ANSWER]
    target = next(c.target for c in task.criteria if hasattr(c, "target"))
    text = "Rain " * (target - 1) + "falls."
    assert [p.applied for p in penalties(task, text, RewardConfig())] == [1, 1, 1]


def test_missed_criteria_add_up() -> None:
    """The raw penalty is the sum of the criteria's, the factor stops at the maximum."""
    task = TASKS[TaskType.ANSWER]
    assert task_validation(task, "- Why?\n- Why?") == pytest.approx(0.75, abs=0.01)
    assert penalties(task, "- Why?\n- Why?", RewardConfig())[0].applied == 0.9


def test_the_text_is_judged_as_received() -> None:
    """A final full stop still ends a sentence, and white space around the text does not matter."""
    task = TASKS[TaskType.QUESTION]
    assert penalties(task, "\n Answer: Rain. \n", RewardConfig()) == penalties(
        task, "Answer: Rain.", RewardConfig()
    )


@pytest.mark.parametrize("phrase", [*LEAKED_LABELS, *LEAKED_PHRASES, *CHAT_FILLER])
def test_each_stock_phrase_costs_a_tenth_by_itself(phrase: str) -> None:
    """Every phrase is found, alone, in any case and with a curly apostrophe; none is part of another."""
    assert content_match(f"{phrase} rain") == 0.1
    assert content_match(f"{phrase.upper()} RAIN") == 0.1
    assert content_match(f"Well.\n{phrase.replace(chr(39), '’')} rain") == 0.1


def test_several_stock_phrases_cost_more() -> None:
    """Three different phrases are three tenths; the same one twice counts once."""
    assert content_match("Sure, here. I hope this helps. Let me know if") == pytest.approx(0.3)
    assert content_match("Sure, here. Sure, here.") == 0.1


@pytest.mark.parametrize("phrase", ["[INST]", "<|im_start|>", "<<SYS>>"])
def test_signs_of_a_template_count_wherever_they_stand(phrase: str) -> None:
    """No blank is needed beside what is no word."""
    assert content_match(f"rain{phrase}falls") == 0.1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A hard task: to feed a city.",
        "Multitask: several things.",
        "Uninstructed people met in the Input hall.",
        "a" * 195 + " I hope this helps",
        "An alibi can help you with it: bi can help you without.",
        "I can help you without a map.",
    ],
)
def test_honest_text_holds_no_stock_phrase(text: str) -> None:
    """A label within a line, a phrase within a longer word, one beyond 200 characters: all cost nothing."""
    assert content_match(text) == 0


@pytest.mark.parametrize(
    ("task_type", "text"),
    [
        (TaskType.QUESTION, "Answer: rain"),
        (TaskType.QUESTION, "What is rain?\nA: water"),
        (TaskType.QUESTION, "Summary: rain"),
        (TaskType.ANSWER, "Rain falls.\n  Question: why?"),
        (TaskType.ANSWER, "**Question:** why"),
        (TaskType.ANSWER, "**Q**: why"),
        (TaskType.ANSWER, "### Summary :"),
        (TaskType.SUMMARY, "question: why"),
        (TaskType.SUMMARY, "> Answer: rain"),
        *((task_type, "Rain.\nUser: go on") for task_type in TaskType),
        *((task_type, "Assistant: yes") for task_type in TaskType),
        *((task_type, f"Rain {mark.closing} falls") for task_type in TaskType for mark in Mark),
        *((task_type, f"{mark.opening.upper()}Rain") for task_type in TaskType for mark in Mark),
    ],
)
def test_posing_as_another_role_or_task_costs_all(task_type: TaskType, text: str) -> None:
    """Labels of other tasks and of roles count where a label stands, section marks anywhere."""
    assert keyword_match(task_type, text) == 1
    assert penalties(TASKS[task_type], text, RewardConfig())[2].applied == 0


@pytest.mark.parametrize(
    ("task_type", "text"),
    [
        (TaskType.SUMMARY, "The data: rain fell."),
        (TaskType.SUMMARY, "Data: rain fell."),
        (TaskType.SUMMARY, "It has one answer: rain."),
        (TaskType.SUMMARY, "- User: whoever logs in"),
        (TaskType.SUMMARY, "* System: a set of parts"),
        (TaskType.SUMMARY, "Summary: rain fell."),
        (TaskType.QUESTION, "Question: why does rain fall?"),
        (TaskType.QUESTION, "FAQ: x"),
        (TaskType.ANSWER, "FAQ: x"),
        (TaskType.ANSWER, "Answer: it is water."),
        (TaskType.ANSWER, "Users: many. Questions: few."),
        (TaskType.ANSWER, "A <b>bold</b> summary of the question"),
        (TaskType.ANSWER, ""),
    ],
)
def test_honest_text_is_not_posing(task_type: TaskType, text: str) -> None:
    """A label within a line or a longer word, a task's own label and other signs cost nothing."""
    assert keyword_match(task_type, text) == 0

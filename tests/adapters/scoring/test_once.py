"""Equal questions are asked once."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.batch import Batch, batch_of
from adapters.scoring.once import once, once_per_prompt
from core.types import TaskType

STEPS = st.lists(
    st.builds(
        lambda prompt, texts: batch_of(TaskType.ANSWER, prompt, "base", texts),
        st.sampled_from("pq"),
        st.lists(st.sampled_from("abc"), max_size=6),
    ),
    max_size=4,
)


@given(STEPS)
def test_each_pair_is_asked_once_and_all_get_their_value(steps: list[Batch]) -> None:
    """Values stand where their completions do, in every step."""
    asked: list[tuple[str, str]] = []

    def judge(pairs: list[tuple[str, str]]) -> list[str]:
        asked.extend(pairs)
        return [prompt + text for prompt, text in pairs]

    values = once_per_prompt(steps, judge)
    assert values == [[step.prompt + text for text in step.completions] for step in steps]
    assert len(asked) == len(set(asked))


@given(STEPS)
def test_what_does_not_matter_does_not_part(steps: list[Batch]) -> None:
    """Where the prompt has no say, a completion is asked once for all steps."""
    asked: list[str] = []

    def judge(pairs: list[tuple[None, str]]) -> list[str]:
        asked.extend(text for _, text in pairs)
        return [text for _, text in pairs]

    once(steps, lambda _: None, judge)
    assert len(asked) == len(set(asked))

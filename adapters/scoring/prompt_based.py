"""`prompt_based`: the grade from 0 to 10 that an instruction-following language model gives a completion, divided by 10.

The model is asked in the words below, with what the task wanted by its type, and answers greedily in at most `MOST_TOKENS` tokens.
The first number in its answer is the grade; without one, or with one above 10, the score is 0.

Rules:
- The headings are ours: runs of "#" in the prompt and in the completion are cut to one, so that no text can open a section of its own.
- What is too long for the context window loses the start of the prompt first, then the end of the completion; never the question.
"""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from adapters.scoring.batch import Batch, raw_reward
from adapters.scoring.loading import Loaded
from adapters.scoring.once import once
from adapters.scoring.packing.attention import Kept
from adapters.scoring.packing.texts import Reading, Text
from adapters.scoring.prefixes import Prefixes
from adapters.scoring.tokens import fitted, frame, ids_by_text, plain_ids
from core.types import RawReward, TaskType

MOST_TOKENS = 4
BEST_GRADE = 10.0
WANTED: Mapping[TaskType, str] = {
    TaskType.SUMMARY: "a summary that tells the main points of the text, and nothing that is not in it",
    TaskType.QUESTION: "one clear question about the summary, whose answer would tell more",
    TaskType.ANSWER: "a true and complete answer to the question, in the writer's own words",
}
OPENING = (
    "Below is a request and a reply to it. The reply should be {wanted}. Grade the reply from 0 (useless) to 10 (perfect).\n\n"
    "### Request:\n"
)
MIDDLE = "\n\n### Reply:\n"
CLOSING = "\n\n### Grade from 0 to 10:\n"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HEADING = re.compile(r"#+")

# Our opening and the step's prompt.
Request = tuple[str, str]


class PromptBased:
    name = "prompt_based"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._lead = tuple(frame(loaded.tokenizer)[0])
        self._middle, self._closing = (tuple(plain_ids(loaded.tokenizer, part)) for part in (MIDDLE, CLOSING))

    def judge(self, steps: Sequence[Batch]) -> list[RawReward]:
        """The grade per completion, 0 to 1."""
        return [raw_reward(self.name, values) for values in once(steps, _request, self._grades)]

    def _grades(self, pairs: list[tuple[Request, str]]) -> list[float]:
        tokenizer = self._loaded.tokenizer
        return [grade(str(tokenizer.decode(ids))) for ids in self._replies(self._questions(pairs))]

    def _questions(self, pairs: list[tuple[Request, str]]) -> list[Text]:
        prefixes, tamed = Prefixes(), [(*request, _tamed(text)) for request, text in pairs]
        ids = ids_by_text(self._loaded.tokenizer, (part for parts in tamed for part in parts))
        questions = []
        for parts in tamed:
            opening, prompt, completion = (ids[part] for part in parts)
            ours = len(self._lead) + len(opening) + len(self._middle) + len(self._closing)
            room = self._loaded.window - ours - MOST_TOKENS
            prompt, completion = fitted(prompt, completion, room)
            prefix = prefixes.of((*self._lead, *opening, *prompt, *self._middle))
            questions.append(Text((*completion, *self._closing), prefix))
        return questions

    def _replies(self, questions: list[Text]) -> list[list[int]]:
        """Token ids of each greedy answer, up to the end-of-text token."""
        way, kept, end = self._loaded.way, Kept(), self._loaded.tokenizer.eos_token_id
        replies: list[list[int]] = [[] for _ in questions]
        open_ends = dict(enumerate(questions))

        def likeliest(_: Sequence[int], states: Sequence[Tensor]) -> list[int]:
            ids: list[int] = way.head(torch.cat(list(states))).argmax(dim=1).tolist()
            return ids

        for _ in range(MOST_TOKENS):
            found = way.engine.read(list(open_ends.values()), Reading.LAST, likeliest, kept)
            for (i, text), token in zip(list(open_ends.items()), found, strict=True):
                replies[i].append(token)
                open_ends[i] = Text((token,), text)
                if token == end:
                    del open_ends[i]
        return replies


def grade(reply: str) -> float:
    """The first number in the reply as a share of `BEST_GRADE`; 0 without one from 0 to there."""
    found = _NUMBER.search(reply)
    number = float(found.group()) if found else 0.0
    return number / BEST_GRADE if number <= BEST_GRADE else 0.0


def _request(step: Batch) -> Request:
    return OPENING.format(wanted=WANTED[step.task_type]), _tamed(step.prompt)


def _tamed(text: str) -> str:
    return _HEADING.sub("#", text)

"""Step events as rows: one for each judged step, in the field's form, lists running over the responses (ordered by uid)."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from adapters.replay.steps import Judged
from core.config import NeuronConfig, RewardConfig
from core.records import Response, StepRecord

FUNCTIONS = tuple(RewardConfig().weights)
MASKS = NeuronConfig().masks
PENALTIES = ("task_validation", "content_match", "keyword_match")

T = TypeVar("T")


def step_event(judged: Judged) -> Mapping[str, Any]:
    """The row of one step. A list is None where its function or mask did not run; an item is None where there was no answer."""
    record, responses = judged.record, judged.record.responses
    return {
        "seq": judged.folded.entry.seq,
        "at_s": judged.at_s,
        "block": int(record.block),
        "forward": int(record.forward_id),
        "step": record.index,
        "name": record.name,
        "task_type": record.task_type.value,
        "prompt": record.prompt,
        "base_text": record.base_text,
        "query_s": record.query_s,
        "score_s": record.score_s,
        "best_uid": None if record.best_uid is None else int(record.best_uid),
        "uids": [int(response.target.uid) for response in responses],
        "hotkeys": [str(response.target.hotkey) for response in responses],
        "codes": [response.code for response in responses],
        "messages": [response.message for response in responses],
        "process_times_s": [response.process_time_s for response in responses],
        "wires": [response.wire for response in responses],
        "completions": [response.completion for response in responses],
        "scored": [response.scored for response in responses],
        "rewards": [response.reward for response in responses],
        "counted": [response.counted for response in responses],
        "averages_before": [response.before for response in responses],
        "averages": [response.after for response in responses],
        **_functions(record),
        **_masks(record),
        **_penalties(responses),
    }


def _functions(record: StepRecord) -> Mapping[str, Any]:
    told = {function.name: function for function in record.functions}
    columns: dict[str, Any] = {}
    for name in FUNCTIONS:
        function = told.get(name)
        columns[name] = None if function is None else _spread(record, function.raw)
        columns[f"{name}_normalized"] = None if function is None else _spread(record, function.normalised)
    return columns


def _masks(record: StepRecord) -> Mapping[str, Any]:
    told = {mask.name: mask for mask in record.masks}
    columns: dict[str, Any] = {}
    for name in MASKS:
        mask = told.get(name)
        columns[f"{name}_mask"] = None if mask is None else _spread(record, mask.values)
        columns[f"{name}_reason"] = None if mask is None else _spread(record, mask.reasons)
    return columns


def _penalties(responses: Sequence[Response]) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    for place, name in enumerate(PENALTIES):
        found = [response.penalties[place] if response.penalties else None for response in responses]
        columns[f"{name}_raw"] = [None if penalty is None else penalty.raw for penalty in found]
        columns[f"{name}_applied"] = [None if penalty is None else penalty.applied for penalty in found]
    return columns


def _spread(record: StepRecord, values: Sequence[T]) -> list[T | None]:
    """Values of the completions, laid out over all responses."""
    return [None if response.row is None else values[response.row] for response in record.responses]

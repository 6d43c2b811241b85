"""Receipts: for each step and miner what it takes to recompute its reward, without showing the answers of others.

The arithmetic, and a script that checks a receipt, are in docs/receipts.md.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.replay.steps import Judged
from core.version import VERSION
from effects.explain import Explanation, FunctionPart, explain

FORMAT = 1


def receipts(judged: Judged, journal_hash: bytes) -> Iterator[Mapping[str, Any]]:
    """One receipt for each miner that was prompted in the step; `journal_hash` is that of the entry that judged it."""
    for response in judged.record.responses:
        told = explain(judged.folded, judged.record, response)
        yield {**_receipt(told, judged), "journal_hash": journal_hash.hex()}


def text_hash(text: str) -> str:
    """SHA-256 of a text as UTF-8; a lone surrogate, which UTF-8 has no form for, as the three bytes it would take."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _receipt(told: Explanation, judged: Judged) -> Mapping[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "logic_version": judged.folded.before.config.logic_version,
        "validator": judged.folded.before.config.own_hotkey,
        "seq": told.seq,
        "at_s": told.at_s,
        "forward": told.forward_id,
        "step": told.index,
        "task_type": told.task_type.value,
        "uid": told.uid,
        "hotkey": told.hotkey,
        "prompt_sha256": text_hash(told.prompt),
        "answer_sha256": text_hash(told.completion),
        "code": told.code,
        "process_time_s": told.process_time_s,
        "functions": [_function(part) for part in told.functions],
        "masks": [
            {"name": mask.name, "value": mask.value, "reason": mask.reason} for mask in told.masks if mask.is_on
        ],
        "penalties": [
            {"name": penalty.name, "raw": penalty.raw, "adjusted": penalty.adjusted} for penalty in told.penalties
        ],
        "reward": told.reward,
        "counted": told.counted,
        "alpha": told.alpha,
        "average_before": told.before,
        "average": told.after,
        "verdict": told.verdict,
    }  # fmt: skip


def _function(part: FunctionPart) -> Mapping[str, Any]:
    return {
        "name": part.name,
        "weight": part.weight,
        "raw": part.raw,
        "measured": part.measured,
        "count": part.statistics.count,
        "mean": part.statistics.mean,
        "variance": part.statistics.variance,
    }

"""Step events as a Parquet file, some hundred at a time. Needs pyarrow, an extra."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.errors import OperatorError
from adapters.replay.events import FUNCTIONS, MASKS, PENALTIES

GROUP_ROWS = 500
TEXT, NUMBER, COUNT = pa.string(), pa.float64(), pa.int64()

SCHEMA = pa.schema(
    {
        **dict.fromkeys(("seq", "block", "forward", "step", "best_uid"), COUNT),
        **dict.fromkeys(("at_s", "query_s", "score_s"), NUMBER),
        **dict.fromkeys(("name", "task_type", "prompt", "base_text"), TEXT),
        **dict.fromkeys(("uids", "codes"), pa.list_(COUNT)),
        **dict.fromkeys(("hotkeys", "messages", "wires", "completions", "scored"), pa.list_(TEXT)),
        **dict.fromkeys(("process_times_s", "rewards", "averages_before", "averages"), pa.list_(NUMBER)),
        "counted": pa.list_(pa.bool_()),
        **{name: pa.list_(NUMBER) for function in FUNCTIONS for name in (function, f"{function}_normalized")},
        **{f"{mask}_mask": pa.list_(COUNT) for mask in MASKS},
        **{f"{mask}_reason": pa.list_(TEXT) for mask in MASKS},
        **{f"{name}_{what}": pa.list_(NUMBER) for name in PENALTIES for what in ("raw", "applied")},
    }
)


def write_parquet(out: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write all rows; how many they were.

    Lone surrogates, which Parquet's text cannot hold, become question marks.

    Raises:
        OperatorError: a value is beyond what Parquet holds.
    """
    count, left = 0, iter(rows)
    try:
        with pq.ParquetWriter(out, SCHEMA, compression="zstd") as writer:
            while group := [_clean(row) for row in islice(left, GROUP_ROWS)]:
                writer.write_table(pa.Table.from_pylist(group, SCHEMA))
                count += len(group)
    except (OverflowError, pa.ArrowInvalid) as error:
        raise OperatorError(f"{out} cannot hold what the journal holds: {error}; export to .jsonl") from None
    return count


def _clean(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_clean(item) for item in value]
        case Mapping():
            return {name: _clean(item) for name, item in value.items()}
        case _:
            return value

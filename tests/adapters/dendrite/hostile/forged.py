"""Servers that claim to be somebody else, to have been faster, or to have had another status."""

import json
from collections.abc import Mapping
from typing import Any

from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    COMPLETION,
    MARK,
    Behaviour,
    answered,
    body,
    refused,
)

_FORGED_STATUS = {"status_code": 200, "status_message": MARK, "process_time": 0.000001, "hotkey": MARK}


def _with(**fields: Any) -> Behaviour:
    return answered(body(json.dumps({"completion": COMPLETION, **fields}).encode()))


def _headers(*lines: str, status: str = "200 OK") -> Behaviour:
    handle = body(ANSWER, status=status, headers="".join(f"{line}\r\n" for line in lines))
    return answered(handle) if status.startswith("200") else refused(int(status[:3]), handle)


FORGED: Mapping[str, Behaviour] = {
    "forges its body": _with(
        axon=_FORGED_STATUS, dendrite=_FORGED_STATUS, hotkey=MARK, process_time=0.0, code=200, message=MARK
    ),
    "forges a failure in its body": _with(axon={"status_code": 403}, dendrite={"status_code": 500}, code=408),
    "nulls what old clients read": _with(axon=None, dendrite=None, timeout=None, roles=None, messages=None),
    "swaps the messages": _with(roles=["system"], messages=[MARK], timeout=999),
    "forges headers": _headers(
        f"bt_header_axon_hotkey: {MARK}",
        f"bt_header_dendrite_hotkey: {MARK}",
        "bt_header_axon_process_time: 0.000001",
        "bt_header_axon_status_code: 200",
        f"bt_header_axon_status_message: {MARK}",
        f"X-Bittensor-Hotkey: {MARK}",
    ),
    "forges a failure in its headers": _headers(
        "bt_header_axon_status_code: 403", f"bt_header_axon_status_message: {MARK}"
    ),
    "forges a success in its headers": _headers(
        "bt_header_axon_status_code: 200", status="500 Internal Server Error"
    ),
    "forges odd numbers": _headers(
        "bt_header_axon_status_code: NaN",
        "bt_header_axon_process_time: -1e308",
        "timeout: inf",
        "total_size: x",
    ),
    "forges odd bytes": _headers("bt_header_axon_status_message: \xff\xfe\x80", "name: \xad"),
}

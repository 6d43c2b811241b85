"""A `Telling` whose lines can be read again."""

import json
from io import StringIO
from typing import Any

from adapters.fakes.clock import LoopClock
from adapters.miner.telling import Telling


class Lines:
    def __init__(self) -> None:
        self._stream = StringIO()
        self.telling = Telling(self._stream, LoopClock(), is_terminal=False)

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.all()]

    def named(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]

"""`python -m tests.bench.restart JOURNAL HEADER`: what a start of the validator takes for its journal, as a line of JSON.

Imports are late, since they are part of what is told.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    began_s = time.perf_counter()
    from adapters.journal.header import decode_header
    from adapters.journal.opening import writing
    from adapters.journal.recovery import recovered
    from adapters.journal.settings import Retention

    imported_s = time.perf_counter()
    header = decode_header(sys.argv[2])
    with writing(Path(sys.argv[1]), header, Retention(), repairs=False, tell=_tell) as journal:
        opened_s = time.perf_counter()
        recovered(journal, header.config)
        done_s = time.perf_counter()
        told = {
            "imports_s": imported_s - began_s,
            "opening_s": opened_s - imported_s,
            "recovering_s": done_s - opened_s,
            "events": journal.last_seq,
            "after_snapshot": journal.last_seq - journal.start().seq,
        }
    print(json.dumps(told))  # noqa: T201 - its one line


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()

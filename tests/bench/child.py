"""`python -m tests.bench.child COMMAND...`: what a command takes in a process of its own, as a line of JSON.

It imports next to nothing: what a process holds before it becomes another program counts as that one's memory.
"""

import json
import resource
import subprocess
import sys
import time

KIB_PER_MIB = 1024


def main() -> None:
    started_s = time.perf_counter()
    done = subprocess.run(sys.argv[1:], check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - started_s
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "code": done.returncode,
        "output": done.stdout + done.stderr,
        "seconds": seconds,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        # Linux tells it in KiB.
        "peak_mib": usage.ru_maxrss / KIB_PER_MIB,
    }
    print(json.dumps(told))  # noqa: T201 - its one line


if __name__ == "__main__":
    main()

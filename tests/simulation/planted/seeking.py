"""Run in a program with a bug: prints, as JSON, the first of the seeds that breaks a law, and which."""

import argparse
import json

from tests.simulation.simulation import simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("first", "last", "forwards"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    runs = (simulate(seed, options.forwards) for seed in range(options.first, options.last + 1))
    found = next((run for run in runs if run.violation is not None), None)
    seed, violation = (None, "") if found is None else (found.seed, found.violation)
    print(json.dumps({"seed": seed, "violation": violation}))  # noqa: T201 - for the program that called


if __name__ == "__main__":
    main()

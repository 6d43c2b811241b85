"""A whole validator's life, simulated: see `python -m tests.simulation --help`."""

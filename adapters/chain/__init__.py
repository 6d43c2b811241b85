"""The chain through the Bittensor SDK: everything the validator and the miner know of subtensor.

Rules:
- Nothing of the SDK leaves this folder: outwards go the types of `core`, `Fault` and `OperatorError`.
- Every call of the SDK has a deadline of ours, because it has none.
- Failures are classified here; whether and when to try again is decided elsewhere.
"""

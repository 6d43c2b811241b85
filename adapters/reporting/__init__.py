"""What one sees of a validator: the live view, log lines, the summary at the end, and the checks that go into it.

Rules:
- Text of a miner, a peer or the chain is shown through `text.visible` only.
- `observe` is called on the event loop and is quick: it keeps what is needed; rendering happens elsewhere.
- Memory is bounded however long the program runs.
"""

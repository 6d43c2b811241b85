"""The miner put together: its flags, whom it answers with what, its place on the chain, and one session from start to end."""

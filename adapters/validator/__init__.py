"""The validator put together: its flags, the adapters they choose, and one session from start to end."""

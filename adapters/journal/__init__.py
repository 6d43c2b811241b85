"""The journal: every event the core was told, durable before anything follows from it."""

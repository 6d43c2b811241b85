"""The `Scorer` port made real: reward functions and masks on torch and transformers, away from the event loop."""

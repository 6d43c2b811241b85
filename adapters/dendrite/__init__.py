"""The dendrite: prompts miners over HTTP. `HttpDendrite` is the `Dendrite` port made real."""

from adapters.dendrite.dendrite import HttpDendrite

__all__ = ["HttpDendrite"]

"""Answers about what the local chain does not have: none of it, for whomever it is asked."""

from adapters.localnet.chain.state import StateView


def nothing(_state: StateView, *_arguments: object) -> None:
    """No such thing."""


def none_of_them(_state: StateView, *_arguments: object) -> list[object]:
    """An empty list."""
    return []


def zero(_state: StateView, *_arguments: object) -> int:
    """An amount of nothing."""
    return 0

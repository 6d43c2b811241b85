"""What a broken law is called."""


class Violation(AssertionError):
    """Something that must hold does not, in one sentence."""

"""What ends the program: something that only the operator can put right."""


class OperatorError(Exception):
    """Ends the program with exit code 2. One line: what is wrong, which flag or file, and the remedy."""

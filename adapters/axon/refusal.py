"""How an axon says no: an HTTP status and one line of words that quote nothing of the request."""

from http import HTTPStatus

import attrs

MOST_CHARACTERS = 200


def plain(text: str) -> str:
    """`text` as one line of printable ASCII, at most 200 characters; whatever else stands in it becomes "?"."""
    return "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in text[:MOST_CHARACTERS])


@attrs.frozen
class Refusal:
    """What a caller is told.

    Attributes:
        message: one line of ASCII, fit for a header: clients of the v10 wire take headers for Latin-1 or for UTF-8.
    """

    status: HTTPStatus
    message: str = attrs.field(converter=plain)


class Refused(Exception):
    """Ends a request with a refusal."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(status, message)

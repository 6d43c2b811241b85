"""Why a miner's answer does not count, and in which words that is told.

Rule: every word is ours. What a miner sends (reason phrases, bodies, headers) never gets into a message.
"""

from http import HTTPStatus

from adapters.reporting.text import visible

TIMEOUT = 408
TOO_LARGE = 413
NOT_UNDERSTOOD = 422
NOT_REACHABLE = 503

_MESSAGE_CHARS = 200
# What axons answer to a request on a wire that they do not speak: headers that they miss or cannot make sense of (a v10 axon says
# 500 to that), a path or a form of body that they do not know.
_MISUNDERSTANDINGS = frozenset({400, 401, 404, 405, 415, 422, 500, 501})


class Refused(Exception):
    """The exchange ends with this verdict: a code of `core.types.Outcome` and why.

    Attributes:
        is_misunderstanding: the miner may not speak this wire.
    """

    def __init__(self, code: int, reason: str, *, is_misunderstanding: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.is_misunderstanding = is_misunderstanding
        self.message = visible(reason, _MESSAGE_CHARS)


def refuse_status(status: int) -> None:
    """Raises Refused unless the status is 200; a miner's own 4xx and 5xx stand as sent."""
    if status == HTTPStatus.OK:
        return
    if 300 <= status < 400:
        raise Refused(NOT_UNDERSTOOD, f"redirect ({status}) not followed")
    if 400 <= status < 600:
        raise Refused(
            status,
            f"answered {status} {_phrase(status)}".rstrip(),
            is_misunderstanding=status in _MISUNDERSTANDINGS,
        )
    raise Refused(NOT_UNDERSTOOD, f"answered {status} instead of 200")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""

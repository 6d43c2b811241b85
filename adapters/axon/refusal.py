"""How an axon says no: an HTTP status and `{"message": ...}`, in words that quote nothing of the request."""

from http import HTTPStatus
from typing import cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.wire.prompting import CONTENT_TYPE


def refusal(status: HTTPStatus, message: str) -> HTTPException:
    return HTTPException(status, message)


async def refused_response(_request: Request, refused: Exception) -> Response:
    """Starlette's handler for what `refusal` made, and for its own 404 and 405."""
    refused = cast(HTTPException, refused)
    body = msgspec.json.encode({"message": refused.detail})
    return Response(body, refused.status_code, media_type=CONTENT_TYPE)

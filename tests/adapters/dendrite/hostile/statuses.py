"""Servers that answer something else than 200, and those that point elsewhere."""

from collections.abc import Mapping

from tests.adapters.dendrite.hostile.behaviour import ANSWER, MARK, Behaviour, body, raw, refused

_REDIRECTS = {
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
}


def redirects(trap: str) -> Mapping[str, Behaviour]:
    """Every status to `trap` (an "ip:port" that nobody may visit), and one of them to whatever else is worth a visit."""
    places = {
        "cloud metadata": "http://169.254.169.254/latest/meta-data/",
        "a private network": "http://10.0.0.1/",
        "loopback": "http://[::1]:8091/",
        "a file": "file:///etc/passwd",
        "its own path": "/Prompting",
    }
    to_trap = {
        f"redirects by {status} to a trap": (status, f"http://{trap}/Prompting") for status in _REDIRECTS
    }
    elsewhere = {f"redirects to {name}": (307, place) for name, place in places.items()}
    return {name: _redirect(*answer) for name, answer in {**to_trap, **elsewhere}.items()}


def _redirect(status: int, place: str) -> Behaviour:
    line = f"{status} {_REDIRECTS[status]}"
    return refused(422, body(ANSWER, status=line, headers=f"Location: {place}\r\n"))


def _status(line: str, headers: str = "") -> Behaviour:
    """A miner's own 4xx and 5xx stand as sent; what is neither is not understood."""
    code = int(line[:3])
    return refused(code if 400 <= code < 600 else 422, body(ANSWER, status=line, headers=headers))


STATUSES: Mapping[str, Behaviour] = {
    "redirects nowhere": _status("302 Found"),
    "refreshes": refused(
        422, body(f"<html>{MARK}</html>".encode(), headers="Refresh: 0; url=http://127.0.0.1:1/\r\n")
    ),
    "answers 201": _status("201 Created"),
    "answers 204": refused(422, raw(b"HTTP/1.1 204 No Content\r\n\r\n")),
    "answers 204 with a body": _status("204 No Content"),
    "answers 205": _status("205 Reset Content"),
    "answers 206": _status("206 Partial Content", "Content-Range: bytes 0-1/99\r\n"),
    "answers 300": _status("300 Multiple Choices"),
    "answers 304": _status("304 Not Modified"),
    "answers 305": _status("305 Use Proxy", "Location: http://127.0.0.1:1/\r\n"),
    "answers 401": _status("401 Unauthorized", f'WWW-Authenticate: Basic realm="{MARK}"\r\n'),
    "answers 403": _status(f"403 {MARK}"),
    "answers 404": _status("404 Not Found"),
    "answers 407": _status("407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n"),
    "answers 408": _status("408 Request Timeout"),
    "answers 426": _status("426 Upgrade Required", "Upgrade: HTTP/2.0\r\n"),
    "answers 429": _status("429 Too Many Requests", "Retry-After: 999999999\r\n"),
    "answers 500": _status("500 Internal Server Error"),
    "answers 503": _status("503 Service Unavailable", "Retry-After: -1\r\n"),
    "answers 599": _status(f"599 \x1b[31m{MARK}"),
    "answers 600": _status("600 Beyond"),
    "answers 999": _status("999 Whatever"),
}

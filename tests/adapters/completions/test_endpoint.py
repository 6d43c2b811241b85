"""Completions from a server that speaks OpenAI's chat completions, and from servers that do not."""

import json
import socket
from contextlib import aclosing
from typing import Any

import anyio
import pytest
from anyio.abc import SocketStream

from adapters.completions import CompletionSettings, open_completions
from adapters.completions.endpoint import open_endpoint
from effects.ports import Fault
from tests.adapters.completions.asking import pieces_of, synapse
from tests.adapters.completions.servers import Answer, Server, event, head, sends, server

KEY = "sk-very-secret"
DONE = b"data: [DONE]\n\n"


def settings(url: str, **more: Any) -> CompletionSettings:
    return CompletionSettings(backend="endpoint", model="m", url=url, **more)


async def asked(answer: Answer, key: str = "", **more: Any) -> tuple[list[str], Server]:
    async with server(answer) as running, open_endpoint(settings(running.url, **more), key) as endpoint:
        return await pieces_of(endpoint, "hi"), running


async def asked_by_flags(answer: Answer, **more: Any) -> tuple[list[str], Server]:
    """With the key that the environment holds."""
    async with (
        server(answer) as running,
        open_completions(settings(running.url, **more), key=0) as endpoint,
    ):
        return await pieces_of(endpoint, "hi"), running


async def fault_of(answer: Answer, key: str = "", **more: Any) -> str:
    async with server(answer) as running, open_endpoint(settings(running.url, **more), key) as endpoint:
        with pytest.raises(Fault) as caught:
            await pieces_of(endpoint, "hi")
    return str(caught.value)


async def test_pieces_come_as_they_are_sent() -> None:
    """Each event's text is a piece, whatever else is on the stream; characters cut between reads are whole."""
    snow = event("\u2603")
    raw = json.dumps({"choices": [{"delta": {"content": "é☃"}}]}, ensure_ascii=False).encode()
    parts = [
        head(),
        event("a"),
        b": ping\n\n",
        snow[:20],
        snow[20:],
        b"data: " + raw[:-7],
        raw[-7:] + b"\r\n\r\n",
        DONE,
    ]
    pieces, running = await asked(sends(*parts))
    assert pieces == ["a", "\u2603", "é☃"]
    (request,) = running.received
    assert request.line == "POST /v1/chat/completions HTTP/1.1"
    assert request.json["messages"] == [{"role": "user", "content": "hi"}]
    assert request.headers["accept-encoding"] == "identity"
    assert "authorization" not in request.headers


async def test_the_first_piece_does_not_wait_for_the_last() -> None:
    """A piece must be there while the server still holds the next one back."""
    seen = anyio.Event()

    async def answer(stream: SocketStream) -> None:
        await stream.send(head() + event("first"))
        await seen.wait()
        await stream.send(event("second", "stop"))

    async with (
        server(answer) as running,
        open_endpoint(settings(running.url), "") as endpoint,
        aclosing(endpoint.complete(synapse("hi"))) as pieces,
    ):
        assert await anext(pieces) == "first"
        seen.set()
        assert [piece async for piece in pieces] == ["second"]


async def test_the_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes into the header that servers want it in."""
    monkeypatch.setenv("MY_KEY", KEY)
    pieces, running = await asked_by_flags(sends(head(), event("a", "stop")), api_key_env="MY_KEY")
    assert pieces == ["a"]
    assert running.received[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_named_variable_that_is_not_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not asked without a key; the name is not repeated, as it may be the key itself. The usual variable may be missing."""
    for name in ("OPENAI_API_KEY", "secret7"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Fault, match=r"--completion\.api_key_env") as caught:
        async with open_completions(settings("http://127.0.0.1:1", api_key_env="secret7"), key=0):
            pass
    assert "secret7" not in str(caught.value)
    pieces, running = await asked_by_flags(sends(head(), event("a", "stop")))
    assert pieces == ["a"]
    assert "authorization" not in running.received[0].headers


async def test_a_key_that_is_no_header_is_refused_by_its_variable() -> None:
    """A line break in it must not make another header, nor an exception of a library's; it is not shown."""
    with pytest.raises(Fault, match="OPENAI_API_KEY") as caught:
        async with open_endpoint(settings("http://127.0.0.1:1"), f"{KEY}\r\nx: y"):
            pass
    assert KEY not in str(caught.value)


async def test_a_server_that_does_not_stream_is_taken_too() -> None:
    """The whole answer is one piece."""
    body = json.dumps({"choices": [{"message": {"content": "all of it"}}]}).encode()
    pieces, _ = await asked(sends(head(kind="application/json"), body))
    assert pieces == ["all of it"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_redirects_are_not_followed(status: str) -> None:
    """A server that points elsewhere is a fault, and elsewhere is not asked."""
    async with server(sends(head(), event("b", "stop"))) as elsewhere:
        told = await fault_of(sends(head(status, more=f"location: {elsewhere.url}\r\n")))
    assert f"answered {status[:3]}" in told
    assert elsewhere.received == []


async def test_an_error_is_told_without_the_key_and_harmless() -> None:
    """How it begins is shown to the operator, escaped and short; a key that the server repeats is cut out."""
    body = f"wrong key {KEY} \x1b[2J".encode() + b"x" * 100_000
    told = await fault_of(sends(head("401 Unauthorized", "text/plain"), body), KEY)
    assert "answered 401: wrong key *** \\x1b[2J" in told
    assert KEY not in told
    assert len(told) < 400


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([head(), event("a")], "broke off"),
        ([head()], "broke off"),
        ([head(), b"data: {\n\n"], "no chat completion"),
        ([head(), b'data: {"error":{"message":"overloaded"}}\n\n'], "tells an error"),
        ([head(), b"data: \xff\xfe\n\n"], "UnicodeDecodeError"),
        ([head(), b"data: " + b"[" * 100_000 + b"\n\n"], "no chat completion"),
        ([head(kind="text/html"), b"<html>"], "no chat completion"),
        ([head(kind="application/json"), b'{"status":"ok"}'], "holds no completion"),
        ([head(more="content-encoding: gzip\r\n"), b"\x1f\x8b"], "compressed"),
        ([head(more="content-length: 999\r\n"), event("a")], "RemoteProtocolError"),
        ([b"SSH-2.0-OpenSSH\r\n"], "RemoteProtocolError"),
        ([], "RemoteProtocolError"),
    ],
    ids=["cut", "nothing", "broken JSON", "error event", "no UTF-8", "nested", "page", "other JSON", "compressed", "short", "no HTTP", "closed"],
)  # fmt: skip
async def test_a_broken_answer_is_a_fault(parts: list[bytes], named: str) -> None:
    """Whatever it is broken by, it is told in our words."""
    assert named in await fault_of(sends(*parts))


async def test_an_endless_answer_is_cut_at_the_cap() -> None:
    """Of a stream that never ends, and of a line that never does."""
    for part in (event("more"), b"x" * 4096):

        async def answer(stream: SocketStream, part: bytes = part) -> None:
            await stream.send(head())
            while True:
                await stream.send(part)

        assert "longer than 65536 bytes" in await fault_of(answer, max_answer_bytes=65_536)


async def test_one_deadline_holds_for_all_of_it() -> None:
    """A server that sends something now and then does not win time by it."""

    async def answer(stream: SocketStream) -> None:
        await stream.send(head())
        while True:
            await stream.send(event("a"))
            await anyio.sleep(0.02)

    assert "was not done within 0.3 s" in await fault_of(answer, timeout_s=0.3)


async def test_a_server_that_is_silent_or_absent_is_a_fault() -> None:
    """Within the deadline, or at once."""

    async def silent(stream: SocketStream) -> None:
        await anyio.sleep_forever()

    assert "was not done within 0.1 s" in await fault_of(silent, timeout_s=0.1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with open_endpoint(settings(url), "") as endpoint:
            with pytest.raises(Fault, match="ConnectError"):
                await pieces_of(endpoint, "hi")


async def test_who_goes_away_hangs_up() -> None:
    """Closing the iteration must close the connection, so that the server stops to work."""
    gone = anyio.Event()

    async def answer(stream: SocketStream) -> None:
        await stream.send(head() + event("first"))
        try:
            while True:
                await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            gone.set()

    async with server(answer) as running, open_endpoint(settings(running.url), "") as endpoint:
        async with aclosing(endpoint.complete(synapse("hi"))) as pieces:
            await anext(pieces)
        with anyio.fail_after(5):
            await gone.wait()

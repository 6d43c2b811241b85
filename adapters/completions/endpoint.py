"""The back end `endpoint`: any server that speaks OpenAI's chat completions, streamed by server-sent events.

Rules:
- One deadline over the whole call, and a cap on its bytes; no redirect is followed, nothing is inflated.
- No proxy, password file or certificate of the environment is used: what is dialled is what the flag names.
- The key goes into one header. It is cut out of whatever is told of an answer.
- A stream that ends without saying that it is whole is a fault.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import anyio
import attrs
import httpx2

from adapters.completions.chat import DONE, Unreadable, address, decode, decode_whole, encode
from adapters.completions.settings import CompletionSettings
from adapters.reporting.text import visible
from adapters.wire.sse import MEDIA_TYPE, EventReader
from core.types import Prompting
from effects.ports import Fault

MOST_TOLD = 200
# Answers wait for each other in the axon, not here.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=4.0)


@attrs.frozen(eq=False)
class Endpoint:
    """One server. `api_key` is "" where it wants none."""

    client: httpx2.AsyncClient
    settings: CompletionSettings
    api_key: str

    async def complete(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        deadline_s = anyio.current_time() + self.settings.timeout_s
        async with aclosing(self._pieces(synapse)) as pieces:
            # The deadline is not held while a piece is with whoever takes it: it would cancel them.
            while (piece := await self._next(pieces, deadline_s)) is not None:
                yield piece

    async def _next(self, pieces: AsyncGenerator[str, None], deadline_s: float) -> str | None:
        """The next piece, None after the last."""
        try:
            with anyio.fail_after(max(0.0, deadline_s - anyio.current_time())):
                return await anext(pieces, None)
        except TimeoutError:
            raise self._fault(f"was not done within {self.settings.timeout_s:g} s") from None
        except Unreadable as unreadable:
            raise self._fault(f"sent an answer that is not understood: {unreadable}") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeDecodeError) as error:
            raise self._fault(f"failed: {type(error).__name__} {self._told(str(error))}".rstrip()) from None

    async def _pieces(self, synapse: Prompting) -> AsyncGenerator[str, None]:
        async with self.client.stream(
            "POST", address(self.settings.url or ""), content=self._body(synapse), headers=self._headers()
        ) as response:
            chunks = self._bounded(response)
            if response.status_code != HTTPStatus.OK:
                raise self._fault(f"answered {response.status_code}: {await self._start_of(chunks)}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise Unreadable("it is compressed, which was not asked for")
            if response.headers.get("content-type", "").partition(";")[0].strip() == MEDIA_TYPE:
                async with aclosing(_streamed(chunks)) as pieces:
                    async for piece in pieces:
                        yield piece
            else:
                whole = b"".join([chunk async for chunk in chunks])
                yield decode_whole(whole)

    async def _bounded(self, response: httpx2.Response) -> AsyncGenerator[bytes, None]:
        """The body as it is sent, up to the cap."""
        left = self.settings.max_answer_bytes
        async for chunk in response.aiter_raw():
            left -= len(chunk)
            if left < 0:
                raise Unreadable(f"it is longer than {self.settings.max_answer_bytes} bytes")
            yield chunk

    async def _start_of(self, chunks: AsyncGenerator[bytes, None]) -> str:
        """How an error begins, for the operator."""
        start = b""
        async for chunk in chunks:
            start += chunk
            if len(start) > 4 * MOST_TOLD:
                break
        return self._told(start.decode(errors="replace"))

    def _told(self, text: str) -> str:
        bare = text.replace(self.api_key, "***") if self.api_key else text
        return visible(" ".join(bare.split()), MOST_TOLD)

    def _fault(self, what: str) -> Fault:
        return Fault(f"the endpoint {self.settings.url} {what}")

    def _headers(self) -> dict[str, str]:
        key = {"authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {
            "content-type": "application/json",
            "accept": f"{MEDIA_TYPE}, application/json",
            "accept-encoding": "identity",
            **key,
        }

    def _body(self, synapse: Prompting) -> bytes:
        return encode(
            synapse,
            model=self.settings.model or "",
            max_tokens=self.settings.max_new_tokens,
            temperature=self.settings.temperature,
            top_p=self.settings.top_p,
        )


async def _streamed(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[str, None]:
    """The texts of a stream of events."""
    reader, has_ended = EventReader(), False
    async for chunk in chunks:
        for event in reader.feed(chunk):
            if event.data == DONE:
                return
            part = decode(event.data)
            has_ended = has_ended or part.is_last
            if part.text:
                yield part.text
    if not has_ended:
        raise Unreadable("it broke off")


@asynccontextmanager
async def open_endpoint(settings: CompletionSettings, api_key: str) -> AsyncIterator[Endpoint]:
    """A client of the server that the flags name; nothing is dialled yet.

    Raises:
        Fault: the key cannot be sent as a header.
    """
    if not (api_key.isascii() and (api_key.isprintable())):
        raise Fault(
            f"{settings.api_key_env} holds what no key can be: give printable ASCII, without a line break"
        )
    async with httpx2.AsyncClient(
        follow_redirects=False, trust_env=False, limits=_LIMITS, timeout=httpx2.Timeout(settings.timeout_s)
    ) as client:
        yield Endpoint(client, settings, api_key)

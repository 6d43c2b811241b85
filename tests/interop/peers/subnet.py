"""What the two sides of the v10 SDK share: the subnet's synapses, a wallet, and how a peer tells something.

Rules of the peers in this folder:
- They run in an environment of their own, under the v10 SDK, and import nothing of this project.
- Standard output carries JSON lines and nothing else; what the SDK prints goes to standard error.
"""

import atexit
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

# Before the SDK is there to print. A folder of our own, since it writes below the home.
_told = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
HOME = Path(mkdtemp(prefix="v10-peer-"))
atexit.register(rmtree, HOME, ignore_errors=True)
os.environ["HOME"] = str(HOME)

from aiohttp import ClientResponse  # noqa: E402
from bittensor import StreamingSynapse, Synapse  # noqa: E402
from bittensor_wallet import Keypair, Wallet  # noqa: E402
from pydantic import Field  # noqa: E402


class Prompting(Synapse):
    """As the deployed subnet declares it: in the old style, its hashed fields as a field."""

    roles: list[str] = Field(..., frozen=True)
    messages: list[str] = Field(..., frozen=True)
    completion: str = ""
    required_hash_fields: list[str] = Field(["messages"], frozen=True)


class StreamPrompting(StreamingSynapse):
    """The same, its answer read as it comes."""

    roles: list[str] = Field(..., frozen=True)
    messages: list[str] = Field(..., frozen=True)
    completion: str = ""
    required_hash_fields: list[str] = Field(["messages"], frozen=True)

    async def process_streaming_response(self, response: ClientResponse) -> AsyncIterator[str]:
        """Every read of the network is decoded by itself, as deployed validators do."""
        async for piece in response.content.iter_any():
            text = piece.decode()
            self.completion += text
            yield text

    def extract_response_json(self, _response: ClientResponse) -> dict[str, Any]:
        return {"roles": self.roles, "messages": self.messages, "completion": self.completion}

    def deserialize(self) -> str:
        return self.completion


def tell(what: Any) -> None:
    _told.write(json.dumps(what) + "\n")
    _told.flush()


def wallet(uri: str) -> Wallet:
    """A wallet on disk whose two keys are those of `uri`."""
    made = Wallet(name=uri.strip("/"), path=str(HOME))
    keypair = Keypair.create_from_uri(uri)
    made.set_hotkey(keypair, encrypt=False, overwrite=True)
    made.set_coldkeypub(keypair, encrypt=False, overwrite=True)
    return made


def orders() -> Any:
    """What the other side wants, until it wants nothing more."""
    return map(json.loads, sys.stdin)

"""What a local subnet tells whoever started it: one JSON object a line, first how far it is, then what it is."""

import msgspec

from adapters.localnet.behaviours import Behaviour
from core.types import Hotkey


class Stage(msgspec.Struct, frozen=True, tag="stage"):
    """How far the start is, in words."""

    doing: str


class SubnetFacts(msgspec.Struct, frozen=True, tag="ready"):
    """Where the subnet is, and who is on it.

    Attributes:
        endpoint: websocket address of the chain node.
        wallet_path: folder that holds the wallets.
        wallet_names: of the validators that are registered, the one with nearly all stake first.
        wallet_hotkey: name of the hotkey in each wallet.
        spare_wallet, spare_hotkey: of the neuron that is registered for a miner of one's own, who serves nothing until that joins.
        behaviours: per miner what it does; not for a validator to decide by.
    """

    endpoint: str
    netuid: int
    wallet_path: str
    wallet_names: tuple[str, ...]
    wallet_hotkey: str
    spare_wallet: str
    spare_hotkey: Hotkey
    behaviours: dict[Hotkey, Behaviour]


Message = Stage | SubnetFacts

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def encode_line(message: Message) -> bytes:
    return msgspec.json.encode(message) + b"\n"


def decode_line(line: bytes) -> Message:
    """Raises msgspec.MsgspecError for a line that is no message."""
    return _decoder.decode(line)

"""Public keys of accounts: the state machine names accounts by ss58 address, a commit names them by key."""

from core.types import Hotkey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PREFIX_BYTES, _KEY_BYTES, _CHECKSUM_BYTES = 1, 32, 2


def public_key(address: Hotkey) -> bytes:
    """The key inside an ss58 address of a network with a one-byte prefix, whose checksum has been looked at before.

    Raises:
        ValueError: it is no such address.
    """
    number = 0
    for digit in address:
        number = number * len(_ALPHABET) + _ALPHABET.index(digit)
    whole = _PREFIX_BYTES + _KEY_BYTES + _CHECKSUM_BYTES
    if number.bit_length() > whole * 8:
        raise ValueError(f"{len(address)} characters are too many for an ss58 address")
    return number.to_bytes(whole, "big")[_PREFIX_BYTES : _PREFIX_BYTES + _KEY_BYTES]

"""A stand-in for the time lock of commit-reveal, for local chains. It locks nothing.

The public chain hides committed weights by encrypting them for a future round of drand, and opens them with that
round's signature, which has to be fetched from a network. A local chain has no such network. What is sealed here is
the row in plain bytes behind a line that says so: anyone who looks can read it. It shows the timing of commit-reveal,
not its secrecy.

A chain that opens such seals announces `STAND_IN_VERSION` as its `CommitRevealWeightsVersion`; nothing may be sealed
for a chain that does not.
"""

import struct
from collections.abc import Sequence

import attrs

# The public chain's: encrypted for a round of drand.
DRAND_VERSION = 4
STAND_IN_VERSION = 65_535
COMMIT_LIMIT_BYTES = 5_000
PUBLIC_KEY_BYTES = 32
MAGIC = b"NOT ENCRYPTED, anyone can read this: stand-in for a time lock, for local chains only\n"
# Version key, the committer's public key, the length of the row; then the row's uids and weights in turn.
_HEAD = struct.Struct(f"<Q{PUBLIC_KEY_BYTES}sH")
_ENTRY = struct.Struct("<HH")


@attrs.frozen
class Sealed:
    """What a seal holds: who committed which row (uid, u16 weight) under which version key."""

    hotkey_public_key: bytes
    row: tuple[tuple[int, int], ...]
    version_key: int


def seal(row: Sequence[tuple[int, int]], version_key: int, hotkey_public_key: bytes) -> bytes:
    """The row as bytes for a commit; readable by all.

    Raises:
        ValueError: a number or the key does not fit its field, or the seal is too long for the chain.
    """
    if len(hotkey_public_key) != PUBLIC_KEY_BYTES:
        raise ValueError(f"a public key has {PUBLIC_KEY_BYTES} bytes, not {len(hotkey_public_key)}")
    try:
        head = _HEAD.pack(version_key, hotkey_public_key, len(row))
        sealed = MAGIC + head + b"".join(_ENTRY.pack(uid, weight) for uid, weight in row)
    except struct.error as error:
        raise ValueError(f"uids and weights are u16, the version key u64: {error}") from error
    if len(sealed) > COMMIT_LIMIT_BYTES:
        raise ValueError(f"a row of {len(row)} uids does not fit the {COMMIT_LIMIT_BYTES} bytes of a commit")
    return sealed


def opened(commit: bytes) -> Sealed | None:
    """What a seal holds, None for bytes that are not exactly one."""
    body = commit[len(MAGIC) :]
    if not commit.startswith(MAGIC) or len(body) < _HEAD.size:
        return None
    version_key, public_key, length = _HEAD.unpack_from(body)
    entries = body[_HEAD.size :]
    if len(entries) != length * _ENTRY.size:
        return None
    return Sealed(public_key, tuple(_ENTRY.iter_unpack(entries)), version_key)

"""Servers whose answers are small and would be 200 MB when inflated, announced as encoded or not."""

import gzip
import zlib
from base64 import b64decode
from collections.abc import Mapping

from tests.adapters.dendrite.hostile.behaviour import ANSWER, Behaviour, answered, body, raw, refused

_PART = bytes(10_000_000)
_PARTS = 20


def _deflate_bomb() -> bytes:
    """Blocks that refer to nothing before them, so that one serves for all; unfinished."""
    compressor = zlib.compressobj()
    part = compressor.compress(_PART) + compressor.flush(zlib.Z_FULL_FLUSH)
    header, blocks = part[:2], part[2:]
    return header + blocks * _PARTS


DEFLATE_BOMB = _deflate_bomb()
# What follows a member of gzip is read as another.
GZIP_BOMB = gzip.compress(_PART, 6) * _PARTS
# 200 000 000 times "0", made by Google's encoder (quality 11, window 24).
BROTLI_BOMB = b64decode(
    "z///f/glYOKxQCD3/p/////wSwDEYQGA7v0/////4ZcAiMMiAN37f/7//8MvARCHBQC69//8//+HXwIgDgsAdO//+f//D78EQBwWAOje//P//x9+"
    "CYA4LADQvf/n//8//BIAcVgAoHv/z///f/glAOKwAED3/p/////wSwDEYQGA7v0/////4ZcAiMMCAN37//wPXscvARCHBQC6ues="
)


def _zstd_bomb() -> bytes:
    """A frame of RLE blocks (RFC 8878): 128 KiB of one byte by every four bytes, 200 MB in all."""
    size = 128 * 1024
    block = ((size << 3) | (1 << 1)).to_bytes(3, "little") + b"0"
    last = ((size << 3) | (1 << 1) | 1).to_bytes(3, "little") + b"0"
    # Magic, a descriptor without size or checksum, a window of 128 KiB.
    return b"\x28\xb5\x2f\xfd" + b"\x00\x38" + block * (200_000_000 // size) + last


ZSTD_BOMB = _zstd_bomb()


def _announced(encoding: str, data: bytes) -> Behaviour:
    return refused(422, body(data, headers=f"Content-Encoding: {encoding}\r\n"))


BOMBS: Mapping[str, Behaviour] = {
    "bombs by gzip": _announced("gzip", GZIP_BOMB),
    "bombs by deflate": _announced("deflate", DEFLATE_BOMB),
    "bombs by brotli": _announced("br", BROTLI_BOMB),
    "bombs by zstd": _announced("zstd", ZSTD_BOMB),
    "bombs by gzip in secret": refused(422, body(GZIP_BOMB)),
    "bombs by brotli in secret": refused(422, body(BROTLI_BOMB)),
    "bombs by zstd in secret": refused(422, body(ZSTD_BOMB)),
    "bombs by two encodings": _announced("identity, gzip", GZIP_BOMB),
    "bombs by two headers": refused(
        422, body(GZIP_BOMB, headers="Content-Encoding: identity\r\ncontent-encoding: x-gzip\r\n")
    ),
    "bombs by a transfer encoding": refused(
        422,
        raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
            % (len(GZIP_BOMB), GZIP_BOMB)
        ),
    ),
    "gzips an honest answer": _announced("gzip", gzip.compress(ANSWER)),
    "says it is encoded": _announced("br", ANSWER),
    "says it is not encoded": answered(body(ANSWER, headers="Content-Encoding: Identity\r\n")),
}

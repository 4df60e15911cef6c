"""Frames as the hub writes them: unmasked (RFC 6455, 5.2), so one is valid for every client, and built once for all.

A client that took permessage-deflate (RFC 7692) gets the same frame compressed: by itself, without the context of those
before it, so it is compressed once for all who took it.
"""

from __future__ import annotations

import zlib
from typing import Any

import orjson

WORTH = 256
"""Bytes of a payload below which compressing costs more than it saves."""
LEVEL = 6


class Frame(bytes):
    """A text frame with one message. It keeps its compressed form once somebody has asked for it."""

    small: bytes | None = None


def text_frame(message: dict[str, Any]) -> Frame:
    """A message as one text frame."""
    payload = orjson.dumps(message)
    return Frame(_head(0x81, len(payload)) + payload)


def deflated(frame: bytes) -> bytes:
    """A frame as those get it who took permessage-deflate; unchanged where it is small, or not the smaller for it."""
    if not isinstance(frame, Frame):
        return frame
    if frame.small is None:
        frame.small = _deflate(frame)
    return frame.small


def _deflate(frame: bytes) -> bytes:
    start = {126: 4, 127: 10}.get(frame[1], 2)
    if len(frame) - start < WORTH:
        return bytes(frame)
    packer = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    # A sync flush ends with an empty block, which the receiver adds by itself (RFC 7692, 7.2.1).
    payload = (packer.compress(frame[start:]) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    packed = _head(0xC1, len(payload)) + payload
    return packed if len(packed) < len(frame) else bytes(frame)


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")

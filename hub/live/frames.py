"""Frames as the hub writes them: unmasked (RFC 6455, 5.2), so one is valid for every client, and built once for all.

A client that took permessage-deflate (RFC 7692) gets the same frame compressed: by itself, without the context of those
before it, so it is compressed once for all who took it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import orjson

try:
    from websockets.speedups import apply_mask
except ImportError:  # where the library was installed without its C code
    from websockets.utils import apply_mask

TEXT, PING, PONG = 0x81, 0x89, 0x8A
"""The first byte of a frame that is whole and plain: a text, a ping or a pong of the WebSocket."""
WORTH = 256
"""Bytes of a payload below which compressing costs more than it saves."""
LEVEL = 6


class Frame(bytes):
    """A text frame with one message. It keeps its compressed form once somebody has asked for it."""

    small: bytes | None = None


def text_frame(message: dict[str, Any]) -> Frame:
    """A message as one text frame."""
    return Frame(text_bytes(orjson.dumps(message)))


def text_bytes(payload: bytes) -> bytes:
    """A rendered message as the bytes of one text frame."""
    return _head(TEXT, len(payload)) + payload


def plain_pong(id: bytes, server_time: Iterable[bytes]) -> bytes:
    """The answer to a plain ping (hub.live.protocol) with the id as it came, as the bytes of one text frame. It is
    joined, not formatted: of a process that is idle otherwise formatting took a fifth of an answer's time."""
    return text_bytes(b"".join((b'{"op":"pong","id":', id, b',"server_time":"', *server_time, b'"}')))


def pong_bytes(payload: bytes) -> bytes:
    """The answer to a ping of the WebSocket with this payload, which has at most 125 bytes."""
    return _head(PONG, len(payload)) + payload


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


def small_frame(data: bytes) -> bytes | None:
    """The payload of a client's text, ping or pong, where the data are exactly one such frame, whole, plain and below
    126 bytes; its first byte says which it is. What a client sends most is read here in a third of the time. None of
    anything else, which is the library's to read."""
    size = len(data) - 6
    if not 0 <= size < 126 or data[1] != 0x80 | size or data[0] not in (TEXT, PING, PONG):
        return None
    return apply_mask(data[6:], data[2:6])


def rest_after(rest: int, data: bytes) -> int:
    """How many bytes of a client's frame are still to come after these data, of which ``rest`` were to come before.

    0: a frame begins with what comes next. -1: it can't be told any more, as a frame's head came in parts.
    """
    at = rest
    while 0 <= at < len(data):
        head = data[at : at + 10]
        wide = {126: 2, 127: 8}.get(head[1] & 0x7F, 0) if len(head) > 1 else 8
        if len(head) < 2 + wide:
            return -1
        size = int.from_bytes(head[2 : 2 + wide], "big") if wide else head[1] & 0x7F
        at += 2 + wide + 4 + size
    return at - len(data) if rest >= 0 else -1


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")

"""Frames: each is one text frame of a server, and its compressed form says the same."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as Read
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from hub.live import frames
from hub.live.frames import deflated, rest_after, small_frame, text_frame

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=3000)


def read(data: bytes) -> list[dict[str, Any]]:
    """What a client of another make reads, which agreed on the extension without any context."""
    client = ClientProtocol(parse_uri("ws://hub/live"), state=State.OPEN, max_size=None)
    client.extensions = [PerMessageDeflate(True, True, 15, 15)]
    client.receive_data(data)
    events = client.events_received()
    assert client.parser_exc is None
    return [orjson.loads(bytes(each.data)) for each in events if isinstance(each, Read) and each.opcode is Opcode.TEXT]


@given(st.lists(st.fixed_dictionaries({"op": TEXT, "data": st.lists(TEXT, max_size=3)}), max_size=4))
def test_frames_say_the_same_whether_they_are_compressed_or_not(messages: list[dict[str, Any]]) -> None:
    made = [text_frame(message) for message in messages]
    assert read(b"".join(made)) == messages
    assert read(b"".join(map(deflated, made))) == messages
    assert all(len(deflated(frame)) <= len(frame) for frame in made)


@pytest.mark.parametrize("size", [1, 200, 300, 70_000])
def test_frame_is_compressed_once_for_all(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    packer = zlib.compressobj
    monkeypatch.setattr(frames.zlib, "compressobj", lambda *how, **more: made.append(1) or packer(*how, **more))
    frame = text_frame({"op": "snapshot", "data": "x" * size})
    first = deflated(frame)
    assert all(deflated(frame) is first for _ in range(100))
    assert len(made) == (size > frames.WORTH)
    assert (len(first) < len(frame)) == (size > frames.WORTH)


PAYLOADS = st.binary(max_size=140) | st.sampled_from([b"x" * size for size in (125, 126, 65535, 65536)])
SENT = st.lists(st.tuples(PAYLOADS, st.sampled_from([1, 1, 1, 2, 9, 10]), st.booleans()), max_size=6)


@given(SENT, st.lists(st.integers(1, 400), max_size=12))
def test_small_frames_are_read_as_the_library_reads_them(said: list[tuple[bytes, int, bool]], cuts: list[int]) -> None:
    """However the bytes arrive: what is read in short and what the library reads are what was sent, in order."""
    frames = [
        Read(Opcode(opcode), payload[:125] if opcode > 2 else payload).serialize(mask=True)
        for payload, opcode, _ in said
    ]
    expected = [(opcode, payload[:125] if opcode > 2 else payload) for payload, opcode, _ in said]
    pieces, whole = [], [alone for _, _, alone in said]
    stream = b""
    for frame, alone in zip(frames, whole, strict=True):
        if alone:  # as it mostly is: one frame arrives by itself
            pieces += [stream, frame]
            stream = b""
        else:
            stream += frame
    pieces.append(stream)
    parts: list[bytes] = []
    for piece in pieces:
        if len(piece) > 131:
            for cut in cuts:
                parts.append(piece[:cut])
                piece = piece[cut:]
        parts.append(piece)
    core, rest, found = ServerProtocol(state=State.OPEN, max_size=None), 0, []
    for part in filter(None, parts):
        small = small_frame(part) if rest == 0 else None
        if small is not None:
            found.append((part[0] & 15, small))
            continue
        rest = rest_after(rest, part)
        core.receive_data(part)
        found += [(int(each.opcode), bytes(each.data)) for each in core.events_received() if isinstance(each, Read)]
    assert core.parser_exc is None
    assert found == expected

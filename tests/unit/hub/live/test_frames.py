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
from websockets.uri import parse_uri

from hub.live import frames
from hub.live.frames import deflated, text_frame

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

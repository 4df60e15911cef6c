"""Frames: what a message is, which ids are repeated, and what breaks the protocol below ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.conftest import Hubs, frame
from tests.conformance.statements import proves

CONT, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
LARGEST, LARGEST_FIRST = 16384, 8192


def padded(op: str, size: int, **fields: Any) -> bytes:
    """A command of exactly so many bytes."""
    head = json.dumps({"op": op, **fields, "pad": ""})
    return f'{head[:-2]}{"x" * (size - len(head))}"}}'.encode()


def in_parts(payload: bytes, count: int) -> list[bytes]:
    """A text message in so many fragments."""
    step = len(payload) // count
    parts = [payload[n * step : (n + 1) * step] for n in range(count - 1)] + [payload[(count - 1) * step :]]
    return [frame(part, TEXT if n == 0 else CONT, fin=n == count - 1) for n, part in enumerate(parts)]


@proves(13)
@pytest.mark.parametrize("id", [0, -(2**53) + 1, 2**53 - 1, "a", "", "😀" * 64], ids=ascii)
def test_an_id_is_repeated_as_it_was(hubs: Hubs, id: Any) -> None:
    assert hubs.joined().ask("ping", id=id)["op"] == "pong"


@proves(14, 15)
@pytest.mark.parametrize("id", [2**53, -(2**53), 1.5, 1.0, True, None, [], {}, "x" * 65], ids=str)
def test_what_is_no_id_is_a_bad_request_with_id_null(hubs: Hubs, id: Any) -> None:
    talker = hubs.joined()
    talker.say("ping", id=id)
    refused = talker.hears("error")
    assert (refused["code"], refused["id"], refused["retryable"]) == ("bad_request", None, False)
    assert talker.ask("ping", id=1)["op"] == "pong"


@proves(16, 18)
def test_an_unknown_field_is_ignored_and_the_same_id_is_answered_twice(hubs: Hubs) -> None:
    talker = hubs.joined()
    for _ in range(2):
        assert talker.ask("ping", id=5, more={"a": 1})["op"] == "pong"


@proves(17)
def test_of_a_key_that_comes_twice_the_last_counts(hubs: Hubs) -> None:
    talker = hubs.joined()
    talker.socket.send('{"op": "subscribe", "id": 1, "op": "ping", "id": 2}')
    assert talker.answer(2)["op"] == "pong"


NO_MESSAGE = {
    "a byte order mark": '\ufeff{"op": "ping", "id": 1}',
    "NaN": '{"op": "ping", "id": 1, "x": NaN}',
    "a lone surrogate": '{"op": "ping", "id": "\\ud800"}',
    "400 digits": '{"op": "ping", "id": ' + "9" * 400 + "}",
    "no JSON": "{",
    "empty": "",
    "no object": "[]",
    "no op": "{}",
    "an op that is no text": '{"op": 1}',
}


@proves(17, 88)
@pytest.mark.parametrize("text", NO_MESSAGE.values(), ids=NO_MESSAGE)
def test_what_is_no_message_closes_with_4000(hubs: Hubs, text: str) -> None:
    talker = hubs.joined()
    talker.socket.send(text)
    bye = talker.ends(4000)
    assert (bye["name"], bye["reconnect"]) == ("protocol_error", False)


@proves(19, 88)
@pytest.mark.parametrize("first", [True, False])
def test_a_binary_frame_closes_with_1003(hubs: Hubs, first: bool) -> None:
    talker = hubs.open() if first else hubs.joined()
    talker.raw(frame(b'{"op": "ping", "id": 1}', BINARY))
    assert talker.ends(1003)["name"] == "unsupported_data"


@proves(20, 88)
@pytest.mark.parametrize("payload", [b'{"op": "ping", "id": "\xff"}', b'{"op": "ping", "id": "\xed\xa0\x80"}', b"\xc3"])
def test_text_that_is_not_utf8_closes_with_1007(hubs: Hubs, payload: bytes) -> None:
    talker = hubs.joined()
    talker.raw(frame(payload))
    assert talker.ends(1007)["name"] == "not_utf8"


@proves(21)
def test_a_character_may_be_split_over_two_fragments(hubs: Hubs) -> None:
    talker = hubs.joined()
    payload = '{"op": "ping", "id": "é"}'.encode()
    at = payload.index(b"\xc3") + 1
    talker.raw(frame(payload[:at], fin=False), frame(payload[at:], CONT))
    assert talker.answer("é")["op"] == "pong"


@proves(22, 88)
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_frame_has_at_most_16_kb_also_in_fragments(hubs: Hubs, parts: int) -> None:
    talker = hubs.joined()
    talker.raw(*in_parts(padded("ping", LARGEST, id=2), parts))
    assert talker.answer(2)["op"] == "pong"
    talker.raw(*in_parts(padded("ping", LARGEST + 1, id=3), parts))
    assert talker.ends(1009)["name"] == "too_big"


@proves(23, 88)
def test_the_first_frame_has_at_most_8_kb(hubs: Hubs) -> None:
    talker = hubs.open()
    talker.raw(frame(padded("connect", LARGEST_FIRST, id=1, token=hubs.token)))
    assert talker.answer(1)["op"] == "connected"
    talker = hubs.open()
    talker.raw(frame(padded("connect", LARGEST_FIRST + 1, id=1, token=hubs.token)))
    talker.ends(1009)


@proves(24, 88)
@pytest.mark.parametrize("first", [True, False])
def test_what_the_parser_itself_finds_too_large_gets_its_bye_too(hubs: Hubs, first: bool) -> None:
    bare = hubs.bare()  # the library forgets what it has not given out when the line breaks
    if not first:
        bare.say("connect", id=1, token=hubs.token)
    bare.raw(frame(b" " * 65537))
    code, heard = bare.end_of_it()
    assert (code, heard[-1]["op"], heard[-1]["code"]) == (1009, "bye", 1009)


@proves(25, 88)
def test_a_message_has_at_most_64_fragments(hubs: Hubs) -> None:
    talker = hubs.joined()
    talker.raw(*in_parts(padded("ping", 200, id=2), 64))
    assert talker.answer(2)["op"] == "pong"
    talker.raw(*in_parts(padded("ping", 200, id=3), 65))
    talker.ends(4000)


@proves(26)
def test_a_ping_between_fragments_is_answered(hubs: Hubs) -> None:
    talker = hubs.joined()
    first, second = in_parts(b'{"op": "ping", "id": 2}', 2)
    talker.raw(first)
    assert talker.socket.ping("in between").wait(20)
    talker.raw(second)
    assert talker.answer(2)["op"] == "pong"


BREACHES = {
    "the first reserved bit": frame(b"{}", rsv=4),
    "the second reserved bit": frame(b"{}", rsv=2),
    "the third reserved bit": frame(b"{}", rsv=1),
    "a reserved bit of a ping": frame(b"", PING, rsv=4),
    "no mask": frame(b"{}", masked=False),
    "no mask on a ping": frame(b"", PING, masked=False),
    **{f"opcode {opcode}": frame(b"{}", opcode) for opcode in (3, 7, 11, 15)},
    "a fragment that goes on with nothing": frame(b"{}", CONT),
    "a new message within another": frame(b"{", fin=False) + frame(b"{}"),
    "a binary message within a text": frame(b"{", fin=False) + frame(b"{}", BINARY),
    "a ping in fragments": frame(b"", PING, fin=False),
    "a ping of 126 bytes": frame(b"x" * 126, PING),
    "a close of 126 bytes": frame(b"\x03\xe8" + b"x" * 124, CLOSE),
    "a close of one byte": frame(b"\x03", CLOSE),
    **{
        f"close code {code}": frame(code.to_bytes(2, "big"), CLOSE)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
    },
}


@proves(27, 88)
@pytest.mark.parametrize("sent", BREACHES.values(), ids=BREACHES)
def test_what_breaks_rfc_6455_closes_with_1002(hubs: Hubs, sent: bytes) -> None:
    talker = hubs.joined()
    talker.raw(sent)
    bye = talker.ends(1002)
    assert (bye["name"], bye["reconnect"]) == ("protocol_error", False)


@proves(27)
def test_a_breach_before_connect_is_told_too(hubs: Hubs) -> None:
    talker = hubs.open()
    talker.raw(frame(b"{}", 3))
    talker.ends(1002)


@proves(27)
@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_close_that_is_right_is_answered_with_its_code_and_no_bye(hubs: Hubs, code: int) -> None:
    talker = hubs.joined()
    talker.raw(frame(code.to_bytes(2, "big"), CLOSE))
    assert talker.end() == (code, None)

"""The state of one connection: every fault of the contract, what each ends, and any order of anything."""

from __future__ import annotations

import json
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import LiveBounds
from hub.live import client_commands, messages
from hub.live.client_commands import Connect, Ping, Refresh, Subscribe, Unsubscribe
from hub.live.protocol import OPS, TABLE, Do, End, Send, State
from hub.live.registry import CLOSES
from tests.pure.hub.live.connection_state import CONNECT, EXPIRES_AT, PING, VALID, connection, frame, one, refused

# -- the table


@pytest.mark.parametrize("op", sorted(OPS))
@pytest.mark.parametrize("state", get_args(State))
def test_op_in_a_state_does_what_the_table_says(state: State, op: str) -> None:
    session = connection(state)
    steps = session.receive(frame(VALID[op]), 1.0)
    if state == "closed":
        assert steps == []
    elif (state, op) in TABLE:
        step = one(steps)
        assert isinstance(step, Do)
        assert type(step.command).__name__.removeprefix("Say").lower() == op
        assert session.state == TABLE[state, op]
    else:
        assert isinstance(step := one(steps), End)
        assert step.name == "protocol_error"
        assert session.state == "closed"


def test_table_has_connect_first_and_once() -> None:
    assert {pair for pair in TABLE if pair[1] == "connect" or pair[0] == "new"} == {("new", "connect")}
    assert OPS == {"connect", "subscribe", "unsubscribe", "refresh", "ping", "presence"}


def test_an_accepted_token_is_of_no_use_before_connect_or_after_the_end() -> None:
    session = connection()
    session.accepted(EXPIRES_AT)
    assert session.state == "new"
    session.closed()
    session.accepted(EXPIRES_AT)
    assert session.state == "closed"


# -- what becomes of a command


def test_commands_carry_their_fields() -> None:
    session = connection()
    since = {"tables": "k3v9x0ab:1", "floor:2026-11-24": None}
    steps = session.receive(frame({"op": "connect", "id": "a", "token": "xyz", "since": since}), 0.0)
    assert steps == [Do(Connect("a", "xyz", {"tables": "k3v9x0ab:1", "floor:2026-11-24": None}))]
    session.accepted(EXPIRES_AT)
    said: list[tuple[dict[str, Any], client_commands.Command]] = [
        ({"op": "subscribe", "id": 1, "channel": "tables"}, Subscribe(1, {"tables": None})),
        ({"op": "subscribe", "id": 0, "channel": "c", "since": "k3v9x0ab:7"}, Subscribe(0, {"c": "k3v9x0ab:7"})),
        (
            {"op": "subscribe", "id": 1, "channels": {"b": None, "a": "k3v9x0ab:7"}},
            Subscribe(1, {"b": None, "a": "k3v9x0ab:7"}),
        ),
        ({"op": "subscribe", "id": 1, "channels": {"a": 7}, "channel": None}, Subscribe(1, {"a": None})),
        ({"op": "unsubscribe", "id": -1, "channel": "c"}, Unsubscribe(-1, "c")),
        ({"op": "refresh", "id": "", "token": "t"}, Refresh("", "t")),
        ({"op": "ping", "id": "x" * 64, "more": [1, 2]}, Ping("x" * 64)),
    ]
    for message, command in said:
        assert session.receive(frame(message), 0.0) == [Do(command)]


@pytest.mark.parametrize("fields", [{}, {"token": None}, {"token": None, "since": None}])
def test_connect_without_a_token_is_a_visitors(fields: dict[str, Any]) -> None:
    session = connection()
    assert session.receive(frame({"op": "connect", "id": 1, **fields}), 0.0) == [Do(Connect(1, None, {}))]
    session.accepted(None)
    assert session.state == "open"
    assert session.pass_time(1e9, 1e12) == []  # no token that could end


def test_another_connect_may_follow_a_refused_one() -> None:
    session = connection()
    refused(session.receive(frame({**CONNECT, "token": 7}), 0.0))
    assert session.receive(frame({**CONNECT, "since": None}), 1.0) == [Do(Connect(1, "t", {}))]
    [end] = session.receive(frame(CONNECT), 2.0)
    assert isinstance(end, End) and end.name == "protocol_error"


@pytest.mark.parametrize("fields", [{"channels": {}}, {"channels": []}, {"channels": {"a": None}, "channel": "b"}])
def test_channels_of_a_wrong_form_are_refused(fields: dict[str, Any]) -> None:
    error = refused(connection("open").receive(frame({"op": "subscribe", "id": 1, **fields}), 0.0))
    assert error["code"] == "bad_request" and "channels" in error["message"]


@pytest.mark.parametrize(
    "name",
    [
        "first_frame_seconds",
        "first_frame_bytes",
        "frame_bytes",
        "messages_per_second",
        "message_burst",
        "flood_seconds",
    ],
)
def test_bound_of_nothing_is_no_bound(name: str) -> None:
    session = connection(bounds=LiveBounds(**{name: 0}))
    assert session.pass_time(0.0, 0.0) == []
    assert isinstance(one(session.receive(frame(CONNECT), 0.0)), Do)
    session.accepted(EXPIRES_AT)
    for number in range(200):
        [step] = session.receive(frame(PING), number / 1000)
        assert not isinstance(step, End)


def test_since_is_kept_in_the_order_of_the_frame() -> None:
    names = ["floor:2026-11-24", "tables", "availability:2026-11-24"]
    step = one(connection().receive(frame({**CONNECT, "since": dict.fromkeys(names)}), 0.0))
    assert isinstance(step, Do) and isinstance(step.command, Connect)
    assert list(step.command.since) == names


@pytest.mark.parametrize("since", [None, 7, 1.5, True, [], {}, ["k3v9x0ab:1"], {"epoch": "k3v9x0ab"}])
def test_since_of_another_type_is_as_one_that_cannot_be_read(since: Any) -> None:
    message = {"op": "subscribe", "id": 1, "channel": "tables", "since": since}
    assert connection("open").receive(frame(message), 0.0) == [Do(Subscribe(1, {"tables": None}))]
    connect = one(connection().receive(frame({**CONNECT, "since": {"tables": since}}), 0.0))
    assert connect == Do(Connect(1, "t", {"tables": None}))


# -- faults that end the session

NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"hello",
    b'{"op": "ping", "id": 1,}',
    b"{'op': 'ping'}",
    b'{"op":"ping","id":1}{}',
    b"NaN",
]
NOT_JSON += [b"[" * 4000, b"{" * 4000, b'{"a":' * 800, b"1" * 4000 + b"}", b"\xef\xbb\xbf" + frame(PING)]
NOT_JSON += [b'{"op":"ping","id":"\\ud800"}', b'{"op":"ping","id":1,"x":"\\udfff\\ud800"}']
NO_OP = [
    b"null",
    b"1",
    b"true",
    b'"ping"',
    b"[]",
    b'["ping"]',
    b"{}",
    b'{"id": 1}',
    b'{"op": null}',
    b'{"op": 7, "id": 1}',
]
NO_OP += [b'{"op": ["ping"], "id": 1}', b'{"OP": "ping", "id": 1}']


@pytest.mark.parametrize("state", ["new", "checking", "open"])
def test_frame_that_is_no_object_with_an_op_ends_the_session(state: State) -> None:
    for payload in NOT_JSON + NO_OP:
        session = connection(state)
        step = one(session.receive(payload, 0.0))
        assert isinstance(step, End), payload
        assert step.name == "protocol_error", payload
        assert session.state == "closed", payload


@pytest.mark.parametrize(
    "payload", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", frame(PING) + b"\xfe", b"\xf5\x80\x80\x80"]
)
@pytest.mark.parametrize("state", ["new", "checking", "open"])
def test_frame_that_is_not_utf8_ends_the_session(state: State, payload: bytes) -> None:
    step = one(connection(state).receive(payload, 0.0))
    assert isinstance(step, End)
    assert step.name == "not_utf8"


@pytest.mark.parametrize("state", ["new", "checking", "open"])
def test_binary_frame_ends_the_session_whatever_it_holds(state: State) -> None:
    step = one(connection(state).receive(frame(PING), 0.0, binary=True))
    assert isinstance(step, End)
    assert step.name == "unsupported_data"


@pytest.mark.parametrize(("state", "most"), [("new", 8192), ("checking", 16384), ("open", 16384)])
def test_frame_over_its_size_ends_the_session(state: State, most: int) -> None:
    message = frame(CONNECT if state == "new" else PING)
    session = connection(state)
    assert isinstance(one(session.receive(message.ljust(most), 0.0)), Do)
    step = one(connection(state).receive(message.ljust(most + 1), 0.0))
    assert isinstance(step, End)
    assert step.name == "too_big"


@pytest.mark.parametrize("op", ["subscribe", "unsubscribe", "refresh", "ping", "hello", ""])
def test_command_before_connect_ends_the_session(op: str) -> None:
    step = one(connection().receive(frame({**VALID.get(op, {}), "op": op, "id": 1}), 0.0))
    assert isinstance(step, End)
    assert step.name == "protocol_error"


def test_second_connect_ends_the_session_even_with_wrong_fields() -> None:
    for state in ("checking", "open"):
        step = one(connection(state).receive(frame({"op": "connect"}), 0.0))
        assert isinstance(step, End)
        assert step.name == "protocol_error"


# -- faults that the session survives


@pytest.mark.parametrize("state", ["checking", "open"])
@pytest.mark.parametrize("op", ["hello", "", "PING", "publish", "x" * 1000, "\N{SNOWMAN}"])
def test_unknown_op_is_an_error_and_the_session_lives(state: State, op: str) -> None:
    session = connection(state)
    error = refused(session.receive(frame({"op": op, "id": 9}), 0.0))
    assert (error["code"], error["id"], error["retryable"]) == ("bad_request", 9, False)
    assert session.state == state
    assert session.receive(frame(PING), 0.0) == [Do(Ping("p"))]


WRONG: list[tuple[str, dict[str, Any]]] = [
    *(("connect", {"token": token}) for token in ("", 7, ["t"], {}, "x" * 4097)),
    *(("connect", {"since": since}) for since in ([], "tables", 7)),
    *(("refresh", {"token": token}) for token in (None, "", 7, "x" * 4097, ...)),
    *((op, {"channel": c}) for op in ("subscribe", "unsubscribe") for c in (None, "", 7, ["tables"], "x" * 65, ...)),
    *(
        (op, {"id": id})
        for op in VALID
        for id in (None, 1.5, True, False, [], {}, "x" * 65, 2**53, -(2**53), 10**30, ...)
    ),
]


@pytest.mark.parametrize(("op", "fields"), WRONG)
def test_missing_or_wrong_field_is_an_error_and_the_session_lives(op: str, fields: dict[str, Any]) -> None:
    state: State = "new" if op == "connect" else "open"
    session = connection(state, LiveBounds(first_frame_bytes=16384))
    message = {key: value for key, value in {**VALID[op], **fields}.items() if value is not ...}
    error = refused(session.receive(frame(message), 0.0))
    assert (error["code"], error["retryable"], error["retry_after_ms"]) == ("bad_request", False, None)
    assert error["id"] == (None if "id" in fields else VALID[op]["id"])
    assert next(iter(fields)) in error["message"]
    if op in ("subscribe", "unsubscribe"):
        assert error.get("channel") == (None if "channel" in fields and fields["channel"] != "" else message["channel"])
    assert session.state == state
    assert isinstance(one(session.receive(frame(VALID[op]), 0.0)), Do)


# -- any order of anything

IDS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.just([])
MESSAGES = st.fixed_dictionaries(
    {"op": st.sampled_from([*sorted(OPS), "hello", ""]) | st.none() | st.integers()},
    optional={
        "id": IDS,
        "token": IDS,
        "channel": st.sampled_from(["tables", "floor:2026-11-24", "nonsense"]) | IDS,
        "since": IDS | st.dictionaries(st.text(max_size=70), IDS, max_size=3),
    },
)
ANY_STATE = st.sampled_from(["new", "new", "checking", "open"])
SURROGATES = st.text(st.characters(exclude_categories=()), max_size=10).map(lambda t: frame({"op": "hello", "id": t}))
FRAMES = st.one_of(
    MESSAGES.map(frame), MESSAGES.map(frame), st.sampled_from([frame(CONNECT), frame(PING)]), st.binary(), SURROGATES
)


@given(
    st.lists(st.tuples(FRAMES, st.booleans(), st.sampled_from([0.0, 0.01, 1.0])), max_size=40), ANY_STATE, st.booleans()
)
def test_any_order_of_frames_gives_steps_that_can_be_carried_out(
    said: list[tuple[bytes, bool, float]], begun: State, accept: bool
) -> None:
    session, now, ended = connection(begun), 0.0, False
    for payload, binary, wait in said:
        now += wait
        state = session.state
        steps = session.receive(payload, now, binary=binary and wait == 1.0)
        if ended:
            assert steps == []
            continue
        step = one(steps)  # each frame has exactly one consequence
        if isinstance(step, Do):
            op = type(step.command).__name__.lower()
            assert session.state == TABLE[state, op]
            assert step.command.id is not None
            if op == "connect" and accept:
                session.accepted(EXPIRES_AT)
        elif isinstance(step, Send):
            assert session.state == state
            orjson.dumps(step.message)
            message = json.loads(payload)
            assert step.message["id"] in (None, message.get("id"))
        else:
            assert step.name in CLOSES
            assert session.state == "closed"
            orjson.dumps(messages.bye(step.name, step.reason))
            assert len(step.reason.encode()) <= 123  # what a close frame can hold
            ended = True


@given(st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=64).filter(str.isprintable))
def test_id_is_repeated_as_it_was_sent(id: int | str) -> None:
    session = connection("open")
    assert session.receive(frame({"op": "ping", "id": id}), 0.0) == [Do(Ping(id))]
    assert refused(session.receive(frame({"op": "hello", "id": id}), 0.0))["id"] == id
    assert refused(session.receive(frame({"op": "subscribe", "id": id}), 0.0))["id"] == id


# -- closes and byes

BANDS = {  # docs/live-protocol.md, close codes: code → whether the client comes back, and not sooner than after (ms)
    **dict.fromkeys((1002, 1003, 1007, 1009, 4000, 4001, 4003), False),
    **dict.fromkeys((1011, 1012, 1013, 4002, 4100, 4101, 4200), True),
}


def test_every_close_code_says_what_its_band_says() -> None:
    assert {close.code: close.reconnect for close in CLOSES.values()} == BANDS
    for close in CLOSES.values():
        assert 0 <= close.low <= close.high
        assert close.reconnect or (close.low, close.high) == (0, 0), close


@pytest.mark.parametrize("name", sorted(CLOSES))
def test_bye_names_its_close(name: str) -> None:
    close = CLOSES[name]
    assert messages.bye(name, "why") == {
        "op": "bye",
        "code": close.code,
        "name": close.name,
        "reason": "why",
        "reconnect": close.reconnect,
        "retry_after_ms": [close.low, close.high],
    }


def test_error_that_may_be_tried_again_says_when() -> None:
    assert messages.error(1, "c", "m", retry_after_ms=5)["retryable"] is True
    assert messages.error(1, "c", "m", retryable=True)["retry_after_ms"] is None
    assert "channel" not in messages.error(1, "c", "m")
    assert messages.error(1, "c", "m", channel="tables")["channel"] == "tables"

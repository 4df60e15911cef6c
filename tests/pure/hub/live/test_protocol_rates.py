"""How much a client may say, with an explicit clock: a burst, then a rate, and the end of who floods."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.config import LiveBounds
from hub.live.client_commands import Ping
from hub.live.frames import plain_pong, text_frame
from hub.live.messages import pong
from hub.live.protocol import ConnectionState, Do, End
from tests.pure.hub.live.connection_state import PING, connection, frame, one, refused


def count_allowed(session: ConnectionState, now: float, frames: int) -> int:
    return sum(isinstance(one(session.receive(frame(PING), now)), Do) for _ in range(frames))


def test_rate_allows_a_burst_of_sixty_then_twenty_a_second() -> None:
    session = connection("open")  # connect was one of them
    assert count_allowed(session, 0.0, 100) == 59
    assert count_allowed(session, 1.0, 100) == 20
    assert count_allowed(session, 1.5, 100) == 10
    assert count_allowed(session, 100.0, 100) == 60


def test_rate_counts_errors_too() -> None:
    session = connection("open")
    for _ in range(59):
        assert refused(session.receive(frame({"op": "hello", "id": 1}), 0.0))["code"] == "bad_request"
    assert refused(session.receive(frame({"op": "hello", "id": 1}), 0.0))["code"] == "rate_limited"


def test_message_over_the_rate_is_refused_with_its_id_and_not_executed() -> None:
    session = connection("open")
    count_allowed(session, 0.0, 59)
    error = refused(session.receive(frame({"op": "subscribe", "id": "s", "channel": "tables"}), 0.0))
    assert (error["code"], error["id"], error["retryable"]) == ("rate_limited", "s", True)
    assert error["retry_after_ms"] > 0
    assert session.state == "open"


def test_flood_of_five_seconds_ends_the_session() -> None:
    session = connection("open")
    now, ended = 0.0, None
    while ended is None and now < 20:
        now += 0.02
        step = one(session.receive(frame(PING), now))
        ended = (now, step.name) if isinstance(step, End) else None
    # 50 a second: the burst and the refill last two seconds, and from then on something is refused all the time.
    assert ended is not None and ended[1] == "too_many"
    assert 5 <= ended[0] <= 7.1
    assert session.state == "closed"


def test_flood_that_pauses_begins_anew() -> None:
    session = connection("open")
    for second in range(60):  # a hundred at once every two seconds: never refused for five seconds on end
        for _ in range(100):
            assert not isinstance(one(session.receive(frame(PING), second * 2.0)), End)


@given(st.floats(20.5, 500.0))
def test_flood_of_any_rate_over_the_bound_ends_the_session_in_time(rate: float) -> None:
    session, sent, ended, first = connection("open"), 0, None, None
    while ended is None:
        sent += 1
        now = sent / rate
        step = one(session.receive(frame(PING), now))
        if first is None and not isinstance(step, Do):
            first = now
        ended = now if isinstance(step, End) else None
        if first is not None and ended is None and now > first + 8:
            # So little over the rate that refusals are more than a second apart: that is calm, not a flood.
            assert rate < 21.1
            return
    assert first is not None
    assert 5 <= ended - first <= 5 + 1.1


@given(st.lists(st.floats(0, 2), max_size=200))
def test_rate_never_lets_more_through_than_its_bound(waits: list[float]) -> None:
    session, now, allowed = connection("open"), 0.0, []
    for wait in waits:
        now += wait
        step = one(session.receive(frame(PING), now))
        if isinstance(step, End):
            break
        if isinstance(step, Do):
            allowed.append(now)
    for first in range(len(allowed)):
        for last in range(first, len(allowed)):
            assert last - first + 1 <= 60 + 20 * (allowed[last] - allowed[first]) + 1e-6


def test_rate_of_zero_is_no_bound() -> None:
    session = connection("open", LiveBounds(messages_per_second=0))
    assert count_allowed(session, 0.0, 1000) == 1000


PINGS = st.one_of(
    st.integers(-(10**16), 10**16).map(lambda id: b'{"op":"ping","id":%d}' % id),
    st.integers(0, 10**15).map(lambda id: b'{"op": "ping", "id": %d}' % id),
    st.sampled_from(
        [
            b'{"op":"ping","id":01}', b'{"op":"ping","id":1.0}', b'{"op":"ping","id":"1"}', b'{"op":"ping"}',
            b'{"op":"ping","id":1,"id":2}', b'{"op":"ping","id":1} ', b'{"op":"ping","id":1}\n',
            b'{"op":"pong","id":1}',
        ]
    ),
)  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 0.2), PINGS), max_size=150))
def test_plain_ping_is_judged_and_answered_as_any_other(said: list[tuple[float, bytes]]) -> None:
    """One session reads plain pings the short way, the other reads all of them as it reads everything."""
    short, whole, now = connection("open"), connection("open"), 0.0
    for pause, payload in said:
        now += pause
        id = short.plain_ping(payload, now)
        steps = whole.receive(payload, now)
        if id is None:
            assert short.receive(payload, now) == steps
        else:
            step = one(steps)
            assert isinstance(step, Do) and isinstance(step.command, Ping)
            assert plain_pong(id, (b"a", b"b")) == text_frame(pong(step.command.id, "ab"))
        assert short == whole


def test_plain_ping_is_for_who_is_let_in_and_needs_no_more() -> None:
    payload = b'{"op":"ping","id":5}'
    assert connection("open").plain_ping(payload, 0.0) == b"5"
    assert connection("checking").plain_ping(payload, 0.0) is None  # it waits for the connect
    assert connection("new").plain_ping(payload, 0.0) is None
    ended = connection("open")
    ended.closed()
    assert ended.plain_ping(payload, 0.0) is None


def test_pings_of_the_websocket_count_as_messages_and_end_a_session_that_floods() -> None:
    made = connection("open", LiveBounds(messages_per_second=1, message_burst=3, flood_seconds=2))
    assert [made.control(0.0), made.spent] == [[], False]
    assert [made.control(0.0), made.spent] == [[], True]
    assert [made.control(at) for at in (0.1, 0.9)] == [[], []]  # refused, and not for long
    assert made.control(5.0) == []  # calm since
    ended: list[Any] = []
    now = 5.0
    while not ended:
        now += 0.01
        ended = made.control(now)
        assert now < 10
    step = one(ended)
    assert isinstance(step, End) and step.name == "too_many"
    assert made.control(now) == []  # it is closed

"""What time alone does to a connection: a connect that does not come, a token that ends, and any order of both."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from hub.live.protocol import Action, End, Send, State
from tests.pure.hub.live.connection_state import BOUNDS, EXPIRES_AT, PING, VALID, connection, frame, one

FIRST, EXPIRING, GRACE = BOUNDS.first_frame_seconds, BOUNDS.expiring_seconds, BOUNDS.grace_seconds


def ended(steps: list[Action]) -> str | None:
    """The name of the end among these steps."""
    return next((step.name for step in steps if isinstance(step, End)), None)


def test_connect_that_does_not_come_in_time_ends_the_session() -> None:
    session = connection()
    session.begun_at = 100.0
    assert session.pass_time(100.0 + FIRST, 0.0) == []
    assert ended(session.pass_time(100.1 + FIRST, 0.0)) == "connect_timeout"
    assert session.state == "closed"


def test_token_is_announced_once_to_end_then_has_its_grace_then_ends_the_session() -> None:
    session = connection("open")
    assert session.pass_time(1e6, EXPIRES_AT - EXPIRING - 1) == []
    step = one(session.pass_time(1e6, EXPIRES_AT - EXPIRING))
    assert isinstance(step, Send) and step.message == {"op": "expiring", "in": round(EXPIRING)}
    for wall in (EXPIRES_AT, EXPIRES_AT + GRACE - 0.1):
        assert session.pass_time(1e6, wall) == []
        assert session.receive(frame(PING), 1.0)  # and meanwhile it is served
    assert ended(session.pass_time(1e6, EXPIRES_AT + GRACE)) == "token_expired"


def test_nothing_comes_by_time_before_it_is_due() -> None:
    assert connection().due_at() == -math.inf  # its connect is waited for
    session = connection("open")
    for told in (Send, End):
        due_at = session.due_at()
        assert session.pass_time(1e6, due_at - 0.1) == []
        assert isinstance(one(session.pass_time(1e6, due_at)), told)
    assert session.due_at() == -math.inf


def test_a_session_without_a_token_is_never_due() -> None:
    session = connection("open")
    session.accepted(None)
    assert session.due_at() == math.inf


def test_token_that_has_ended_already_is_announced_with_nothing_left() -> None:
    step = one(connection("open").pass_time(0.0, EXPIRES_AT + 1))
    assert isinstance(step, Send) and step.message["in"] == 0


def test_fresh_token_is_announced_anew() -> None:
    session = connection("open")
    session.pass_time(0.0, EXPIRES_AT)
    session.accepted(EXPIRES_AT + 3600)
    assert session.pass_time(0.0, EXPIRES_AT + GRACE) == []
    assert isinstance(one(session.pass_time(0.0, EXPIRES_AT + 3600)), Send)


def test_nothing_comes_after_the_end() -> None:
    assert connection("closed").pass_time(1e9, 1e9) == []


WAITS = st.sampled_from([0.0, 0.5, 1.0, FIRST, GRACE, EXPIRING])
DOINGS = st.sampled_from([*VALID, "garbage", "token accepted", "token accepted"])


@given(st.lists(st.tuples(WAITS, DOINGS), max_size=60), st.sampled_from(["new", "checking", "open"]))
def test_any_order_of_commands_garbage_and_expiries(said: list[tuple[float, str]], begun: State) -> None:
    """Both deadlines, by a plain account of when they are due."""
    session, now = connection(begun), 0.0
    session.begun_at = 0.0
    expires_at = EXPIRES_AT if begun == "open" else None
    warned = over = False
    for wait, doing in said:
        now += wait
        wall = EXPIRES_AT - 2 * EXPIRING + now
        steps = session.pass_time(now, wall)
        if over:
            assert steps == []
        elif session.state == "checking":
            assert steps == []  # it came in time, whatever becomes of it
        elif expires_at is None:
            assert ended(steps) == ("connect_timeout" if now > FIRST else None)
        elif wall >= expires_at + GRACE:
            assert ended(steps) == "token_expired"
        else:
            due = wall >= expires_at - EXPIRING and not warned
            assert [step.message["op"] for step in steps if isinstance(step, Send)] == ["expiring"] * due
            assert len(steps) == due
            warned = warned or due
        over = over or session.state == "closed"
        if doing == "token accepted":
            if session.state in ("checking", "open"):  # of a connect, or of a refresh
                expires_at, warned = wall + 2 * EXPIRING, False
                session.accepted(expires_at)
        else:
            payload = b"{" if doing == "garbage" else frame(VALID[doing])
            assert not (session.receive(payload, now) and over)
        over = over or session.state == "closed"
    assert (session.state == "closed") == over

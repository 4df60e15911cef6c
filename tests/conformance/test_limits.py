"""The bounds of a session: how often, how many, how slow, how quiet."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import date

import pytest

from tests.conformance.conftest import PATIENCE, Hubs, frame
from tests.conformance.statements import proves

PING = 9


def pings(count: int, first: int = 0) -> bytes:
    return b"".join(frame(json.dumps({"op": "ping", "id": first + n}).encode()) for n in range(count))


@proves(91)
def test_60_frames_at_once_and_what_is_more_is_rate_limited_with_its_id(hubs: Hubs) -> None:
    talker = hubs.joined()  # its first frame
    talker.raw(pings(200))
    answers = {}
    while len(answers) < 200:
        if (message := talker.next())["op"] != "fresh":
            answers[message["id"]] = message
    assert {answers[id]["op"] for id in range(59)} == {"pong"}
    refused = [message for message in answers.values() if message["op"] != "pong"]
    assert refused
    for message in refused:
        assert (message["op"], message["code"], message["retryable"]) == ("error", "rate_limited", True)
        assert message["retry_after_ms"] > 0


@proves(91, 88)
def test_who_goes_on_beyond_the_rate_is_closed_with_4100(hubs: Hubs) -> None:
    bare = hubs.bare()
    bare.say("connect", id=0, token=hubs.token)
    bare.hears("connected")
    codes: set[object] = set()
    bare.raw(pings(50))
    waiting = 50
    for opcode, payload in bare.frames():
        message = json.loads(payload) if opcode == 1 else {"op": opcode}
        codes.add(message.get("code"))
        if message["op"] == "bye":
            break
        waiting -= message["op"] in ("pong", "error")
        if not waiting:  # its own answers are not to fill its line
            bare.raw(pings(50))
            waiting = 50
    assert codes == {None, "rate_limited", 4100}
    assert (message["name"], message["reconnect"]) == ("too_many", True)


@proves(92)
def test_20_a_second_are_free_for_ever(hubs: Hubs) -> None:
    talker = hubs.joined()
    talker.raw(pings(40, 1000))
    for id in range(40):
        talker.raw(pings(1, id))
        time.sleep(1 / 20)  # the rate itself
    talker.raw(pings(1, 5000))
    heard = []
    while (message := talker.next()).get("id") != 5000:
        heard.append(message["op"])
    assert set(heard) <= {"pong", "fresh"}
    assert heard.count("pong") == 80


@proves(93)
def test_pings_of_the_protocol_count(hubs: Hubs) -> None:
    talker = hubs.joined()
    talker.raw(frame(b"", PING) * 200, pings(1))  # in one piece: a moment later another would be free again
    assert talker.answer(0)["code"] == "rate_limited"


@proves(94, 88)
def test_of_a_user_with_more_sessions_than_the_bound_the_oldest_leaves(hubs: Hubs) -> None:
    person = hubs.register()
    talkers = [hubs.joined(person.token) for _ in range(11)]
    bye = talkers[0].ends(4100)
    assert (bye["name"], bye["reconnect"]) == ("too_many", True)
    assert bye["retry_after_ms"][1] > 0
    for talker in talkers[1:]:
        assert talker.ask("ping", id=2)["op"] == "pong"


@proves(95, 88)
@pytest.mark.parametrize("many", [128, 129])
def test_more_than_128_commands_that_wait_close_with_4100(hubs: Hubs, day: date, many: int) -> None:
    talker = hubs.joined(tight=True)
    with hubs.gate.closed():
        talker.raw(frame(json.dumps({"op": "subscribe", "id": -1, "channel": f"availability:{day}"}).encode()))
        assert talker.hears("fresh")  # by now the first is being carried out, and waits for the database
        talker.raw(pings(many))
        if many > 128:
            assert talker.ends(4100)["reason"] == "too many commands wait"
    if many == 128:
        assert talker.answer(127)["op"] == "pong"


@pytest.mark.slow
@proves(96, 88)
def test_who_does_not_read_is_told_anew_when_he_reads_and_cut_off_when_he_does_not(hubs: Hubs, day: date) -> None:
    channel = f"floor:{day}"
    booking = hubs.host.book(day)
    for hour in range(12, 20):
        hubs.host.book(day, f"{hour}:30")
    bare = hubs.bare()
    bare.say("connect", id=0, token=hubs.host.token, since={channel: None})
    bare.hears("snapshot")

    def change_until_slow(outcome: str) -> str:
        """Changes while nothing is read, until the hub finds it slow; the position of the last."""
        before, until, guests = hubs.slow(outcome), time.monotonic() + PATIENCE, 1
        while hubs.slow(outcome) == before:
            assert time.monotonic() < until
            with contextlib.suppress(OSError):  # it was cut off a moment ago
                bare.say("ping", id=1)  # it reads nothing, and is not quiet
            for _ in range(5):
                guests = 3 - guests
                position = hubs.host.done("PATCH", f"/bookings/{booking['id']}", {"guests": guests})["position"]
        return str(position)

    last = change_until_slow("resync")
    assert bare.hears("resync") == {"op": "resync", "channel": channel, "reason": "slow"}
    # No update in between, and what follows has all that was missed.
    messages = (json.loads(payload) for opcode, payload in bare.frames() if opcode == 1)
    while (message := next(messages))["op"] != "snapshot":
        assert message["op"] in ("fresh", "pong")
    while message["position"] != last:
        message = bare.hears("update")
    change_until_slow("closed")
    code, heard = bare.end_of_it()
    if code is not None:  # else the line was too full to take the bye
        assert (code, heard[-1]["op"], heard[-1]["code"]) == (4101, "bye", 4101)


@proves(98)
def test_answers_come_in_the_order_of_the_questions(hubs: Hubs, day: date) -> None:
    talker = hubs.joined()
    for id in range(0, 30, 3):
        talker.say("ping", id=id)
        talker.say("subscribe", id=id + 1, channel=f"availability:{day}")
        talker.say("unsubscribe", id=id + 2, channel=f"availability:{day}")
    answered = []
    while len(answered) < 30:
        if "id" in (message := talker.next()):
            answered.append(message["id"])
    assert answered == list(range(30))


@pytest.mark.slow
@proves(99)
def test_who_is_quiet_is_pinged_and_cut_without_a_word_when_it_does_not_answer(hubs: Hubs) -> None:
    answers = hubs.joined(tight=True)
    bare = hubs.bare()
    bare.say("connect", id=0, token=hubs.token)
    opcodes = [opcode for opcode, _ in bare.frames()]
    assert PING in opcodes
    assert 8 not in opcodes
    assert answers.ask("ping", id=2)["op"] == "pong"

"""Subscriptions: what is a channel, who may watch it, and from where one can go on."""

from __future__ import annotations

import asyncio
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import servers as made
from tests.conformance.conftest import Hubs, Talker
from tests.conformance.statements import proves
from tests.watching import patched

MORE = (
    "INSERT INTO events (stream, version, kind, data, at) SELECT e.stream, s.version + n, e.kind, e.data, "
    "clock_timestamp() - $3::interval FROM streams s, events e, generate_series(1, $2::bigint) n "
    "WHERE s.name = $1 AND e.stream = $1 AND e.version = 1"
)
HEAD = (
    "UPDATE streams SET version = (SELECT max(version) FROM events WHERE stream = $1), "
    "head = (SELECT max(id) FROM events WHERE stream = $1) WHERE name = $1"
)


def booked(hubs: Hubs, day: date) -> tuple[int, str, int]:
    """A booking, and the epoch and version at which it was made."""
    booking = hubs.guest.book(day)
    epoch, version = booking["position"].split(":")
    return booking["id"], epoch, int(version)


def moved_on(hubs: Hubs, day: date, booking: int, many: int, *, age: timedelta = timedelta()) -> str:
    """So many more versions: the last is a change, those before it were made elsewhere, of this age, and nothing was
    told of them. Returns the last one's position, once the hub has caught up with it."""
    witness, _ = hubs.watching(f"availability:{day}")
    if many > 1:
        hubs.query(MORE, f"day:{day}", many - 1, age)
        hubs.query(HEAD, f"day:{day}")
    position = str(hubs.guest.done("PATCH", f"/bookings/{booking}", {"guests": 1})["position"])
    while (message := witness.next()).get("position") != position:
        assert message["op"] in ("fresh", "update", "resync")
    return position


def asked(talker: Talker, channel: str, since: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer to a subscribe, and what follows it of the channel."""
    answer = talker.ask("subscribe", id="asked", channel=channel, since=since)
    assert answer["op"] == "subscribed", answer
    return answer, [message for message in talker.heard_until_pong() if message.get("channel") == channel]


@proves(41)
def test_what_is_current_is_recovered_without_data(hubs: Hubs, day: date) -> None:
    hubs.guest.book(day)
    for channel in (f"availability:{day}", "tables", "mine"):
        talker, snapshot = hubs.watching(channel)
        answer, followed = asked(talker, channel, snapshot["position"])
        assert (answer["recovered"], answer["position"], followed) == (True, snapshot["position"], [])


@proves(42)
@pytest.mark.parametrize("behind", [1, 2, 200])
def test_up_to_200_versions_behind_is_recovered_by_exactly_one_update(hubs: Hubs, day: date, behind: int) -> None:
    booking, epoch, version = booked(hubs, day)
    since = f"{epoch}:{version}"
    assert moved_on(hubs, day, booking, behind) == f"{epoch}:{version + behind}"
    answer, followed = asked(hubs.joined(), f"availability:{day}", since)
    assert (answer["recovered"], answer["position"]) == (True, f"{epoch}:{version + behind}")
    [update] = followed
    assert (update["op"], update["previous"], update["position"]) == ("update", since, answer["position"])


@proves(43, 53)
def test_201_versions_behind_gets_a_snapshot(hubs: Hubs, day: date) -> None:
    booking, epoch, version = booked(hubs, day)
    moved_on(hubs, day, booking, 201)
    answer, followed = asked(hubs.joined(), f"availability:{day}", f"{epoch}:{version}")
    assert (answer["recovered"], answer["position"]) == (False, f"{epoch}:{version + 201}")
    assert [(each["op"], each["position"]) for each in followed] == [("snapshot", answer["position"])]


@proves(44)
def test_a_missed_event_that_is_older_than_ten_minutes_gets_a_snapshot(hubs: Hubs, day: date) -> None:
    booking, epoch, version = booked(hubs, day)
    moved_on(hubs, day, booking, 2, age=timedelta(minutes=11))
    answer, followed = asked(hubs.joined(), f"availability:{day}", f"{epoch}:{version}")
    assert (answer["recovered"], [each["op"] for each in followed]) == (False, ["snapshot"])


@proves(45)
def test_an_old_position_with_young_events_after_it_is_recovered(hubs: Hubs, day: date) -> None:
    booking, epoch, version = booked(hubs, day)
    moved_on(hubs, day, booking, 2, age=timedelta(hours=2))
    answer, followed = asked(hubs.joined(), f"availability:{day}", f"{epoch}:{version + 1}")
    assert (answer["recovered"], [each["op"] for each in followed]) == (True, ["update"])


UNREADABLE: dict[str, Any] = {
    "another epoch": "zzzzzzzz:{version}",
    "the future": "{epoch}:{next}",
    "a leading zero": "{epoch}:0{version}",
    "a sign": "{epoch}:+{version}",
    "a space": "{epoch}: {version}",
    "another digit": "{epoch}:٣",
    "no version": "{epoch}:",
    "no epoch": "{version}",
    "two of them": "{epoch}:{version}:{version}",
    "30 digits": "{epoch}:" + "9" * 30,
    "2^53": "{epoch}:9007199254740992",
    "garbage": "garbage",
    "nothing": "",
    "too long": "x" * 1000,
    "null": None,
    "a number": 7,
    "an object": {},
    "a list": [],
}


@proves(46, 53, 67)
@pytest.mark.parametrize("since", UNREADABLE.values(), ids=UNREADABLE)
def test_a_position_that_can_not_be_continued_gets_a_snapshot(hubs: Hubs, day: date, since: Any) -> None:
    position = hubs.guest.book(day)["position"]
    if isinstance(since, str):
        epoch, version = position.split(":")
        since = since.format(epoch=epoch, version=version, next=int(version) + 1)
    answer, followed = asked(hubs.joined(), f"availability:{day}", since)
    assert (answer["recovered"], answer["position"]) == (False, position)
    assert [(each["op"], each["position"]) for each in followed] == [("snapshot", position)]


@proves(47)
def test_days_from_30_back_to_400_ahead_are_known(hubs: Hubs) -> None:
    talker, venue = hubs.watching("venue")
    today = date.fromisoformat(venue["data"]["service_day"])
    for ahead, op in ((-31, "error"), (-30, "subscribed"), (0, "subscribed"), (400, "subscribed"), (401, "error")):
        answer = talker.ask("subscribe", id=ahead, channel=f"availability:{today + timedelta(days=ahead)}")
        assert (answer["op"], answer.get("code")) == (op, "unknown_channel" if op == "error" else None), ahead


SPELLINGS = [
    "floor", "floor:", "Availability:{day}", "availability: {day}", "availability:{day} ", "availability:{day}:",
    "availability:2026-1-1", "availability:2026-02-30", "availability:20261130", "availability:today", "tables:{day}",
    "mine:1", "venue:1", "day:{day}", "", "x" * 64, "tables\u0000",
]  # fmt: skip


@proves(48)
def test_any_other_spelling_is_no_channel(hubs: Hubs, day: date) -> None:
    talker = hubs.joined()
    for number, spelling in enumerate(SPELLINGS):
        name = spelling.format(day=day)
        refused = talker.ask("subscribe", id=number, channel=name)
        wanted = "unknown_channel" if name else "bad_request"
        assert (refused["op"], refused["code"], refused["retryable"]) == ("error", wanted, False), name
    assert talker.ask("subscribe", id="long", channel="x" * 65)["code"] == "bad_request"


@proves(50)
@pytest.mark.parametrize("role", ["visitor", "user", "host", "admin"])
def test_each_role_may_watch_its_channels_and_no_others(hubs: Hubs, day: date, role: str) -> None:
    person = {"user": hubs.guest, "host": hubs.host, "admin": hubs.admin}.get(role)
    talker = hubs.open()
    connected = talker.ask("connect", id=1, token=person and person.token)
    assert connected["roles"] == ({"main": role} if person else {})
    known = {"user", "host", "admin"}
    for channel, roles in {
        "venue": known | {"visitor"},
        "tables": known,
        "mine": known,
        f"availability:{day}": known,
        f"floor:{day}": {"host", "admin"},
    }.items():
        answer = talker.ask("subscribe", id=channel, channel=channel)
        assert answer.get("code", "subscribed") == ("subscribed" if role in roles else "forbidden"), channel


@pytest.mark.slow
@proves(51)
def test_a_process_that_has_just_started_recovers_as_well(hubs: Hubs, day: date, folder: Path) -> None:
    channel = f"availability:{day}"
    since = hubs.guest.book(day)["position"]
    talker, snapshot = hubs.watching(channel)
    hubs.guest.book(day, "20:00")
    update = talker.hears("update")
    with asyncio.Runner() as runner:
        hub = runner.run(made.start_hub(folder / f"late-{day}", hubs.hub.environ))
        try:
            late = hubs.joined(url=hub.live_url)
            answer, followed = asked(late, channel, since)
            assert (answer["recovered"], answer["position"]) == (True, update["position"])
            [again] = followed
            assert (again["op"], again["previous"]) == ("update", since)
            assert patched(snapshot["data"], again["data"]) == patched(snapshot["data"], update["data"])
        finally:
            assert runner.run(hub.stop()) == 0


@proves(52, 54)
def test_nothing_of_a_channel_before_its_subscribed_and_nothing_after_unsubscribed(hubs: Hubs, day: date) -> None:
    """While it changes all the time."""
    channel, other = f"availability:{day}", f"floor:{day}"
    booking = hubs.host.book(day)
    ended = threading.Event()

    def change() -> None:
        guests = 1
        while not ended.is_set():
            hubs.host.done("PATCH", f"/bookings/{booking['id']}", {"guests": guests})
            guests = 3 - guests

    writing = threading.Thread(target=change)
    writing.start()
    try:
        witness, _ = hubs.watching(other, hubs.host.token)
        talker = hubs.joined(hubs.host.token)
        for id in range(8):
            talker.say("subscribe", id=id, channel=channel)
            while (message := talker.next())["op"] == "fresh":
                pass
            assert (message["op"], message["id"], message["recovered"]) == ("subscribed", id, False)
            held = message["position"]
            snapshot = talker.hears("snapshot")
            assert snapshot["position"] == held
            for _ in range(3):
                update = talker.hears("update")
                assert update["previous"] == held
                held = update["position"]
            talker.say("unsubscribe", id="left", channel=channel)
            talker.answer("left")
            witness.hears("update")
            witness.heard_until_pong()
            witness.hears("update")  # it has changed since
            assert talker.heard_until_pong() == []
    finally:
        ended.set()
        writing.join()


def test_unsubscribe_is_answered_also_of_what_was_not_watched(hubs: Hubs) -> None:
    talker = hubs.joined()
    for name in ("tables", "no channel"):
        assert talker.ask("unsubscribe", id=2, channel=name) == {"op": "unsubscribed", "id": 2, "channel": name}


def test_several_channels_are_answered_each_by_itself_with_one_id(hubs: Hubs, day: date) -> None:
    talker = hubs.joined()
    names = ["tables", f"availability:{day}", f"floor:{day}"]
    talker.say("subscribe", id=2, channels=dict.fromkeys(names))
    assert [(answer := talker.answer(2))["channel"] for _ in names] == names
    assert answer["code"] == "forbidden"
    assert talker.ask("subscribe", id=3, channels={})["code"] == "bad_request"
    assert talker.ask("subscribe", id=4, channel="tables", channels={"tables": None})["code"] == "bad_request"

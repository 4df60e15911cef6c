"""Venues in zones a day apart: the same wall times, dates and table names, and nothing that one answers for another."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.rest import last_sunday
from tests.integration.venues.conftest import Town
from tests.venues import Place, book, day_after
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")
ZONES = {
    "main": ZoneInfo("Europe/Berlin"), "kiri": ZoneInfo("Pacific/Kiritimati"), "pago": ZoneInfo("Pacific/Pago_Pago")
}  # fmt: skip
_days = itertools.count(100)


async def available(town: Town, place: Place, **query: Any) -> dict[str, Any]:
    answer = await town.client.get(f"{place.prefix}/tables/available", params=query, headers=town.user.headers)
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "etag": answer.headers["etag"]}


async def cancel(town: Town, place: Place, booking: dict[str, Any]) -> None:
    path = f"{place.prefix}/bookings/{booking['id']}"
    assert (await town.client.delete(path, headers=town.admin.headers)).status_code == 200


def a_day() -> str:
    """That no other test here books."""
    return (datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=next(_days))).isoformat()


async def test_same_wall_time_is_another_instant_in_each_venue(town: Town) -> None:
    day = a_day()
    made = {slug: await book(town.client, place, town.user, day=day) for slug, place in town.places.items()}
    starts = {slug: datetime.fromisoformat(booking["start_at"]) for slug, booking in made.items()}
    assert {slug: (booking["venue"], booking["service_date"]) for slug, booking in made.items()} == {
        slug: (slug, day) for slug in town.places
    }
    assert {start.replace(tzinfo=None) for start in starts.values()} == {datetime.fromisoformat(f"{day}T18:00")}
    assert starts["pago"] - starts["kiri"] == timedelta(hours=25)
    assert all(made["main"]["start_at"] != made[slug]["start_at"] for slug in ("kiri", "pago"))
    for slug, place in town.places.items():
        mine = (await town.client.get(f"{place.prefix}/bookings/my", headers=town.user.headers)).json()["items"]
        assert {item["id"] for item in mine} == {made[slug]["id"]}
        await cancel(town, place, made[slug])


def date_in(place: Place, back: timedelta = timedelta(0)) -> date:
    """The date that the venue's clocks show, or showed."""
    return (datetime.now(ZONES[place.slug]) - back).date()


async def test_service_day_that_is_on_is_each_venues_own(town: Town) -> None:
    # The one that closes at two in the night has its day until then.
    for slug, night in (("kiri", timedelta(hours=2)), ("pago", timedelta(0))):
        place = town.places[slug]
        expected = {date_in(place, night).isoformat()}
        url = f"{town.hub.url.replace('http:', 'ws:', 1)}{place.prefix}/live"
        async with await Watcher.open(url) as watcher:
            connected = await watcher.ask("connect", since={"venue": None})
            await watcher.until(lambda w=watcher: "venue" in w.held)
            told = {
                connected["venue"]["service_day"],
                watcher.held["venue"].data["service_day"],
                (await town.client.get(f"{place.prefix}/venue")).json()["service_day"],
            }
        assert told <= expected | {date_in(place, night).isoformat()}


async def test_what_is_past_and_what_is_too_far_is_by_each_venues_clock(town: Town) -> None:
    """It is always another date in one of the two than in the other."""
    kiri, pago = town.places["kiri"], town.places["pago"]
    last = {"date": day_after(date_in(kiri).isoformat(), 400), "time": "12:00"}
    booked = await town.client.post("/v/kiri/bookings", json=last, headers=town.user.headers)
    assert booked.status_code == 201, booked.text
    await cancel(town, kiri, booked.json())
    refused = await town.client.post("/v/pago/bookings", json=last, headers=town.user.headers)
    assert refused.json()["error_code"] == "too_far_ahead"
    over = {"date": date_in(pago).isoformat(), "time": "23:30"}
    assert (await available(town, kiri, **over))["tables"] == []
    answer = await town.client.get("/v/pago/tables/available", params=over, headers=town.user.headers)
    assert answer.json()["error_code"] == "outside_opening_hours"


async def test_hours_are_each_venues_own(town: Town) -> None:
    """One closes at two in the night: half past eleven belongs to the day before there alone."""
    day = a_day()
    kiri = town.places["kiri"]
    late = await book(town.client, kiri, town.user, day=day, time="23:30")
    assert (late["service_date"], late["end_at"][:16]) == (day, f"{day_after(day, 1)}T01:30")
    night = await book(town.client, kiri, kiri.guest, day=day_after(day, 1), time="00:00")
    assert night["service_date"] == day
    for slug in ("main", "pago"):
        place = town.places[slug]
        for at in ({"date": day, "time": "23:30"}, {"date": day_after(day, 1), "time": "00:00"}):
            answer = await town.client.post(f"{place.prefix}/bookings", json=at, headers=town.user.headers)
            assert answer.json()["error_code"] == "outside_opening_hours"
    floor = await town.client.get(f"/v/kiri/days/{day}/floor", headers=town.admin.headers)
    assert floor.json()["bookings"].keys() == {str(late["id"]), str(night["id"])}
    for booking in (late, night):
        await cancel(town, kiri, booking)


async def test_clocks_change_in_one_venue_alone(town: Town) -> None:
    changes = last_sunday(3)
    offsets: dict[str, list[str]] = {}
    for slug, place in town.places.items():
        for day in (changes - timedelta(days=1), changes):
            made = await book(town.client, place, town.user, day=day.isoformat(), time="20:00")
            assert made["start_at"].startswith(f"{day}T20:00:00")
            offsets.setdefault(slug, []).append(made["start_at"][19:])
            await cancel(town, place, made)
    assert offsets == {"main": ["+01:00", "+02:00"], "kiri": ["+14:00"] * 2, "pago": ["-11:00"] * 2}


async def test_no_answer_is_kept_for_another_venue(town: Town) -> None:
    """The same question of all three, again and again, while one of them changes: each answer is its own."""
    day = a_day()
    query = {"date": day, "time": "19:00", "guests": "2"}
    first = {slug: await available(town, place, **query) for slug, place in town.places.items()}
    tables = {slug: {table["id"] for table in answer["tables"]} for slug, answer in first.items()}
    assert all(tables.values()) and sum(map(len, tables.values())) == len(set().union(*tables.values()))
    made: list[tuple[Place, dict[str, Any]]] = []
    for slug, place in town.places.items():
        booking = await book(town.client, place, town.user, day=day, time="19:00")
        made.append((place, booking))
        for other, there in town.places.items():
            path = f"{there.prefix}/tables/available"
            headers = {**town.user.headers, "if-none-match": first[other]["etag"]}
            answer = await town.client.get(
                path, params=query | ({"after": booking["position"]} if other == slug else {}), headers=headers
            )
            if other != slug:
                assert answer.status_code == 304
                continue
            first[slug] = {**answer.json(), "etag": answer.headers["etag"]}
            assert {table["id"] for table in first[slug]["tables"]} == tables[slug] - {booking["table"]["id"]}
    for place, booking in made:
        await cancel(town, place, booking)


async def test_same_table_at_the_same_time_is_booked_in_each_venue(town: Town) -> None:
    """Tables of one name, on one date; their days, channels and versions are each venue's own."""
    day = a_day()
    names = [f"{place.channel_prefix}availability:{day}" for place in town.places.values()]
    async with await Watcher.connected(town.hub.live_url, town.user.token, *names) as watcher:
        assert {view.position.partition(":")[2] for view in watcher.held.values()} == {"0"}
        for place, name in zip(town.places.values(), names, strict=True):
            others = {other: watcher.held[other] for other in names if other != name}
            free = (await available(town, place, date=day, time="18:00", guests="2"))["tables"]
            [table] = [each for each in free if each["name"] == "T2-1"]
            made = await book(town.client, place, town.user, day=day, table_id=table["id"])
            await watcher.until(lambda n=name, m=made: watcher.held[n].position == m["position"])
            assert watcher.held[name].data["tables"].keys() == {str(table["id"])}
            assert {other: watcher.held[other] for other in others} == others
            assert made["position"].endswith(":1")
        since = len(watcher.said)
        await watcher.verified(since)
        assert len(watcher.all("update")) == len(names)

"""An evening over REST: walk-ins, who is in the way, other tables, undo and its end, and the same request twice."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.evening.conftest import Tonight
from tests.integration.rest import refused
from tests.tonight import soon
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def name() -> str:
    return secrets.token_hex(4)


async def floor(tonight: Tonight, booking: int) -> Any:
    day = (await tonight.done("GET", f"/bookings/{booking}"))["service_date"]
    return (await tonight.done("GET", f"/days/{day}/floor"))["bookings"].get(str(booking))


async def test_walk_in_sits_at_once_and_is_on_the_floor(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    made = await tonight.done("POST", "/walk-ins", {"guests": 2, "table_ids": [table]})
    assert (made["status"], made["channel"], made["guest"]["name"], made["end_at"] > made["start_at"]) == (
        "seated", "walk-in", "", True,
    )  # fmt: skip
    assert made["seated_at"] == made["start_at"]
    shown = await floor(tonight, made["id"])
    assert (shown["status"], shown["tables"], shown["seated_at"]) == ("seated", [table], made["seated_at"])
    again = await tonight.ask("POST", "/walk-ins", body={"guests": 2, "table_ids": [table]})
    assert refused(again, "slot_taken")["in_the_way"] == [{"what": "booking", "id": made["id"]}]
    named = await tonight.done(
        "POST", "/walk-ins", {"guests": 3, "name": "Ida", "phone": "+49 30 555123", "minutes": 45}
    )
    assert (named["guest"]["name"], named["guest"]["phone"]) == ("Ida", "+4930555123")
    assert (await tonight.kept(named["id"]))["mails"] == 0


async def test_walk_in_that_was_a_slip_is_taken_back_as_if_nobody_had_come(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    body = {"guests": 2, "table_ids": [table], "name": f"Ida {name}", "phone": "+49 30 5550000"}
    made = await tonight.done("POST", "/walk-ins", body)
    path = f"/bookings/{made['id']}"
    assert made["undo"]["action"] == "walk_in"
    kept = await tonight.kept(made["id"])
    event = "SELECT data->'entry' FROM events WHERE data->>'booking' = $1 ORDER BY id DESC LIMIT 1"
    assert kept["entry"] == await tonight.rows.fetchval(event, str(made["id"]))
    refused(await tonight.ask("POST", f"{path}/undo", "guest"), "forbidden")
    key = {"Idempotency-Key": f"slip-{name}"}
    first, second = [await tonight.ask("POST", f"{path}/undo", **key) for _ in "12"]
    assert (first.status_code, first.content) == (200, second.content), first.text
    assert (first.json()["status"], first.json()["seated_at"], first.json()["undo"]) == ("canceled", None, None)
    kept = await tonight.kept(made["id"])
    assert (kept["row_status"], kept["events"], kept["mails"]) == ("canceled", 2, 0)
    assert await floor(tonight, made["id"]) is None
    refused(await tonight.ask("POST", f"{path}/undo"), "conflict")
    acts = (await tonight.done("GET", f"{path}/history"))["items"]
    assert [(each["action"], each["after"]["status"]) for each in acts] == [
        ("walked_in", "seated"), ("undone", "canceled"),
    ]  # fmt: skip
    [known] = (await tonight.done("GET", f"/guests?q=Ida {name}"))["items"]
    assert (known["visits"], known["no_shows"]) == (0, 0)
    again = await tonight.done("POST", "/walk-ins", body)
    assert [each["id"] for each in again["tables"]] == [table]


async def test_walk_in_is_seated_where_somebody_chooses_for_a_reason(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    start = soon(tonight.zone.key)
    await tonight.done("POST", "/holds", {**start, "guests": 2, "table_id": table})
    body = {"guests": 2, "table_ids": [table]}
    told = refused(await tonight.ask("POST", "/walk-ins", body=body), "slot_taken")
    assert (told["in_the_way"][0]["what"], told["exceed"]) == ("hold", ["hold"])
    refused(await tonight.ask("POST", "/walk-ins", body=body | {"exceed": ["hold"]}), "exceed_without_reason")
    made = await tonight.done("POST", "/walk-ins", body | {"exceed": told["exceed"], "reason": "cold outside"})
    assert (made["table"]["id"], made["house_note"]) == (table, "cold outside")


@pytest.mark.parametrize("verb", ["seat", "table"])
async def test_more_than_a_table_is_made_for_are_seated_for_a_reason(tonight: Tonight, name: str, verb: str) -> None:
    small, large = await tonight.table(name), await tonight.table(f"{name} 2", 4)
    booking = await tonight.booked(large, guests=4, start=30)
    await tonight.done("PATCH", f"/bookings/{booking}", {"house_note": "Regular"})
    path, body = f"/bookings/{booking}/{verb}", {"table_ids": [small]}
    assert refused(await tonight.ask("POST", path, body=body), "table_too_small")["exceed"] == ["seats"]
    body["exceed"] = ["seats"]
    refused(await tonight.ask("POST", path, body=body), "exceed_without_reason")
    refused(await tonight.ask("POST", path, body={"exceed": ["seats"], "reason": "why"} | (
        {"swap_with": booking} if verb == "table" else {"table_ids": [small], "exceed": ["hold"]}
    )), "validation_error")  # fmt: skip
    body["reason"] = "their wish"
    answer = await tonight.done("POST", path, body)
    made = answer["items"][0] if verb == "table" else answer
    assert ([each["id"] for each in made["tables"]], made["house_note"]) == ([small], "Regular · their wish")
    acts = (await tonight.done("GET", f"/bookings/{booking}/history"))["items"]
    what = {"seat": "seated", "table": "reseated"}[verb]
    assert [(each["action"], each["exceed"]) for each in acts[-2:]] == [(what, ["seats"]), ("noted", [])]
    shown = await floor(tonight, booking)
    assert shown is not None and shown["house_note"] == "Regular · their wish"
    back = await tonight.done("POST", f"/bookings/{booking}/undo")
    assert ([each["id"] for each in back["tables"]], back["house_note"]) == ([large], "Regular")
    shown = await floor(tonight, booking)
    assert shown is not None and shown["house_note"] == "Regular"
    # What somebody wrote since then stays.
    await tonight.done("POST", path, body)
    await tonight.done("PATCH", f"/bookings/{booking}", {"house_note": "Regular, in a hurry"})
    assert (await tonight.done("POST", f"/bookings/{booking}/undo"))["house_note"] == "Regular, in a hurry"


async def test_reason_of_another_time_goes_with_it(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    booking = await tonight.booked(table, start=30)
    path, body = f"/bookings/{booking}", {"guests": 4, "exceed": ["seats"], "reason": "their wish"}
    made = await tonight.done("PATCH", path, body | {"table_ids": [table], "house_note": "Regular"})
    assert (made["guests"], made["house_note"]) == (4, "Regular · their wish")
    back = await tonight.done("POST", f"{path}/undo")
    assert (back["guests"], back["house_note"]) == (2, "Regular"), "a note is no step, its reason is one"


async def test_seat_at_a_table_where_others_sit_says_who(tonight: Tonight, name: str) -> None:
    table, other = await tonight.table(name), await tonight.table(f"{name} 2")
    booking = await tonight.booked(table, start=30)
    sits = (await tonight.done("POST", "/walk-ins", {"guests": 2, "table_ids": [table]}))["id"]
    before = await tonight.kept(booking)
    answer = await tonight.ask("POST", f"/bookings/{booking}/seat", body={})
    assert refused(answer, "slot_taken")["in_the_way"] == [{"what": "booking", "id": sits}]
    assert await tonight.kept(booking) == before
    seated = await tonight.done("POST", f"/bookings/{booking}/seat", {"table_ids": [other]})
    assert [each["id"] for each in seated["tables"]] == [other] and seated["start_at"] > seated["seated_at"]


async def test_extend_says_who_is_next_and_where_they_could_go(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name, 3)
    booking = await tonight.booked(table, guests=3, start=60, by="guest")
    sits = (await tonight.done("POST", "/walk-ins", {"guests": 3, "table_ids": [table]}))["id"]
    body = refused(await tonight.ask("POST", f"/bookings/{sits}/extend", body={"minutes": 15}), "slot_taken")
    assert (body["next"]["booking_id"], body["next"]["tables"]) == (booking, [table])
    assert body["next"]["could_move_to"] and table not in body["next"]["could_move_to"]
    await tonight.done("POST", f"/bookings/{booking}/table", {"table_ids": body["next"]["could_move_to"]})
    longer = await tonight.done("POST", f"/bookings/{sits}/extend", {"minutes": 15})
    assert longer["end_at"] > body["next"]["start_at"]


async def test_swap_and_pin(tonight: Tonight, name: str) -> None:
    one, other = await tonight.table(name), await tonight.table(f"{name} 2")
    sits = (await tonight.done("POST", "/walk-ins", {"guests": 2, "table_ids": [one]}))["id"]
    comes = await tonight.booked(other, start=15, note="Nuts")
    key = secrets.token_hex(8)
    swapped = await tonight.done("POST", f"/bookings/{sits}/table", {"swap_with": comes}, **{"Idempotency-Key": key})
    assert [(each["id"], each["table"]["id"]) for each in swapped["items"]] == [(sits, other), (comes, one)]
    assert swapped["items"][1]["guest"]["name"] == tonight.people["guest"].name
    assert swapped["items"][1]["note"] == "Nuts"
    again = await tonight.ask("POST", f"/bookings/{sits}/table", body={"swap_with": comes}, **{"Idempotency-Key": key})
    assert again.json() == swapped["items"] and again.headers["idempotency-replayed"] == "true"
    [pinned] = (await tonight.done("POST", f"/bookings/{comes}/table", {"pinned": True}))["items"]
    assert pinned["pinned"] and (await floor(tonight, comes))["pinned"]
    events = (await tonight.kept(comes))["events"]
    assert (await tonight.done("POST", f"/bookings/{comes}/table", {"pinned": True}))["items"] == [pinned]
    assert (await tonight.kept(comes))["events"] == events
    refused(await tonight.ask("POST", f"/bookings/{comes}/table", body={"swap_with": comes}), "conflict")
    refused(await tonight.ask("POST", f"/bookings/{comes}/table", body={"swap_with": 10**9}), "not_found")
    for wrong in ({}, {"swap_with": sits, "pinned": True}):
        refused(await tonight.ask("POST", f"/bookings/{comes}/table", body=wrong), "validation_error")


async def test_undo_of_a_swap_puts_both_back_once_and_is_told_live(tonight: Tonight, name: str) -> None:
    one, other = await tonight.table(name), await tonight.table(f"{name} 2")
    sits = (await tonight.done("POST", "/walk-ins", {"guests": 2, "table_ids": [one]}))["id"]
    comes = await tonight.booked(other, start=150)
    await tonight.done("POST", f"/bookings/{sits}/table", {"swap_with": comes})
    shown = await floor(tonight, comes)
    assert shown["undo"]["swap_with"] == sits and shown["tables"] == [one]
    key = {"Idempotency-Key": secrets.token_hex(8)}
    back = await tonight.done("POST", f"/bookings/{comes}/undo", **key)
    assert (back["table"]["id"], back["undo"]) == (other, None)
    assert [(await floor(tonight, each))["tables"] for each in (sits, comes)] == [[one], [other]]
    again = await tonight.ask("POST", f"/bookings/{comes}/undo", **key)
    assert again.json() == back and again.headers["idempotency-replayed"] == "true"
    refused(await tonight.ask("POST", f"/bookings/{sits}/undo"), "conflict")


async def test_undo_of_another_time_tells_the_guest_and_names_who_is_there_by_now(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    day = (await tonight.done("GET", "/venue"))["service_day"]
    later = await tonight.rows.fetchval("SELECT ($1::text::date + 4)::text", day)
    made = await tonight.done("POST", "/bookings", {"date": later, "time": "15:00", "table_id": table}, "guest")
    path = f"/bookings/{made['id']}"
    await tonight.done("PATCH", path, {"time": "19:00"})
    taken = await tonight.done("POST", "/bookings", {"date": later, "time": "14:00", "table_id": table}, "host")
    body = refused(await tonight.ask("POST", f"{path}/undo"), "slot_taken")
    assert body["in_the_way"] == [{"what": "booking", "id": taken["id"]}]
    await tonight.done("DELETE", f"/bookings/{taken['id']}")
    back = await tonight.done("POST", f"{path}/undo")
    assert (back["start_at"], back["end_at"]) == (made["start_at"], made["end_at"])
    rows = await tonight.rows.fetch("SELECT topic FROM outbox WHERE booking_id = $1 ORDER BY id", made["id"])
    told = [row["topic"] for row in rows if row["topic"] != "reminder"]
    assert told == ["confirmed", "rescheduled", "rescheduled"]


async def test_undo_ends_after_ten_minutes_by_the_databases_clock(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name), start=10)
    canceled = await tonight.done("DELETE", f"/bookings/{booking}")
    assert canceled["undo"]["action"] == "cancel"
    late = (
        "UPDATE bookings SET undo = jsonb_set(undo, '{until}', to_jsonb(hub_instant(clock_timestamp()))) WHERE id = $1"
    )
    until = await tonight.rows.fetchval("SELECT undo FROM bookings WHERE id = $1", booking)
    await tonight.rows.execute(late, booking)
    before = await tonight.kept(booking)
    refused(await tonight.ask("POST", f"/bookings/{booking}/undo"), "conflict")
    assert await tonight.kept(booking) == before
    await tonight.rows.execute("UPDATE bookings SET undo = $2::text::jsonb WHERE id = $1", booking, until)
    back = await tonight.done("POST", f"/bookings/{booking}/undo")
    assert (back["status"], back["canceled_at"], back["undo"]) == ("booked", None, None)


async def test_undo_of_a_cancellation_tells_the_guest_and_reminds_again(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    day = (await tonight.done("GET", "/venue"))["service_day"]
    tomorrow = await tonight.rows.fetchval("SELECT ($1::text::date + 3)::text", day)
    made = await tonight.done("POST", "/bookings", {"date": tomorrow, "time": "18:00", "table_id": table}, "guest")
    booking = made["id"]
    await tonight.done("DELETE", f"/bookings/{booking}", by="guest")
    assert [each["id"] for each in (await tonight.done("GET", "/bookings/my", by="guest"))["items"]].count(booking) == 0
    await tonight.done("POST", f"/bookings/{booking}/undo")
    rows = await tonight.rows.fetch(
        "SELECT topic, payload->>'revision' AS revision FROM outbox WHERE booking_id = $1 ORDER BY id", booking
    )
    assert [(row["topic"], row["revision"]) for row in rows if row["topic"] != "reminder"] == [
        ("confirmed", "1"), ("canceled", "2"), ("confirmed", "3"),
    ]  # fmt: skip
    reminders = [row["revision"] for row in rows if row["topic"] == "reminder"]
    assert reminders.count("3") == reminders.count("1") > 0
    row = await tonight.rows.fetchrow("SELECT notice_revision, canceled_at FROM bookings WHERE id = $1", booking)
    assert tuple(row) == (3, None)
    assert booking in [each["id"] for each in (await tonight.done("GET", "/bookings/my", by="guest"))["items"]]


async def test_a_change_of_day_is_taken_back_on_both_days_at_once(tonight: Tonight, name: str) -> None:
    table = await tonight.table(name)
    day = (await tonight.done("GET", "/venue"))["service_day"]
    first, second = [await tonight.rows.fetchval(f"SELECT ($1::text::date + {n})::text", day) for n in (3, 4)]
    made = await tonight.done("POST", "/bookings", {"date": first, "time": "18:00", "table_id": table}, "guest")
    path = f"/bookings/{made['id']}"
    moved = await tonight.done("PATCH", path, {"date": second, "time": "19:00"})
    assert moved["undo"] == {**moved["undo"], "action": "reschedule", "service_date": first}
    # Somebody else is there by now: who, and nothing is changed on either day.
    other = await tonight.done("POST", "/bookings", {"date": first, "time": "19:00", "table_id": table}, "guest")
    before = await tonight.kept(made["id"])
    answer = await tonight.ask("POST", f"{path}/undo")
    assert refused(answer, "slot_taken")["in_the_way"] == [{"what": "booking", "id": other["id"]}]
    assert await tonight.kept(made["id"]) == before
    await tonight.done("DELETE", f"/bookings/{other['id']}", by="guest")
    key = {"Idempotency-Key": f"{name}-undo"}
    back, again = [await tonight.ask("POST", f"{path}/undo", **key) for _ in "12"]
    assert (back.status_code, back.content) == (200, again.content), back.text
    found = back.json()
    same = ("service_date", "start_at", "end_at", "tables", "status", "guests")
    assert {each: found[each] for each in same} == {each: made[each] for each in same}
    assert (found["undo"], found["left"]["service_date"]) == (None, second)
    for date, is_there in ((first, True), (second, False)):
        shown = (await tonight.done("GET", f"/days/{date}/floor"))["bookings"]
        assert (str(made["id"]) in shown) is is_there
    acts = (await tonight.done("GET", f"{path}/history"))["items"]
    assert [(each["action"], each["after"]["service_date"]) for each in acts] == [
        ("booked", first), ("rescheduled", second), ("undone", first),
    ]  # fmt: skip
    held = "SELECT count(*) FROM occupancies WHERE booking_id = $1"
    assert await tonight.rows.fetchval(held, made["id"]) == 1
    refused(await tonight.ask("POST", f"{path}/undo"), "conflict")


async def test_undo_for_a_guest_who_was_erased_meanwhile(tonight: Tonight, name: str) -> None:
    day = (await tonight.done("GET", "/venue"))["service_day"]
    guest = {"name": f"Gone {name}", "email": f"{name}@example.org"}
    wanted = {"date": day, "time": "18:00", "guest": guest, "table_id": await tonight.table(name)}
    made = await tonight.done("POST", "/bookings", wanted, "host")
    await tonight.done("DELETE", f"/bookings/{made['id']}")
    erased = await tonight.ask("POST", f"/guests/{made['guest']['id']}/erase", "manager")
    assert erased.is_success, erased.text
    before = await tonight.kept(made["id"])
    refused(await tonight.ask("POST", f"/bookings/{made['id']}/undo"), "conflict")
    assert await tonight.kept(made["id"]) == before


async def test_a_late_table_is_finished_after_its_end_and_takes_nothing_of_the_next(
    tonight: Tonight, name: str
) -> None:
    table = await tonight.table(name)
    late = (await tonight.done("POST", "/walk-ins", {"guests": 2, "table_ids": [table], "minutes": 15}))["id"]
    after = (datetime.now(UTC) + timedelta(minutes=17)).astimezone(tonight.zone)
    follows = await tonight.booked(table, date=after.date().isoformat(), time=f"{after:%H:%M}")
    async with tonight.rows.transaction():  # at once: the hub gives a late party what nobody else has
        for each in (late, follows):
            await tonight.shift(each, -21)
    mine = (await tonight.done("GET", "/bookings/my", by="guest"))["items"]
    assert follows in [each["id"] for each in mine]
    answer = await tonight.ask("POST", f"/bookings/{follows}/seat")
    assert {"what": "booking", "id": late} in refused(answer, "slot_taken")["in_the_way"]
    done = await tonight.done("POST", f"/bookings/{late}/finish")
    assert done["left_at"] > done["end_at"]
    await tonight.done("POST", f"/bookings/{follows}/seat")


async def test_my_bookings_have_who_sits_longer_and_not_who_left_early(tonight: Tonight, name: str) -> None:
    async def mine() -> list[int]:
        return [each["id"] for each in (await tonight.done("GET", "/bookings/my", by="guest"))["items"]]

    booking = await tonight.booked(await tonight.table(name), start=-5)
    await tonight.done("POST", f"/bookings/{booking}/arrive")
    assert booking in await mine()
    await tonight.done("POST", f"/bookings/{booking}/seat")
    await tonight.shift(booking, -200)
    assert booking in await mine()
    await tonight.shift(booking, 200)
    async with await Watcher.connected(tonight.hub.live_url, tonight.people["guest"].token, "mine") as watcher:
        assert str(booking) in watcher.held["mine"].data["bookings"]
        await tonight.done("POST", f"/bookings/{booking}/finish")
        assert booking not in await mine()
        await watcher.until(lambda: str(booking) not in watcher.held["mine"].data["bookings"])


STEPS: list[tuple[str, str, Any]] = [
    ("PATCH", "", {"note": "Late, perhaps"}), ("POST", "/arrive", {}), ("POST", "/undo", None), ("POST", "/arrive", {}),
    ("POST", "/seat", {}), ("POST", "/extend", {"minutes": 5}), ("POST", "/finish", None), ("POST", "/undo", None),
    ("POST", "/finish", None),
]  # fmt: skip


async def until_over(
    tonight: Tonight, method: str, path: str, body: dict[str, Any], key: dict[str, str]
) -> httpx.Response:
    """What is answered when neither request with this key is under way any more."""
    while True:
        answer = await tonight.ask(method, path, body=body, **key)
        if answer.status_code != 409 or answer.json()["error_code"] != "in_progress":
            return answer


async def test_each_step_asked_twice_is_done_once(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name), start=-5)
    made = {"guests": 2, "table_ids": [await tonight.table(f"{name} 2")]}
    for method, path, body in [*((method, f"/bookings/{booking}{path}", body) for method, path, body in STEPS),
                               ("POST", "/walk-ins", made)]:  # fmt: skip
        key = {"Idempotency-Key": secrets.token_hex(8)}
        first, second = await asyncio.gather(*(until_over(tonight, method, path, body, key) for _ in range(2)))
        third = await tonight.ask(method, path, body=body, **key)
        assert first.is_success and first.json() == second.json() == third.json(), (path, first.text, second.text)
        replayed = [each.headers.get("idempotency-replayed") for each in (first, second, third)]
        assert sorted(replayed, key=str) == [None, "true", "true"]
        other = await tonight.ask(method, path, body={"guests": 1} if path == "/walk-ins" else {"minutes": 7}, **key)
        assert other.json()["error_code"] in ("idempotency_mismatch", "validation_error")
    row = await tonight.kept(booking)
    assert (row["events"], row["row_status"]) == (len(STEPS) + 2, "finished")  # booked, and moved to be late


async def test_step_of_what_was_changed_meanwhile(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name))
    held = (await tonight.ask("GET", f"/bookings/{booking}")).headers["etag"]
    answer = await tonight.ask("POST", f"/bookings/{booking}/arrive", body={}, **{"If-Match": held})
    assert answer.status_code == 200
    body = refused(await tonight.ask("POST", f"/bookings/{booking}/seat", body={}, **{"If-Match": held}), "changed")
    assert (body["present"]["status"], body["present"]["revision"]) == ("arrived", 2)
    await tonight.done("POST", f"/bookings/{booking}/seat", {}, **{"If-Match": answer.headers["etag"]})


async def test_history_says_every_step_who_took_it_and_the_tables(tonight: Tonight, name: str) -> None:
    one, other = await tonight.table(name), await tonight.table(f"{name} 2")
    booking = await tonight.booked(one, start=1)
    await tonight.done("PATCH", f"/bookings/{booking}", {"note": "Nuts"}, by="guest")
    for path, body in (("arrive", {}), ("undo", {}), ("seat", {}), ("table", {"table_ids": [other]}), ("finish", {})):
        await tonight.done("POST", f"/bookings/{booking}/{path}", body)
    acts = (await tonight.done("GET", f"/bookings/{booking}/history"))["items"]
    assert [act["action"] for act in acts] == ["booked", "noted", "arrived", "undone", "seated", "reseated", "finished"]
    assert [act["after"]["status"] for act in acts] == [
        "booked", "booked", "arrived", "booked", "seated", "seated", "finished",
    ]  # fmt: skip
    assert [act["before"] for act in acts[1:]] == [act["after"] for act in acts[:-1]]
    assert {act["actor"]["name"] for act in acts[2:]} == {tonight.people["host"].name}
    assert [[each["id"] for each in act["after"]["tables"]] for act in acts[-3:]] == [[one], [other], [other]]
    assert acts[2]["after"]["arrived_at"] and acts[3]["after"]["arrived_at"] is None and acts[-1]["after"]["left_at"]

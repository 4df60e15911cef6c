"""What is of one venue no other one tells: every call of the contract and every kind of channel, as everybody."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from hub.domain.roles import STAFF
from hub.domain.roles import VISITOR as NOBODY
from hub.live.channels import KINDS
from hub.manage_links import Link, ManageLinks
from hub.rest.contract import ENDPOINTS
from hub.rest.endpoint import ANYONE, ROLES, Endpoint
from hub.wait_links import WaitLinks
from tests.conftest import SECRET_KEY
from tests.integration.venues.conftest import Town
from tests.servers import PASSWORD
from tests.venues import Person, Place, book, make_person, rows_of
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAIRS = [("kiri", "pago"), ("main", "kiri"), ("kiri", "main")]
"""Where it is asked, and of which venue."""
OTHER = "another good password"
TAKES_AN_ACCOUNT = {"erase", "change_password"}
"""Calls that are made by an account of their own."""
NAMES_A_TABLE = {"book", "hold", "close_tables", "walk_in"}
"""Calls whose body names a table, and who may make them is told that there is none."""
CALLS = [
    pytest.param(endpoint, *pair, id=f"{endpoint.name}-{'-'.join(pair)}")
    for endpoint in ENDPOINTS
    for pair in (PAIRS if endpoint.tag != "accounts" else PAIRS[-1:])  # an account is of no venue
]
OF_A_LINK = ("read_place", "place_here", "place_leave")
"""Calls that need the link of an entry of the waitlist, and no role."""
CALLS_BY_ROLE = [call for call in CALLS if call.values[0].name not in OF_A_LINK]  # type: ignore[union-attr]
_number, _days = itertools.count(), itertools.count(30)


def body_of(endpoint: Endpoint, of: Place, at: Place) -> dict[str, Any] | None:
    """What is sent, with whatever it can name of a venue, at times when the other one is open. A call that is not here
    fails the test: say what it sends."""
    number = next(_number)
    bodies: dict[str, dict[str, Any]] = {
        "register": {
            "email": f"new-{number}@example.com",
            "password": PASSWORD,
            "phone_number": f"+4915550{number:06}",
            "full_name": "Grace New",
        },
        "log_in": {"email": of.guest.email, "password": OTHER},
        "log_out": {},
        "change_profile": {"language": "ru"},
        "change_password": {"old": PASSWORD, "new": OTHER},
        "verify": {"token": "none", "password": OTHER},
        "ask_reset": {"email": of.guest.email},
        "reset": {"token": "none", "password": OTHER},
        "book": {
            "date": of.booking["service_date"],
            "time": "18:00",
            "table_id": of.table["id"],
            "seen": of.booking["position"],
        },
        "hold": {"date": of.booking["service_date"], "time": "18:00", "table_id": of.table["id"]},
        "close_tables": {
            "table_ids": [of.table["id"]],
            "start_at": at.booking["start_at"],
            "end_at": at.booking["end_at"],
        },
        "open_manage_link": {"token": ManageLinks(SECRET_KEY).make(Link(of.booking["id"], 1))},
        "add_guest_note": {"kind": "note", "text": "Likes the window"},
        "walk_in": {"guests": 1, "table_ids": [of.table["id"]]},
        "arrive": {},
        "finish": {},
        "no_show": {},
        "undo": {},
        "seat": {"table_ids": [of.table["id"]]},
        "extend_hold": {},
        "extend": {"minutes": 15},
        "move": {"table_ids": [of.table["id"]]},
        "reschedule_booking": {"guests": 1, "table_id": of.table["id"]},
        "add_table": {"name": f"added {number}", "seats": 2},
        "change_guest": {"name": "Eve Changed"},
        "change_table": {"seats": 5, "name": f"changed {number}", "area_id": of.area["id"]},
        "add_area": {"name": f"added {number}"},
        "change_area": {"name": f"changed {number}"},
        "add_combination": {
            "table_ids": of.combination["table_ids"],
            "min_guests": 2,
            "max_guests": 5,
            "name": f"added {number}",
        },
        "change_combination": {"max_guests": 5},
        "join_waitlist": {"guests": 2, "name": "Eve Waits"},
        "waitlist_ready": {},
        "waitlist_here": {},
        "waitlist_leave": {},
        "undo_waitlist": {},
        "change_waitlist_entry": {"place": 1, "reason": "asked"},
        **{name: {"token": WaitLinks(SECRET_KEY).make(of.waitlist_id)} for name in OF_A_LINK},
        "waitlist_seat": {"table_ids": [of.table["id"]]},
    }
    return bodies[endpoint.name] if endpoint.body is not None else None


def queries_of(endpoint: Endpoint, of: Place) -> list[dict[str, str]]:
    """What it may be asked with that names something of a venue."""
    position, day = of.booking["position"], of.booking["service_date"]
    if endpoint.name == "list_available_tables":
        return [{"date": day, "time": "18:00", "after": position}]
    if endpoint.name == "list_blocks":
        return [{"date": of.block["service_date"]}]
    if endpoint.name == "search_guests":
        return [{"q": of.guest.name}, {"q": of.guest.phone}]
    if endpoint.name == "search_bookings":
        return [{"date": day}, {"q": of.guest.name}, {"q": of.booking["reference"]}]
    if endpoint.name == "print_day":
        return [{}, {"since": position}]
    if "<date:str>" in endpoint.path:
        return [{}, {"after": position}, {"version": position}, {"at": of.booking["created_at"]}]
    return [{}]


async def asked(
    town: Town, endpoint: Endpoint, *, at: Place, of: Place, by: Person, table_of: Place | None = None
) -> list[httpx.Response]:
    """The call in one venue, with the ids of another's things. ``table_of``: whose table its body names,
    and whose secret its path."""
    ids = {
        "booking_id": of.booking["id"],
        "guest_id": of.booking["guest"]["id"],
        "note_id": of.note["id"],
        "table_id": of.table["id"],
        "block_id": of.block["id"],
        "token": (table_of or of).hold["token"],
        "area_id": of.area["id"],
        "combination_id": of.combination["id"],
        "waitlist_id": of.waitlist_id,
        "date": of.booking["service_date"],
    }
    path = re.sub(r"<(\w+):str>", lambda found: str(ids[found[1]]), endpoint.path)
    prefix = at.prefix if endpoint.tag != "operations" else ""
    answers = []
    for query in queries_of(endpoint, of):
        if endpoint.name in TAKES_AN_ACCOUNT and by.id:
            by = await make_person(town.rows, town.tokens)
        given: dict[str, Any] = {"params": query, "headers": by.headers}
        if (body := body_of(endpoint, of, at)) is not None:
            given["json"] = body | (named(table_of, body) if table_of else {})
        answers.append(await town.client.request(endpoint.method, prefix + path, **given))
    return answers


def named(place: Place, body: dict[str, Any]) -> dict[str, Any]:
    """The table of this place, where a body names one."""
    wanted = {"table_id": place.table["id"], "table_ids": [place.table["id"]]}
    return {name: id for name, id in wanted.items() if name in body}


def status_of(endpoint: Endpoint, role: str) -> int | None:
    """The answer to one of this role who names a thing that is not there; None: it names none."""
    if endpoint.who != ANYONE and role == NOBODY:
        return 401
    if endpoint.who in ROLES and role not in ROLES[endpoint.who]:
        return 403
    if endpoint.name == "hold" and role not in STAFF:
        return 403  # they alone may name a table
    if endpoint.name == "extend_hold":
        return 409  # as one that is over: nothing is left of it by which the two could be told apart
    names_one = "_id:str>" in endpoint.path or "<token:str>" in endpoint.path
    return 404 if names_one or endpoint.name in (*NAMES_A_TABLE, *OF_A_LINK) else None


def leaked(text: str, secrets: Iterable[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


def everybody(town: Town, place: Place) -> list[tuple[Person, str]]:
    """All kinds of people, with their role in this venue."""
    return [
        (town.house["visitor"], NOBODY),
        (town.user, "user"),
        (town.house_host, "user" if place.prefix else "host"),
        *((member, role) for role, member in place.members.items()),
        (town.admin, "admin"),
    ]


@pytest.mark.parametrize(("endpoint", "here", "there"), CALLS)
async def test_no_call_in_one_venue_tells_or_changes_anything_of_another(
    town: Town, endpoint: Endpoint, here: str, there: str
) -> None:
    at, of = town.places[here], town.places[there]
    secrets = [*of.people, *of.floor]
    before = await rows_of(town.rows, of.id)
    for person, role in everybody(town, at):
        expected = status_of(endpoint, role)
        for answer in await asked(town, endpoint, at=at, of=of, by=person):
            told = answer.text + str(answer.headers)
            assert leaked(told, secrets) == [], (role, told)
            assert expected is None or answer.status_code == expected, (role, answer.status_code, told)
    assert await rows_of(town.rows, of.id) == before


@pytest.mark.parametrize(("endpoint", "here", "there"), CALLS_BY_ROLE)
async def test_staff_of_one_venue_are_users_in_another(town: Town, endpoint: Endpoint, here: str, there: str) -> None:
    own, at = town.places[here], town.places[there]
    before = await rows_of(town.rows, at.id)
    staff = [*own.members.values(), *((town.house_host,) if at.prefix else ())]
    for person in staff:
        expected = status_of(endpoint, "user")
        for answer in await asked(town, endpoint, at=at, of=at, by=person, table_of=own):
            told = answer.text + str(answer.headers)
            assert leaked(told, at.people) == [], told
            assert expected is None or answer.status_code == expected, (answer.status_code, told)
    assert await rows_of(town.rows, at.id) == before


@pytest.mark.parametrize(("endpoint", "here", "there"), CALLS_BY_ROLE)
async def test_link_to_a_booking_opens_nothing_of_another_venue(
    town: Town, endpoint: Endpoint, here: str, there: str
) -> None:
    own, of = town.places[here], town.places[there]
    token, _ = town.tokens.make_for_link(Link(own.booking["id"], own.booking.get("link_version", 1)))
    guest = Person(0, "", "", "", token)
    secrets = [*of.people, *of.floor]
    before = await rows_of(town.rows, of.id)
    for at in (own, of):
        for answer in await asked(town, endpoint, at=at, of=of, by=guest):
            told = answer.text + str(answer.headers)
            assert leaked(told, secrets) == [], told
            if endpoint.who != ANYONE:
                expected = (404 if "_id:str>" in endpoint.path else 200) if endpoint.scoped else 401
                assert answer.status_code == expected, told
    assert await rows_of(town.rows, of.id) == before


async def test_what_is_looked_for_is_told_to_whom_it_may_be(town: Town) -> None:
    """Else the tests above could not fail."""
    for place in town.places.values():
        told = ""
        for endpoint in ENDPOINTS:
            if endpoint.method == "GET" and endpoint.tag != "accounts":
                answers = await asked(town, endpoint, at=place, of=place, by=place.members["manager"])
                told += "".join(answer.text for answer in answers)
        for text in (
            *place.floor,
            place.block["reason"],
            place.note["text"],
            place.guest.name,
            place.guest.phone,
            place.booking["reference"],
        ):
            assert text in told


@pytest.mark.parametrize(("here", "there"), PAIRS)
async def test_own_booking_takes_no_table_of_another_venue(town: Town, here: str, there: str) -> None:
    at, of = town.places[here], town.places[there]
    mine = await book(town.client, at, town.user, days=next(_days))
    for person in (town.user, at.members["manager"], town.admin):
        answer = await town.client.patch(
            f"{at.prefix}/bookings/{mine['id']}", json={"table_id": of.table["id"]}, headers=person.headers
        )
        assert answer.status_code == 404, answer.text
    for body in ({"table_ids": [of.table["id"]]}, {"swap_with": of.booking["id"]}):
        answer = await town.client.post(
            f"{at.prefix}/bookings/{mine['id']}/table", json=body, headers=at.members["host"].headers
        )
        assert answer.status_code == 404, answer.text
    await cancel(town, at, mine)


async def cancel(town: Town, place: Place, booking: dict[str, Any]) -> None:
    answer = await town.client.delete(f"{place.prefix}/bookings/{booking['id']}", headers=town.admin.headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("here", "there"), PAIRS)
async def test_staff_book_for_no_guest_of_another_venue(town: Town, here: str, there: str) -> None:
    """By their id, or by the name and address that they have there: that is another guest here."""
    at, of = town.places[here], town.places[there]
    body = {"date": of.booking["service_date"], "time": "12:00"}
    guest = of.booking["guest"]
    for member in (at.members["host"], town.admin):
        answer = await town.client.post(
            f"{at.prefix}/bookings", json=body | {"guest": {"id": guest["id"]}}, headers=member.headers
        )
        assert answer.status_code == 404, answer.text
        named = {"name": of.guest.name, "email": of.guest.email}
        answer = await town.client.post(f"{at.prefix}/bookings", json=body | {"guest": named}, headers=member.headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["guest"]["id"] != guest["id"]
        assert answer.json()["guest"]["phone"] is None
        await cancel(town, at, answer.json())


async def test_key_of_a_request_stands_for_one_venue(town: Town) -> None:
    """The same key elsewhere is another request's: its first answer is not given."""
    kiri, pago = town.places["kiri"], town.places["pago"]
    headers = {**town.user.headers, "Idempotency-Key": "one-and-the-same"}
    body = {"date": kiri.booking["service_date"], "time": "12:00"}
    made = await town.client.post("/v/kiri/bookings", json=body, headers=headers)
    assert made.status_code == 201, made.text
    for prefix in (pago.prefix, ""):
        answer = await town.client.post(f"{prefix}/bookings", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (422, "idempotency_mismatch")
    await cancel(town, kiri, made.json())


# -- the live channel


def names_of(place: Place, *, at: Place) -> dict[str, str]:
    """Every channel of a venue, as it is named at another's address; by kind. None is known by a test alone."""
    prefix = "" if place is at else f"{place.slug}/"
    day = place.booking["service_date"]
    return {kind.name: f"{prefix}{kind.name}" + (f":{day}" if kind.dated else "") for kind in KINDS.values()}


def live_url(town: Town, place: Place) -> str:
    return f"{town.hub.url.replace('http:', 'ws:', 1)}{place.prefix}/live"


@pytest.mark.parametrize(("here", "there"), PAIRS)
async def test_no_channel_tells_staff_of_another_venue_more_than_guests(town: Town, here: str, there: str) -> None:
    own, of = town.places[here], town.places[there]
    staff = [*own.members.values(), *((town.house_host,) if of.prefix else ())]
    for at, (person, role) in itertools.product(
        town.places.values(), [(town.house["visitor"], NOBODY), *((each, "user") for each in staff)]
    ):
        async with await Watcher.open(live_url(town, at)) as watcher:
            await watcher.ask("connect", **({"token": person.token} if person.token else {}))
            for kind, name in names_of(of, at=at).items():
                answer = await watcher.ask("subscribe", channel=name)
                allowed = role in KINDS[kind].roles
                assert (answer["op"], answer.get("code")) == (
                    ("subscribed", None) if allowed else ("error", "forbidden")
                ), (kind, answer)
            seen = sum(role in kind.roles for kind in KINDS.values())
            await watcher.until(lambda w=watcher, seen=seen: len(w.held) == seen)
            assert leaked(str(watcher.said), of.people) == []


@pytest.mark.parametrize(("here", "there"), PAIRS)
async def test_channels_of_one_venue_tell_nothing_of_another(town: Town, here: str, there: str) -> None:
    """While somebody books there, of the same date and table names."""
    own, of = town.places[here], town.places[there]
    for at in (own, of):
        names = list(names_of(own, at=at).values())
        async with await Watcher.connected(live_url(town, at), own.members["owner"].token, *names) as watcher:
            held, since = dict(watcher.held), len(watcher.said)
            made = await book(
                town.client, of, of.guest, time="12:00", table_id=of.table["id"], day=own.booking["service_date"]
            )
            await cancel(town, of, made)
            await watcher.verified(since)
            assert watcher.held == held
            secrets = [*of.people, made["reference"], *of.floor]
            assert leaked(str(watcher.said), secrets) == []
            assert not watcher.all("update")


async def test_people_on_a_floor_are_told_to_whom_they_may_be(town: Town) -> None:
    """Else the tests of channels could not fail."""
    for place in town.places.values():
        names = list(names_of(place, at=place).values())
        async with await Watcher.connected(live_url(town, place), place.members["host"].token, *names) as watcher:
            for text in (place.guest.name, place.guest.phone, *place.floor):
                assert leaked(str(watcher.said), [text]) == [text]

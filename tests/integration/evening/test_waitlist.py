"""The waitlist: every status × every action × everybody; another place, undo, and what a guest sees by their link."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx
import pytest

from hub.domain.waitlist import ENDS, TRANSITIONS
from hub.manage_links import Link, ManageLinks
from hub.wait_links import WaitLinks
from tests.conftest import SECRET_KEY
from tests.forgetting import forget_events
from tests.integration.evening.conftest import STAFF, Tonight
from tests.integration.rest import refused

pytestmark = pytest.mark.asyncio(loop_scope="session")
LEADS_TO = {"waiting": (), "ready": ("ready",), "here": ("here",), "seated": ("seat",), "left": ("leave",)}
"""The steps by which a party gets to a status."""
CALLS: dict[str, tuple[str, str, Any]] = {
    "ready": ("POST", "/ready", None),
    "here": ("POST", "/here", None),
    "leave": ("POST", "/leave", None),
    "seat": ("POST", "/seat", None),
    "undo": ("POST", "/undo", None),
    "move": ("PATCH", "", {"place": 1, "reason": "fits"}),
    "correct": ("PATCH", "", {"guests": 3, "name": "Ida Correct", "phone": "+4915550010009"}),
}
EVERYBODY = ("visitor", "user", "guest", "viewer", *STAFF)
PAIRS = list(itertools.product(LEADS_TO, CALLS))
_number = itertools.count()


async def joined(tonight: Tonight, **more: Any) -> dict[str, Any]:
    body = {"guests": 2, "name": f"Ida {next(_number)}", "force": True, **more}
    return await tonight.done("POST", "/waitlist", body)


async def made(tonight: Tonight, status: str) -> dict[str, Any]:
    """A party of this status, with another one before it."""
    await joined(tonight)
    entry = await joined(tonight)
    for step in LEADS_TO[status]:
        await tonight.done("POST", f"/waitlist/{entry['id']}/{step}")
    return entry


async def cleared(tonight: Tonight) -> None:
    """Nobody waits, and nobody sits."""
    day = (await tonight.done("GET", "/venue"))["service_day"]
    shown = await tonight.done("GET", f"/days/{day}/floor")
    for id in shown["waitlist"]:
        await tonight.done("POST", f"/waitlist/{id}/leave")
    for id, booking in shown["bookings"].items():
        if booking["status"] == "seated":
            await tonight.done("POST", f"/bookings/{id}/finish")


async def ask(tonight: Tonight, id: int, action: str, role: str, **headers: str) -> httpx.Response:
    method, path, body = CALLS[action]
    return await tonight.ask(method, f"/waitlist/{id}{path}", role, body, **headers)


async def kept(tonight: Tonight, id: int) -> Any:
    return await tonight.rows.fetchrow(
        "SELECT w.status, w.place, w.revision, w.booking_id IS NOT NULL AS seated, "
        "(SELECT count(*) FROM events e WHERE e.data->>'wait' = w.id::text) AS events FROM waitlist w WHERE w.id = $1",
        id,
    )


async def order(tonight: Tonight) -> list[int]:
    return [item["id"] for item in (await tonight.done("GET", "/waitlist"))["items"]]


def wanted(status: str, action: str) -> str | None:
    """The status after an action; None: it is refused."""
    if action == "undo":
        return "waiting" if status not in ("waiting", "seated") else None
    if action in ("move", "correct"):
        return status if status not in ENDS else None
    return TRANSITIONS.get((status, action))  # type: ignore[call-overload]


@pytest.mark.parametrize(("status", "action"), PAIRS)
async def test_action_from_status_by_everybody(tonight: Tonight, status: str, action: str) -> None:
    entry = await made(tonight, status)
    before, after = await kept(tonight, entry["id"]), wanted(status, action)
    for role in (role for role in EVERYBODY if after is None or role not in STAFF):
        code = "auth_error" if role == "visitor" else "conflict" if role in STAFF else "forbidden"
        refused(await ask(tonight, entry["id"], action, role), code)
        assert await kept(tonight, entry["id"]) == before, role
    if after is not None:
        answer = await ask(tonight, entry["id"], action, "host")
        assert answer.status_code == 200, answer.text
        shown = answer.json().get("entry", answer.json())
        now = await kept(tonight, entry["id"])
        assert shown["status"] == now["status"] == after
        assert (shown["revision"], now["revision"]) == (before["revision"] + 1, before["revision"] + 1)
        assert (now["place"], shown["place"]) == ((1, 1) if action == "move" else (entry["place"], entry["place"]))
    await cleared(tonight)


@pytest.mark.parametrize("action", ["move", "undo", "correct"])
async def test_write_is_conditional_and_may_come_twice(tonight: Tonight, action: str) -> None:
    entry = await made(tonight, "ready")
    late = await ask(tonight, entry["id"], action, "host", **{"If-Match": '"r1"'})
    assert refused(late, "changed")["present"]["status"] == "ready"
    key = {"If-Match": '"r2"', "Idempotency-Key": f"once {action}".replace(" ", "-")}
    first, second = [await ask(tonight, entry["id"], action, "host", **key) for _ in "12"]
    assert (first.status_code, first.content) == (second.status_code, second.content) == (200, second.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert (await kept(tonight, entry["id"]))["revision"] == 3
    await cleared(tonight)


async def test_place_is_changed_and_taken_back_and_the_history_says_who_and_why(tonight: Tonight) -> None:
    first, second, third = [await joined(tonight) for _ in range(3)]
    path = f"/waitlist/{third['id']}"
    moved = await tonight.done("PATCH", path, {"place": first["place"], "reason": "needs"}, by="owner")
    assert (moved["place"], moved["promised_until"]) == (first["place"], third["promised_until"])
    assert await order(tonight) == [third["id"], first["id"], second["id"]]
    behind = await kept(tonight, first["id"])
    assert (behind["place"], behind["revision"]) == (first["place"] + 1, 1)
    await tonight.done("POST", f"{path}/undo")
    assert await order(tonight) == [first["id"], second["id"], third["id"]]
    refused(await ask(tonight, third["id"], "undo", "host"), "conflict")
    history = (await tonight.done("GET", f"{path}/history"))["items"]
    assert [(act["action"], act["reason"], act["actor"]["role"]) for act in history] == [
        ("joined", None, "host"), ("moved", "needs", "owner"), ("undone", None, "host"),
    ]  # fmt: skip
    assert history[1]["before"] == {"status": "waiting", "place": third["place"], "guests": 2, "revision": 1}
    assert history[1]["after"] == {"status": "waiting", "place": first["place"], "guests": 2, "revision": 2}
    quiet = (await tonight.done("GET", f"/waitlist/{first['id']}/history"))["items"]
    assert [act["action"] for act in quiet] == ["joined"]  # it was moved past, and nothing was done to it
    for body in ({"place": 0, "reason": "asked"}, {"place": 1}, {"place": 1, "reason": "Ida was rude"}):
        refused(await tonight.ask("PATCH", path, "host", body), "validation_error")
    refused(await tonight.ask("PATCH", path, "host", {"place": 9_999, "reason": "asked"}), "conflict")
    refused(await tonight.ask("GET", f"{path}9999/history", "host"), "not_found")
    await cleared(tonight)


async def test_who_left_comes_back_to_the_old_place_for_ten_minutes(tonight: Tonight) -> None:
    first, second = [await joined(tonight) for _ in range(2)]
    await tonight.done("POST", f"/waitlist/{first['id']}/leave")
    third = await joined(tonight)
    back = await tonight.done("POST", f"/waitlist/{first['id']}/undo")
    assert (back["status"], back["place"], back["joined_at"]) == ("waiting", first["place"], first["joined_at"])
    assert await order(tonight) == [first["id"], second["id"], third["id"]]
    await tonight.done("POST", f"/waitlist/{second['id']}/leave")
    too_late = "UPDATE waitlist SET changed_at = changed_at - interval '10 minutes' WHERE id = $1"
    await tonight.rows.execute(too_late, second["id"])
    refused(await ask(tonight, second["id"], "undo", "host"), "conflict")
    await cleared(tonight)


async def test_guest_who_waits_anew_or_is_erased_is_not_brought_back(tonight: Tonight) -> None:
    named = {"name": "Ida Again", "phone": "+4915550010001"}
    first = await joined(tonight, **named)
    await tonight.done("POST", f"/waitlist/{first['id']}/leave")
    anew = await joined(tonight, **named)
    told = refused(await ask(tonight, first["id"], "undo", "host"), "already_waiting")
    assert told["waitlist_id"] == anew["id"]
    await tonight.done("POST", f"/waitlist/{anew['id']}/leave")
    assert (await tonight.ask("POST", f"/guests/{first['guest_id']}/erase", "admin")).status_code == 204
    refused(await ask(tonight, anew["id"], "undo", "host"), "not_found")
    assert (await kept(tonight, anew["id"]))["status"] == "left"
    await cleared(tonight)


# ── the guest's link ────────────────────────────────────────────────────────────────────────────────────────────────


async def by_link(tonight: Tonight, token: str, act: str = "", **headers: str) -> httpx.Response:
    return await tonight.client.post(f"/wait{act}", json={"token": token}, headers=headers)


def token_of(entry: dict[str, Any]) -> str:
    page, _, token = entry["link"].rpartition("#")
    assert page.endswith("/wait")
    return str(token)


async def test_guest_sees_their_place_says_that_they_are_here_and_leaves(tonight: Tonight) -> None:
    first, second = [await joined(tonight) for _ in range(2)]
    assert (await tonight.done("GET", f"/waitlist/{second['id']}"))["link"] == second["link"]
    token = token_of(second)
    before = await kept(tonight, second["id"])
    answer = await by_link(tonight, token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "waiting", "guests": 2, "ahead": 1,
        **{name: second[name] for name in ("joined_at", "quoted_from", "quoted_until", "promised_until")},
    }  # fmt: skip
    assert await kept(tonight, second["id"]) == before
    key = {"Idempotency-Key": "i-am-here"}
    answers = [await by_link(tonight, token, "/here", **key) for _ in "12"]
    assert [each.json()["status"] for each in answers] == ["here", "here"]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert (await kept(tonight, second["id"]))["revision"] == 2
    refused(await by_link(tonight, token, "/here"), "conflict")
    await tonight.done("POST", f"/waitlist/{first['id']}/leave")
    assert (await by_link(tonight, token)).json()["ahead"] == 0
    left = (await by_link(tonight, token, "/leave")).json()
    assert (left["status"], left["ahead"]) == ("left", None)
    for act in ("/here", "/leave"):
        refused(await by_link(tonight, token, act), "conflict")
    assert (await tonight.done("POST", f"/waitlist/{second['id']}/undo"))["status"] == "here"
    history = (await tonight.done("GET", f"/waitlist/{second['id']}/history"))["items"]
    assert [(act["action"], act["actor"] and act["actor"]["role"]) for act in history] == [
        ("joined", "host"), ("here", None), ("left", None), ("undone", "host"),
    ]  # fmt: skip
    await cleared(tonight)


async def test_history_begins_with_what_is_kept_and_what_is_forgotten_is_not_undone(tonight: Tonight) -> None:
    path = f"/waitlist/{(await joined(tonight))['id']}"
    await tonight.done("POST", f"{path}/ready")
    assert await forget_events(tonight.rows, later=3) > 0
    assert (await tonight.done("GET", f"{path}/history"))["items"] == []
    refused(await tonight.ask("POST", f"{path}/undo"), "conflict")
    await tonight.done("POST", f"{path}/here")
    refused(await tonight.ask("POST", f"{path}/undo"), "conflict")
    [act] = (await tonight.done("GET", f"{path}/history"))["items"]
    assert (act["action"], act["before"], act["forgotten"]) == ("here", None, True)
    await cleared(tonight)


async def test_link_says_when_the_party_sits(tonight: Tonight) -> None:
    entry = await made(tonight, "seated")
    seen = (await by_link(tonight, token_of(entry))).json()
    assert (seen["status"], seen["ahead"]) == ("seated", None)
    await cleared(tonight)


async def test_who_was_seated_by_mistake_waits_again_where_they_were(tonight: Tonight) -> None:
    first, entry, last = [await joined(tonight) for _ in range(3)]
    before = await kept(tonight, entry["id"])
    booking = (await tonight.done("POST", f"/waitlist/{entry['id']}/seat"))["booking"]
    assert (await by_link(tonight, token_of(entry))).json()["status"] == "seated"
    assert booking["undo"]["action"] == "walk_in"
    undone = await tonight.done("POST", f"/bookings/{booking['id']}/undo")
    assert undone["status"] == "canceled" and (await tonight.kept(booking["id"]))["mails"] == 0
    assert await order(tonight) == [first["id"], entry["id"], last["id"]]
    now = await kept(tonight, entry["id"])
    assert (now["status"], now["place"], now["seated"], now["revision"]) == (
        "waiting", before["place"], False, before["revision"] + 2,
    )  # fmt: skip
    shown = await tonight.done("GET", f"/waitlist/{entry['id']}")
    assert [shown[each] for each in ("link", "joined_at", "promised_until")] == [
        entry[each] for each in ("link", "joined_at", "promised_until")
    ]
    seen = (await by_link(tonight, token_of(entry))).json()
    assert (seen["status"], seen["ahead"], seen["promised_until"]) == ("waiting", 1, entry["promised_until"])
    event = (
        "SELECT e.data->'entry' = hub_wait_entry(w) FROM waitlist w JOIN events e ON e.data->>'wait' = w.id::text "
        "WHERE w.id = $1 ORDER BY e.id DESC LIMIT 1"
    )
    assert await tonight.rows.fetchval(event, entry["id"])
    for of in (f"/waitlist/{entry['id']}", f"/bookings/{booking['id']}"):
        refused(await tonight.ask("POST", f"{of}/undo"), "conflict")
    history = (await tonight.done("GET", f"/waitlist/{entry['id']}/history"))["items"]
    assert [act["action"] for act in history] == ["joined", "seated", "undone"]
    await tonight.done("POST", f"/waitlist/{entry['id']}/seat")
    await cleared(tonight)


async def test_no_other_token_opens_a_place(tonight: Tonight) -> None:
    entry = await joined(tonight)
    others = [
        WaitLinks("l" * 40).make(entry["id"]),
        WaitLinks(SECRET_KEY).make(entry["id"] + 1_000_000),
        ManageLinks(SECRET_KEY).make(Link(entry["id"], 1)),
        token_of(entry)[:-1],
        "none",
    ]
    before = await kept(tonight, entry["id"])
    for token, act in itertools.product(others, ("", "/here", "/leave")):
        refused(await by_link(tonight, token, act), "not_found")
    # Nor is it good for anything else.
    refused(await tonight.client.post("/manage", json={"token": token_of(entry)}), "not_found")
    bearer = {"Authorization": f"Bearer {token_of(entry)}"}
    refused(await tonight.client.get(f"/waitlist/{entry['id']}", headers=bearer), "auth_error")
    assert await kept(tonight, entry["id"]) == before
    old = "UPDATE waitlist SET joined_at = joined_at - interval '24 hours' WHERE id = $1"
    await tonight.rows.execute(old, entry["id"])
    refused(await by_link(tonight, token_of(entry)), "not_found")
    await tonight.rows.execute(old.replace("- interval", "+ interval"), entry["id"])
    await cleared(tonight)


async def test_guest_and_host_at_once_are_both_told_the_truth(tonight: Tonight) -> None:
    entry = await joined(tonight)
    answers = await asyncio.gather(
        by_link(tonight, token_of(entry), "/leave"), ask(tonight, entry["id"], "leave", "host")
    )
    assert sorted(each.status_code for each in answers) == [200, 409], [each.text for each in answers]
    assert (await kept(tonight, entry["id"]))["revision"] == 2
    await cleared(tonight)


# ── many at once ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
async def test_forty_who_join_at_once_all_get_a_place_and_an_answer(tonight: Tonight) -> None:
    entries = await asyncio.gather(*(joined(tonight) for _ in range(40)))
    assert len({entry["place"] for entry in entries}) == 40
    await cleared(tonight)

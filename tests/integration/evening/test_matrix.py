"""Every status × every action × everybody: what the table allows works, all else is refused and changes nothing."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import httpx
import pytest

from hub.domain.lifecycle import TRANSITIONS, UNDONE, Status
from tests.integration.evening.conftest import STAFF, Tonight
from tests.integration.rest import refused

pytestmark = pytest.mark.asyncio(loop_scope="session")
STATUSES: tuple[str, ...] = get_args(Status)
CALLS: dict[str, tuple[str, str, Any]] = {
    "arrive": ("POST", "/arrive", {}),
    "seat": ("POST", "/seat", {}),
    "finish": ("POST", "/finish", None),
    "mark_no_show": ("POST", "/no-show", None),
    "undo": ("POST", "/undo", None),
    "extend": ("POST", "/extend", {"minutes": 5}),
    "move": ("POST", "/table", {"pinned": True}),
    "note": ("PATCH", "", {"note": "By the window"}),
    "reschedule": ("PATCH", "", {"guests": 1}),
    "cancel": ("DELETE", "", None),
}
"""How each action is asked for."""
OF_GUESTS = ("note", "reschedule", "cancel")
"""The calls that are for everybody; whose booking it is, and what the table says, decides."""
LEADS_TO = {"booked": (), "arrived": ("arrive",), "seated": ("seat",), "finished": ("seat", "finish"),
            "no_show": ("mark_no_show",), "canceled": ("cancel",)}  # fmt: skip
"""The actions by which a booking gets to a status."""
REFUSALS = ("conflict", "already_over", "already_canceled")
_number = itertools.count()
EVERYBODY = ("visitor", "user", "guest", "viewer", *STAFF)


def every_pair() -> list[tuple[str, str]]:
    assert {action for _, action in TRANSITIONS} - {"book", "walk_in"} == CALLS.keys() - {"undo"}
    assert LEADS_TO.keys() == set(STATUSES)
    return list(itertools.product(STATUSES, CALLS))


def allowed(status: str, action: str, role: str) -> bool:
    if action == "undo":
        return bool(LEADS_TO[status]) and LEADS_TO[status][-1] in UNDONE and role in STAFF
    found = TRANSITIONS.get((status, action))
    return found is not None and (role in STAFF or (role == "guest" and found.who == "guest"))


def code_of(status: str, action: str, role: str) -> tuple[str, ...]:
    """With which codes it is refused."""
    if role == "visitor":
        return ("auth_error",)
    if action not in OF_GUESTS:
        return REFUSALS if role in STAFF else ("forbidden",)
    if role in ("user", "viewer"):
        return ("not_found",)
    return REFUSALS if role in STAFF or (status, action) not in TRANSITIONS else ("forbidden",)


async def ask(tonight: Tonight, booking: int, action: str, role: str) -> httpx.Response:
    method, path, body = CALLS[action]
    return await tonight.ask(method, f"/bookings/{booking}{path}", role, body)


async def made(tonight: Tonight, status: str) -> int:
    booking = await tonight.booked(await tonight.table(f"{status} {next(_number)}"), start=-5)
    for action in LEADS_TO[status]:
        answer = await ask(tonight, booking, action, "host")
        assert answer.status_code == 200, answer.text
    return booking


async def gone(tonight: Tonight, booking: int) -> None:
    """Its table is for the next."""
    for action in ("finish", "cancel"):
        await ask(tonight, booking, action, "host")


@pytest.mark.parametrize(("status", "action"), every_pair())
async def test_action_from_status_by_everybody(tonight: Tonight, status: str, action: str) -> None:
    booking = await made(tonight, status)
    before = await tonight.kept(booking)
    for role in (role for role in EVERYBODY if not allowed(status, action, role)):
        refused(await ask(tonight, booking, action, role), *code_of(status, action, role))
        assert await tonight.kept(booking) == before, role
    for role in (role for role in EVERYBODY if allowed(status, action, role)):
        before, answer = await tonight.kept(booking), await ask(tonight, booking, action, role)
        assert answer.status_code == 200, (role, answer.text)
        after = await tonight.kept(booking)
        wanted = status_before(status) if action == "undo" else TRANSITIONS[status, action].to
        shown = answer.json()[0] if action == "move" else answer.json()
        assert shown["status"] == after["row_status"] == wanted
        assert after["events"] == before["events"] + 1
        told_of_number = action == "reschedule" and status == "booked"
        mailed = action == "cancel" or (action, status) == ("undo", "canceled") or told_of_number
        assert (after["mails"] > before["mails"]) == mailed, "nobody is mailed for what happens at the table"
        await gone(tonight, booking)
        booking = await made(tonight, status)
    await gone(tonight, booking)


def status_before(status: str) -> str:
    """The status before the last step to this one."""
    return "seated" if status == "finished" else "booked"

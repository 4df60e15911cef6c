"""What only tight bounds, a house around the clock, clocks that change and a public address show."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, Open, Say, Together, joins, registers

OUR_PAGE = {"Origin": "https://book.example.com"}
BEFORE_A_CALL = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


def from_address(number: int) -> dict[str, str]:
    """Of addresses that no other test has: their failures are counted in one Valkey."""
    return {"X-Forwarded-For": f"198.18.77.{number}"}


def book(name: str, keep: str | None = None, **fields: Any) -> Ask:
    return Ask(name, "POST /bookings", {"date": "{day}", "time": "18:00", **fields}, who="mia", keep=keep)


def wrong_password(name: str) -> Ask:
    body = {"email": "nobody@example.com", "password": "wrong horse battery"}
    return Ask(name, "POST /auth/login", body, headers=from_address(1))


REST = Capability(
    "strict rest",
    [
        registers("mia", 801, headers=from_address(3)),
        book("book", keep="first"),
        book("as many as one may have at that time", time="19:00"),
        book("book another day", keep="second", date="{next_day}"),
        Ask("change to as many as one may have at a time", "PATCH /bookings/{second.id}", {"date": "{day}"}, who="mia"),
        Ask("change to what the clock jumps over", "PATCH /bookings/{second.id}", {"date": "{spring}", "time": "02:30"},
            who="mia"),
        book("as many as one may have", date="{third_day}"),
        Ask("change what was just made, past the deadline", "PATCH /bookings/{first.id}", {"time": "19:00"}, who="mia"),
        Ask("cancel what was just made, past the deadline", "DELETE /bookings/{first.id}", who="mia"),
        book("over midnight", date="{third_day}", time="23:30"),
        book("the clock jumps over it", date="{spring}", time="02:30"),
        Ask("free when the clock jumps", "GET /tables/available?date={spring}&time=02:30", who="mia"),
        Ask("free when the clock is set back", "GET /tables/available?date={autumn}&time=02:30&guests=6", who="mia"),
        Ask(
            "free when it was set back", "GET /tables/available?date={autumn}&time=02:30%2B01:00&guests=6", who="mia"
        ),
        Ask("metrics without the token", "GET /metrics"),
        Ask("metrics with the token", "GET /metrics", headers={"Authorization": "Bearer a token for the scraper"},
            shows=lambda text: text.startswith("# HELP ")),
        Ask("a page of ours", "GET /health/live", headers=OUR_PAGE),
        Ask("a page of ours is refused", "GET /auth/me", headers=OUR_PAGE),
        Ask("a page of ours, before a call", "OPTIONS /bookings", headers=OUR_PAGE | BEFORE_A_CALL),
        Ask("another page", "GET /health/live", headers={"Origin": "https://other.example.com"}),
        Ask("another page, before a call", "OPTIONS /bookings",
            headers={"Origin": "https://other.example.com"} | BEFORE_A_CALL),
        Ask("the guest's page at its public address", "HEAD /"),
        wrong_password("a wrong password"),
        *(
            Ask(f"ask for a reset, {number}", "POST /auth/reset-request", {"email": "mia@example.com"},
                headers=from_address(2))
            for number in (1, 2)
        ),
        registers("ned", 802, headers=from_address(3)),
        Together([
            wrong_password("as many log-ins as an address may try"),
            Ask("as many resets as an address may ask for", "POST /auth/reset-request", {"email": "mia@example.com"},
                headers=from_address(2)),
            Ask("as many accounts as an address may make", "POST /auth/register", {
                "email": "oda@example.com", "password": "correct horse battery", "phone_number": "+902125550803",
                "full_name": "Oda Guest",
            }, headers=from_address(3)),
        ]),
    ],
    hub="strict",
)  # fmt: skip
LIVE = Capability(
    "strict live",
    [
        registers("pat", 901, headers=from_address(4)),
        *joins("first", "pat", "tables", "mine"),
        Say("one channel too many", "first", {"op": "subscribe", "id": 2, "channel": "venue"}, ["error venue"]),
        Say("too many frames", "first", {"op": "ping", "id": "again"}, ["error"], times=40),
        *joins("second", "pat", brief=True),
        Say("the oldest session of many leaves", "first", hears=["bye"], ends=True, passes=["error"]),
        *joins("visitor", None, brief=True),
        Open("another visitor: the socket", "other visitor"),
        Say("one visitor too many", "other visitor", {"op": "connect", "id": 1}, ["bye"], ends=True),
    ],
    hub="strict",
)  # fmt: skip

"""POST /manage: the link of a mail becomes a token for one booking, and what that token is good for."""

from __future__ import annotations

from tests.integration.recording.steps import Ask, Capability, Link, registers

CAPABILITY = Capability(
    "manage",
    [
        registers("bea", 1041),
        Ask("book", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2}, who="bea", keep="booked"),
        Ask("book another one", "POST /bookings", {"date": "{next_day}", "time": "18:00"}, who="bea", keep="other"),
        Link("{booked.id}", keep="link"),
        Ask("open the link", "POST /manage", {"token": "{link}"}, keep="opened"),
        Ask("open it again", "POST /manage", {"token": "{link}"}),
        Ask("open a wrong link", "POST /manage", {"token": "x" * 36}),
        Ask("open no link", "POST /manage", {"token": "short"}),
        Ask("open nothing", "POST /manage", {}),
        Ask("open with a field that is unknown", "POST /manage", {"token": "{link}", "booking_id": 1}),
        Ask("open with no JSON", "POST /manage", "link"),
        Ask("read the booking", "GET /bookings/{booked.id}", who="opened"),
        Ask("read another one", "GET /bookings/{other.id}", who="opened"),
        Ask("list all of one's own", "GET /bookings/my", who="opened"),
        Ask("who am I", "GET /auth/me", who="opened"),
        Ask("book with the link", "POST /bookings", {"date": "{day}", "time": "12:00"}, who="opened"),
        Ask("change it", "PATCH /bookings/{booked.id}", {"time": "19:00"}, who="opened"),
        Ask("change another one", "PATCH /bookings/{other.id}", {"time": "19:00"}, who="opened"),
        Ask("its history", "GET /bookings/{booked.id}/history", who="host"),
        Ask("cancel it", "DELETE /bookings/{booked.id}", who="opened"),
        Ask("cancel another one", "DELETE /bookings/{other.id}", who="opened"),
        Ask("open the link of what is canceled", "POST /manage", {"token": "{link}"}),
        Ask("cancel the other", "DELETE /bookings/{other.id}", who="bea"),
    ],
)

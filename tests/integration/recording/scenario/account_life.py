"""POST /auth/verify, /auth/reset-request, /auth/reset, /auth/password; PATCH and DELETE /auth/me; the export."""

from __future__ import annotations

from tests.integration.recording.steps import Ask, Capability, Mail, registers

OLD, NEW, NEWER = "correct horse battery", "another good password", "yet another good one"


def change(name: str, **fields: object) -> Ask:
    return Ask(name, "PATCH /auth/me", fields, who="cleo")


CAPABILITY = Capability(
    "account life",
    [
        registers("cleo", 201),
        registers("dora", 202),
        registers("boss", 203),
        Ask("ask for a reset", "POST /auth/reset-request", {"email": "dora@example.com"}),
        Ask("ask for nobody's reset", "POST /auth/reset-request", {"email": "nobody@example.com"}),
        Ask("ask for a reset of no address", "POST /auth/reset-request", {"email": "dora"}),
        Ask("ask for a reset with no JSON", "POST /auth/reset-request", "dora"),
        Mail("cleo@example.com", "verify", keep="link"),
        Mail("dora@example.com", "verify", keep="other link"),
        Mail("boss@example.com", "verify", keep="third link"),
        Ask("verify with a wrong link", "POST /auth/verify", {"token": "x" * 43}, who="cleo"),
        Ask("verify with no JSON", "POST /auth/verify", "link"),
        Ask("verify without a link", "POST /auth/verify", {}, who="cleo"),
        Ask("verify by the link alone", "POST /auth/verify", {"token": "{link}"}),
        Ask("verify again", "POST /auth/verify", {"token": "{link}"}, who="cleo"),
        Ask("verify by a weak password", "POST /auth/verify", {"token": "{other link}", "password": "password1"}),
        Ask("verify by the password", "POST /auth/verify", {"token": "{other link}", "password": OLD}),
        Ask("the session goes on", "GET /auth/me", who="dora"),
        Ask("an admin's address is verified", "POST /auth/verify", {"token": "{third link}"}, who="boss"),
        Ask("the session before it ended", "GET /auth/me", who="boss"),
        Mail("dora@example.com", "reset", keep="reset link"),
        Ask("reset to a weak password", "POST /auth/reset", {"token": "{reset link}", "password": "password1"}),
        Ask("reset with no JSON", "POST /auth/reset", "link"),
        Ask("reset without a password", "POST /auth/reset", {"token": "{reset link}"}),
        Ask("reset", "POST /auth/reset", {"token": "{reset link}", "password": NEW}, keep="new"),
        Ask("reset again", "POST /auth/reset", {"token": "{reset link}", "password": NEW}),
        Ask("the session before the reset ended", "GET /auth/me", who="dora"),
        Ask("the session of the reset", "GET /auth/me", who="new"),
        Ask("change the password, the old one is wrong", "POST /auth/password", {"old": OLD, "new": NEWER}, who="new"),
        Ask("change the password to a weak one", "POST /auth/password", {"old": NEW, "new": "password1"}, who="new"),
        Ask("change the password without the old one", "POST /auth/password", {"new": NEWER}, who="new"),
        Ask("change the password with no JSON", "POST /auth/password", "new", who="new"),
        Ask("change the password, nobody", "POST /auth/password", {"old": NEW, "new": NEWER}),
        Ask("change the password", "POST /auth/password", {"old": NEW, "new": NEWER}, who="new"),
        Ask("every session ended", "GET /auth/me", who="new"),
        Ask("log in with the new one", "POST /auth/login", {"email": "dora@example.com", "password": NEWER}),
        change("another name", full_name=" Cleo  Patra "),
        change("another number", phone_number="+90 212 555 02 10"),
        change("another language", language="ru"),
        change("nothing"),
        change("a name that is null", full_name=None),
        change("an empty name", full_name=""),
        change("no number", phone_number="12345"),
        change("somebody's number", phone_number="+902125550202"),
        change("a field that is unknown", email="other@example.com"),
        Ask("change with no JSON", "PATCH /auth/me", "name", who="cleo"),
        Ask("change without a token", "PATCH /auth/me", {"language": "en"}),
        Ask("book", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2}, who="cleo", keep="booked"),
        Ask("export", "GET /auth/me/export", who="cleo"),
        Ask("export, the head", "HEAD /auth/me/export", who="cleo"),
        Ask("export without a token", "GET /auth/me/export"),
        Ask("erase with a booking to come", "DELETE /auth/me", who="cleo"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="cleo"),
        Ask("erase", "DELETE /auth/me", who="cleo"),
        Ask("after the erasure", "GET /auth/me", who="cleo"),
        Ask("a host sees no name of the booking", "GET /bookings/{booked.id}", who="host"),
        Ask("erase without a token", "DELETE /auth/me"),
    ],
)

"""GET /print/{date}: a service day as one page, and what changed since an earlier one."""

from __future__ import annotations

import re

from tests.integration.recording.steps import Ask, Capability, registers

SOMEBODY = {"name": "Pia Printed", "phone": "+90 212 555 10 51"}


def lines(page: str) -> list[str]:
    """What stands on the paper, in its order: the cells of a row on one line. Of its head and foot nothing, since a
    date in words, the hour and the epoch differ from run to run."""
    body = page[page.index("</h1>") : page.index("</main>")]
    body = re.sub(r"[a-z0-9]{8}(?=:\d+)", "<epoch>", body)
    rows = re.split(r"</(?:h1|h2|p|tr)>", body)
    cells = [[re.sub(r"<[^e][^>]*>", "", cell).split() for cell in re.split(r"</t[hd]>", row)] for row in rows]
    return [text for row in cells if (text := " | ".join(" ".join(cell) for cell in row).strip(" |"))]


CAPABILITY = Capability(
    "paper",
    [
        registers("cid", 1052),
        Ask("print a day without anybody", "GET /print/{next_day}", who="host", shows=lines),
        Ask("book", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2, "note": "By the <window>"},
            who="cid", keep="booked"),
        Ask("a host books for somebody", "POST /bookings", {
            "date": "{day}", "time": "12:00", "guests": 6, "guest": SOMEBODY, "occasion": "birthday",
            "needs": ["high_chair"], "house_note": "Regular", "table_id": 14,
        }, who="host", keep="other"),
        Ask("note a diet", "POST /guests/{other.guest.id}/notes", {"kind": "dietary", "text": "No nuts"}, who="host"),
        Ask("close a table", "POST /blocks", {
            "table_ids": [1], "start_at": "{day}T12:00:00+03:00", "end_at": "{day}T15:00:00+03:00", "reason": "Paint",
        }, who="host", keep="closed"),
        Ask("print", "GET /print/{day}", who="host", shows=lines),
        Ask("print in Russian, as an admin", "GET /print/{day}?language=ru", who="admin", shows=lines),
        Ask("move one", "PATCH /bookings/{booked.id}", {"time": "19:00"}, who="cid"),
        Ask("print what changed since the first booking", "GET /print/{day}?since={booked.position}", who="host",
            shows=lines),
        Ask("print, the head", "HEAD /print/{day}", who="host"),
        Ask("print since another epoch", "GET /print/{day}?since=aaaaaaaa:1", who="host"),
        Ask("print since no position", "GET /print/{day}?since=yesterday", who="host"),
        Ask("print in no such language", "GET /print/{day}?language=xx", who="host"),
        Ask("print no day", "GET /print/today", who="host"),
        Ask("print a day long ago", "GET /print/{long_ago}", who="host"),
        Ask("print a day too far ahead", "GET /print/{too_far}", who="host"),
        Ask("print as a guest", "GET /print/{day}", who="cid"),
        Ask("print as nobody", "GET /print/{day}"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="cid"),
        Ask("cancel the other", "DELETE /bookings/{other.id}", who="host"),
        Ask("open the table", "DELETE /blocks/{closed.id}", who="host"),
    ],
)  # fmt: skip

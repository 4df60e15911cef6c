"""GET /tables/available, /days/{date}/floor, /days/{date}/availability and /days/{date}/starts."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers

FREE = "/tables/available?date={day}&time=18:00"


def free(name: str, query: str, **how: object) -> Ask:
    return Ask(name, f"GET /tables/available?{query}", who="eve", **how)  # type: ignore[arg-type]


def around_six(body: Any) -> Any:
    return {start: body["starts"][start] for start in ("16:00", "16:15", "18:00", "19:45", "20:00")}


CAPABILITY = Capability(
    "availability",
    [
        registers("eve", 301),
        free("before any booking", "date={day}&time=18:00", keep="before"),
        free("for four", "date={day}&time=18:00&guests=4"),
        free("for more than any table takes", "date={day}&time=18:00&guests=20"),
        free("as it is known", "date={day}&time=18:00", headers={"If-None-Match": "{before.etag}"}),
        free("known weakly", "date={day}&time=18:00", headers={"If-None-Match": 'W/{before.etag}, "other"'}),
        free("known, whatever it is", "date={day}&time=18:00", headers={"If-None-Match": "*"}),
        Ask("the head", f"HEAD {FREE}", who="eve"),
        Ask(
            "book a table of six for two", "POST /bookings", {"date": "{day}", "time": "18:00", "table_id": 15},
            who="eve", keep="booked",
        ),
        free("after the booking", "date={day}&time=18:00&guests=4&after={booked.position}"),
        free("known before the booking", "date={day}&time=18:00&guests=4", headers={"If-None-Match": "{before.etag}"}),
        free("after a position of another epoch", "date={day}&time=18:00&guests=4&after=aaaaaaaa:1"),
        free("when it is over", "date={day}&time=20:00&guests=4"),
        free("while it goes on", "date={day}&time=19:59&guests=4"),
        free("with an offset", "date={day}&time=17:00%2B02:00&guests=4"),
        free("with seconds", "date={day}&time=18:00:00&guests=4"),
        free("no date", "time=18:00"),
        free("no such date", "date=2026-02-30&time=18:00"),
        free("no such time", "date={day}&time=25:00"),
        free("no guests", "date={day}&time=18:00&guests=0"),
        free("too many guests", "date={day}&time=18:00&guests=21"),
        free("guests in words", "date={day}&time=18:00&guests=two"),
        free("no position", "date={day}&time=18:00&after=now"),
        free("a name that is unknown", "date={day}&time=18:00&seats=2"),
        free("a name twice", "date={day}&time=18:00&time=19:00"),
        free("before the house opens", "date={day}&time=11:45"),
        free("too late to dine", "date={day}&time=20:15"),
        free("yesterday", "date={yesterday}&time=18:00"),
        free("long ago", "date={long_ago}&time=18:00"),
        free("too far ahead", "date={too_far}&time=18:00"),
        Ask("without a token", f"GET {FREE}"),
        Ask("posted", f"POST {FREE}", {}, who="eve"),
        Ask("the floor", "GET /days/{day}/floor", who="host", keep="floor"),
        Ask("the floor as it is known", "GET /days/{day}/floor", who="host", headers={"If-None-Match": "{floor.etag}"}),
        Ask("the floor's head", "HEAD /days/{day}/floor", who="host"),
        Ask("the floor of an empty day", "GET /days/{next_day}/floor", who="admin"),
        Ask("the floor for a guest", "GET /days/{day}/floor", who="eve"),
        Ask("the floor for nobody", "GET /days/{day}/floor"),
        Ask("the floor of no day", "GET /days/today/floor", who="host"),
        Ask("the floor of a day too far ahead", "GET /days/{too_far}/floor", who="host"),
        Ask("the day's availability", "GET /days/{day}/availability", who="eve", keep="taken"),
        Ask(
            "the day's availability as it is known", "GET /days/{day}/availability", who="eve",
            headers={"If-None-Match": "{taken.etag}"},
        ),
        Ask("the day's availability, the head", "HEAD /days/{day}/availability", who="eve"),
        Ask("an empty day's availability", "GET /days/{next_day}/availability", who="host"),
        Ask("the day's availability for nobody", "GET /days/{day}/availability"),
        Ask("the availability of no day", "GET /days/2026-2-3/availability", who="eve"),
        Ask("the availability of a day long ago", "GET /days/{long_ago}/availability", who="eve"),
        Ask("the availability, a name that is unknown", "GET /days/{day}/availability?seats=2", who="eve"),
        Ask("a day has nothing else", "GET /days/{day}/weather", who="eve"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="eve", keep="canceled"),
        Ask("the floor afterwards", "GET /days/{day}/floor", who="host", headers={"If-None-Match": "{floor.etag}"}),
        Ask("the day's availability afterwards", "GET /days/{day}/availability", who="eve"),
        free("free again", "date={day}&time=18:00&guests=4&after={canceled.position}"),
        Ask("the floor after the booking", "GET /days/{day}/floor?after={canceled.position}", who="host"),
        Ask("the floor as it was", "GET /days/{day}/floor?version=1", who="host"),
        Ask("the floor as it was, known", "GET /days/{day}/floor?version={booked.position}", who="host",
            headers={"If-None-Match": "{floor.etag}"}),
        Ask("the floor as it was in the beginning", "GET /days/{day}/floor?at=2026-01-01T00:00:00Z", who="admin"),
        Ask("the floor as it will be", "GET /days/{day}/floor?version=9", who="host"),
        Ask("the floor as it was, of two times", "GET /days/{day}/floor?version=1&at=2026-01-01T00:00:00Z", who="host"),
        Ask("the floor as it was, of no version", "GET /days/{day}/floor?version=first", who="host"),
        Ask("the floor, a name that is unknown", "GET /days/{day}/floor?seats=2", who="host"),
        Ask("the availability as it was", "GET /days/{day}/availability?version=1", who="host", keep="was"),
        Ask("the availability as it was, known", "GET /days/{day}/availability?version=1", who="host",
            headers={"If-None-Match": "{was.etag}"}),
        Ask("the availability as it was, for a guest", "GET /days/{day}/availability?version=1", who="eve"),
        Ask("the day's starts", "GET /days/{day}/starts", keep="starts"),
        Ask("the day's starts as they are known", "GET /days/{day}/starts", headers={"If-None-Match": "{starts.etag}"}),
        Ask("the day's starts, the head", "HEAD /days/{day}/starts", who="eve"),
        Ask("book for six", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 6}, who="eve", keep="six"),
        Ask("the day's starts after the booking", "GET /days/{day}/starts?after={six.position}", who="host",
            shows=around_six),
        Ask("the starts after no position", "GET /days/{day}/starts?after={six.position}.1"),
        Ask("the starts of no day", "GET /days/today/starts"),
        Ask("the starts of a day too far ahead", "GET /days/{too_far}/starts"),
        Ask("the starts, a name that is unknown", "GET /days/{day}/starts?guests=2"),
        Ask("the starts as they were", "GET /days/{day}/starts?version=1", who="host", keep="were", shows=around_six),
        Ask("the starts as they were, known", "GET /days/{day}/starts?version=1", who="host",
            headers={"If-None-Match": "{were.etag}"}),
        Ask("the starts as they were, for a guest", "GET /days/{day}/starts?version=1", who="eve"),
        Ask("the starts as they were, for nobody", "GET /days/{day}/starts?version=1"),
        Ask("the starts as they were in another epoch", "GET /days/{day}/starts?version=aaaaaaaa.aaaaaaaaaaaa:1",
            who="host"),
    ],
)  # fmt: skip

"""What the staff do in the room: POST /walk-ins, and POST /bookings/{id}/arrive, seat, table, extend, finish, no-show
and undo, with what a stand is told of each."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import NOTHING, Ask, Capability, Late, Step, hear, joins, registers

FLOOR = "floor:{soon.date}"


def ask(name: str, call: str, body: Any = NOTHING, who: str | None = "host", **how: Any) -> Ask:
    return Ask(name, call, body, who=who, **how)


def did(name: str, call: str, body: Any = NOTHING, **how: Any) -> list[Step]:
    """Of which the stand is told."""
    return [ask(name, call, body, **how), hear(f"the stand is told: {name}", "stand", f"update {FLOOR}")]


def walks_in(name: str, body: dict[str, Any], keep: str) -> list[Step]:
    return did(name, "POST /walk-ins", body, keep=keep)


def books(name: str, keep: str, when: str = "soon", **fields: Any) -> list[Step]:
    body = {"date": f"{{{when}.date}}", "time": f"{{{when}.time}}", "guests": 2, **fields}
    return did(name, "POST /bookings", body, who="abe", keep=keep)


AT_ONCE = {"guests": 2, "table_ids": [1]}
COMES, SITS, LATE = "/bookings/{comes.id}", "/bookings/{sits.id}", "/bookings/{late.id}"
ONCE = {"Idempotency-Key": "arrives-once"}
CAPABILITY = Capability(
    "service",
    [
        registers("abe", 1),
        *joins("stand", "host", FLOOR, brief=True),
        *walks_in("walk in", AT_ONCE, "sits"),
        *walks_in("walk in with a name, for a while", {
            "guests": 3, "name": "Ina Door", "phone": "+90 212 555 00 02", "minutes": 45, "table_ids": [8],
        }, "named"),
        ask("walk in where others sit", "POST /walk-ins", AT_ONCE),
        ask("walk in at a table that is too small", "POST /walk-ins", {"guests": 3, "table_ids": [2]}),
        ask("walk in at it without a reason", "POST /walk-ins", {"guests": 3, "table_ids": [2], "exceed": ["seats"]}),
        *walks_in("walk in at it for a reason", {
            "guests": 3, "table_ids": [2], "exceed": ["seats"], "reason": "With a baby",
        }, "tight"),
        ask("walk in for more than any table takes", "POST /walk-ins", {"guests": 20}),
        ask("walk in at no such table", "POST /walk-ins", {"guests": 2, "table_ids": [999]}),
        ask("walk in, nobody", "POST /walk-ins", {"guests": 0}),
        ask("walk in with a field that is unknown", "POST /walk-ins", {"guests": 2, "note": "Wet"}),
        ask("walk in with no JSON", "POST /walk-ins", "two"),
        ask("walk in as a guest", "POST /walk-ins", AT_ONCE, "abe"),
        ask("walk in as nobody", "POST /walk-ins", AT_ONCE, None),
        *books("book for soon", "comes", table_id=3),
        ask("no-show before the start", f"POST {COMES}/no-show"),
        ask("finish what is booked", f"POST {COMES}/finish"),
        *did("arrive", f"POST {COMES}/arrive", {}, headers=ONCE),
        ask("arrive, asked again", f"POST {COMES}/arrive", {}, headers=ONCE),
        ask("arrive once more", f"POST {COMES}/arrive"),
        ask("arrive as it was", f"POST {COMES}/arrive", headers={"If-Match": '"r1"'}),
        ask("arrive with a field that is unknown", f"POST {COMES}/arrive", {"guests": 2}),
        ask("arrive as the guest", f"POST {COMES}/arrive", who="abe"),
        ask("arrive as nobody", f"POST {COMES}/arrive", who=None),
        ask("what there is not arrives", "POST /bookings/999999/arrive"),
        *did("undo", f"POST {COMES}/undo"),
        ask("undo again", f"POST {COMES}/undo"),
        ask("undo as the guest", f"POST {COMES}/undo", who="abe"),
        ask("seat where others sit", f"POST {COMES}/seat", {"table_ids": [1]}),
        ask("seat at no such table", f"POST {COMES}/seat", {"table_ids": [999]}),
        ask("seat with no JSON", f"POST {COMES}/seat", "now"),
        *did("seat", f"POST {COMES}/seat"),
        ask("seat again", f"POST {COMES}/seat"),
        ask("seat as the guest", f"POST {COMES}/seat", who="abe"),
        *did("other tables", f"POST {COMES}/table", {"table_ids": [4]}),
        ask("other tables where others sit", f"POST {COMES}/table", {"table_ids": [1]}),
        ask("no other tables", f"POST {COMES}/table", {}),
        ask("other tables and another's", f"POST {COMES}/table", {"table_ids": [5], "swap_with": "{sits.id}"}),
        ask("another's tables, which is not there", f"POST {COMES}/table", {"swap_with": 999999}),
        ask("its own tables", f"POST {COMES}/table", {"swap_with": "{comes.id}"}),
        ask("other tables as the guest", f"POST {COMES}/table", {"table_ids": [5]}, "abe"),
        *did("another's tables", f"POST {COMES}/table", {"swap_with": "{sits.id}"}),
        *did("undo the swap", f"POST {SITS}/undo"),
        *did("keep its tables", f"POST {COMES}/table", {"pinned": True}),
        *books("book for later, where they sit", "next", "later", table_id=1),
        *did("extend", f"POST {SITS}/extend", {"minutes": 15}),
        ask("extend until others come", f"POST {SITS}/extend", {"minutes": 60}),
        ask("extend by nothing", f"POST {SITS}/extend", {"minutes": 0}),
        ask("extend without saying for how long", f"POST {SITS}/extend", {}),
        ask("extend what is booked", "POST /bookings/{next.id}/extend", {"minutes": 15}),
        ask("extend as the guest", f"POST {SITS}/extend", {"minutes": 15}, "abe"),
        *did("finish", f"POST {SITS}/finish"),
        ask("finish again", f"POST {SITS}/finish"),
        ask("finish as the guest", f"POST {COMES}/finish", who="abe"),
        *did("undo the finish", f"POST {SITS}/undo"),
        *did("finish after all", f"POST {SITS}/finish"),
        *books("book for soon, and come late", "late", table_id=5),
        Late("{late.id}", 45),
        hear("the stand is told that it began", "stand", f"update {FLOOR}"),
        *did("no-show", f"POST {LATE}/no-show"),
        ask("no-show again", f"POST {LATE}/no-show"),
        ask("no-show as the guest", f"POST {LATE}/no-show", who="abe"),
        *did("undo the no-show", f"POST {LATE}/undo"),
        *did("no-show after all", f"POST {LATE}/no-show"),
        ask("read as the guest", f"GET {COMES}", who="abe"),
        ask("the history", f"GET {COMES}/history"),
        ask("the history of a walk-in", "GET /bookings/{tight.id}/history"),
        *did("a walk-in that was a slip is taken back", "POST /bookings/{tight.id}/undo"),
        *did("finish the one that came", f"POST {COMES}/finish"),
        *did("finish the walk-in with a name", "POST /bookings/{named.id}/finish"),
        *did("cancel the next", "DELETE /bookings/{next.id}"),
    ],
    hub="tonight",
)  # fmt: skip

"""The judge of the host stand: what a screen must show of a day, worked out anew from what the hub says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

LATE_MS = 15 * 60_000
NEAR_MS = 2_500
"""Bars that end now move once a second."""
TICK_MS = 1_500
"""A little more than what passes between two looks of a screen at its clock."""
ENDS_NOW = "overdue"


def ms(text: str | None) -> float:
    assert text is not None
    return datetime.fromisoformat(text).timestamp() * 1000


def phase(booking: dict[str, Any], now: float) -> str:
    if booking["status"] == "booked":
        return "late" if now >= ms(booking["start_at"]) + LATE_MS else "booked"
    if booking["status"] == "seated":
        return ENDS_NOW if now > ms(booking["end_at"]) else "seated"
    return str(booking["status"])


def said(booking: dict[str, Any]) -> str:
    return f"{booking['guest_name'] or 'Walk-in'} {booking['guests']}"


def bars(floor: dict[str, Any], now: float) -> list[tuple[int, int | None, str, str, float, float]]:
    found: list[tuple[int, int | None, str, str, float, float]] = []
    for id, each in floor["bookings"].items():
        start = ms(each["seated_at"] or each["start_at"])
        end = now if phase(each, now) == ENDS_NOW else ms(each["left_at"] or each["end_at"])
        found += [(t, int(id), phase(each, now), said(each), start, max(end, start + 60_000)) for t in each["tables"]]
    for kind, word in (("blocks", "block"), ("holds", "hold")):
        for each in floor[kind].values():
            if kind == "blocks" or ms(each["expires_at"]) > now:
                found += [(t, None, word, "", ms(each["start_at"]), ms(each["end_at"])) for t in each["tables"]]
    return sorted(found, key=lambda bar: (bar[0], bar[4], bar[1] or 0, bar[2]))


def counts(floor: dict[str, Any], now: float) -> list[int]:
    """Covers, seated, to come, late parties, waiting parties."""
    each = [(phase(booking, now), booking["guests"]) for booking in floor["bookings"].values()]

    def guests(*phases: str) -> int:
        return sum(guests for name, guests in each if name in phases)

    covers = sum(guests for name, guests in each if name != "no_show")
    late = sum(name == "late" for name, _ in each)
    seated, to_come = guests("seated", ENDS_NOW), guests("booked", "late", "arrived")
    return [covers, seated, to_come, late, len(floor["waitlist"])]


def waiting_phase(entry: dict[str, Any], now: float) -> str:
    """Late is who waits longer than was promised, by half a minute."""
    is_over = entry["promised_until"] is not None and now > ms(entry["promised_until"]) + 30_000
    return "late" if is_over else str(entry["status"])


def entries(floor: dict[str, Any], shown: int, names: dict[int, str], now: float) -> list[tuple[str, str, int, str]]:
    """The rows of the list that is shown: 0 who comes and who waits, 1 who sits and who is gone, 2 who waits."""
    bookings = [(int(id), each) for id, each in floor["bookings"].items()]

    def rows(found: list[tuple[int, dict[str, Any]]]) -> list[tuple[str, str, int, str]]:
        return [
            (phase(b, now), b["guest_name"] or "Walk-in", b["guests"], " + ".join(names[t] for t in b["tables"]))
            for _, b in found
        ]

    def of(*statuses: str) -> list[tuple[int, dict[str, Any]]]:
        return [(id, each) for id, each in bookings if each["status"] in statuses]

    waits = [
        (waiting_phase(each, now), each["guest_name"], each["guests"], "")
        for each in sorted(floor["waitlist"].values(), key=lambda each: (each["place"], each["joined_at"]))
    ]
    if shown == 0:
        come = of("booked", "arrived")
        come.sort(key=lambda found: (found[1]["status"] != "arrived", ms(found[1]["start_at"]), found[0]))
        return rows(come) + waits
    if shown == 2:
        return waits
    sit = sorted(of("seated"), key=lambda found: (ms(found[1]["end_at"]), found[0]))
    over = of("finished", "no_show")
    over.sort(key=lambda found: (-ms(found[1]["left_at"] or found[1]["start_at"]), -found[0]))
    return rows(sit) + rows(over)


def plan(floor: dict[str, Any], table: int, now: float) -> str:
    """What a table of the plan is coloured by."""
    for block in floor["blocks"].values():
        if table in block["tables"] and ms(block["start_at"]) <= now < ms(block["end_at"]):
            return "block"
    mine = [
        each
        for each in sorted(floor["bookings"].values(), key=lambda each: ms(each["start_at"]))
        if table in each["tables"] and each["status"] in ("booked", "arrived", "seated")
    ]
    for each in mine:
        if each["status"] == "seated":
            return phase(each, now)
    after = [each for each in mine if ms(each["end_at"]) > now]
    if after and (after[0]["status"] == "arrived" or phase(after[0], now) == "late"):
        return phase(after[0], now)
    return "free"


def differences(seen: dict[str, Any], floor: dict[str, Any], names: dict[int, str], now: float) -> list[str]:
    """What a screen shows otherwise than the rows of its position are, in words."""
    wrong: list[str] = []

    def compare(what: str, shown: Any, wanted: Any) -> None:
        if shown != wanted:
            wrong.append(f"{what}: shown {shown}, wanted {wanted}")

    compare("counts", seen["counts"], counts(floor, now))
    status = [each["status"] for each in floor["bookings"].values()]
    come = sum(each in ("booked", "arrived") for each in status)
    compare("tabs", seen["tabs"], [come, status.count("seated"), len(floor["waitlist"])])
    listed = [(e["phase"], e["name"], e["guests"], e["where"]) for e in seen["entries"]]
    wanted = entries(floor, seen["list"], names, now)
    # Beside those who wait stands the table that is free for them now: the page's own advice, no row of the hub.
    bare = [row if row[0] not in ("waiting", "ready", "here") else (*row[:3], "") for row in listed]
    compare("list", bare, wanted)
    if seen["view"] == "plan":
        compare(
            "plan", {t["table"]: t["phase"] for t in seen["plan"]},
            {t["table"]: plan(floor, t["table"], now) for t in seen["plan"]},
        )  # fmt: skip
        return wrong
    found = sorted(seen["bars"], key=lambda bar: (bar["table"], round(bar["start"]), bar["booking"] or 0, bar["phase"]))
    due = bars(floor, now)
    told = [(b["table"], b["booking"], b["phase"], b["said"] if b["booking"] else "") for b in found]
    compare("bars", sorted(told, key=str), sorted((bar[:4] for bar in due), key=str))
    for table, booking, name, _, start, end in due:
        if not any(
            (bar["table"], bar["booking"], bar["phase"]) == (table, booking, name)
            and abs(bar["start"] - start) <= NEAR_MS
            and abs(bar["end"] - end) <= NEAR_MS
            for bar in found
        ):
            beside = [bar for bar in found if bar["table"] == table]
            wrong.append(f"no bar of {booking or name} at {names[table]} from {start} to {end}: {beside}")
    return wrong

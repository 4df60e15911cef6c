"""What the starts of a day cost those who watch them: pure functions, no server and no database.

The first room, with some of its tables combined, and a long evening that has 200 bookings. Each figure is of one
change, or of one snapshot, in milliseconds; and then of what a process holds of a watched day.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
from datetime import UTC, datetime, timedelta
from time import perf_counter_ns
from zoneinfo import ZoneInfo

import orjson

from bench import report
from hub.domain import starts
from hub.domain.calendar import local_text
from hub.domain.change import instant_text
from hub.domain.day import DayView
from hub.domain.floor import Combination, FloorView, Table
from hub.domain.rules import Rules
from hub.domain.starts import DayStarts
from hub.live.channels import STARTS
from hub.live.projections.projection import Rendering
from hub.views.step import Step

SEATS = [2] * 7 + [3] * 6 + [6] * 3
DAY = datetime(2026, 11, 24, tzinfo=UTC)
RULES = Rules(ZoneInfo("UTC"), timedelta(hours=10), timedelta(hours=24), timedelta(hours=2), timedelta(hours=1), 400)
BOOKINGS = 200
CHANGES = 2_000
DAYS = 425
"""So many days a venue of these rules has: those that visitors can watch."""
SAMPLE = 20
"""So many of them are held to say what one takes."""
QUARTER = timedelta(minutes=15)


def measure() -> str:
    floor = FloorView(
        1,
        [Table(id, f"T{id}", seats) for id, seats in enumerate(SEATS, 1)],
        combinations=[
            Combination(number, "", ids, most // 2, most)
            for number, (ids, most) in enumerate((((1, 2), 4), ((3, 4), 4), ((14, 15), 12), ((14, 15, 16), 18)), 1)
        ],
    )
    chance, view = random.Random(7), DayView(DAY.date(), 1, {})
    while len(view.entries) < BOOKINGS:
        table = chance.randrange(len(SEATS)) + 1
        begins = DAY + timedelta(hours=10) + chance.randrange(56) * QUARTER
        ends = begins + 3 * QUARTER
        if all(end <= begins or start >= ends for start, end in view.taken.get(table, ())):
            since, until = instant_text(begins), instant_text(ends)
            view.put(len(view.entries) + 1, {
                "guest_id": 1, "user_id": None, "table_id": table, "guests": 2, "starts_at": since, "ends_at": until,
                "status": "booked", "revision": 1, "occupied": [[table, since, until]],
            })  # fmt: skip
    slots, floor_served = starts.slots_of(DAY.date(), RULES), starts.served(floor, RULES)
    offer = starts.offer(slots, floor_served)
    rendering = Rendering(lambda at: local_text(at, RULES), {})
    shown, changes, snapshots, offers = DayStarts(view, offer), [], [], []
    shown.free()
    for _ in range(CHANGES):
        id = chance.choice(list(view.raw))
        entry, [table] = view.raw[id], view.entries[id].tables
        for data in (None, entry):  # a booking is canceled, and made again
            view.put(id, data)
            view.version += 1
            step = Step(view.version, DAY, frozenset((id,)), frozenset((table,)))
            began = perf_counter_ns()
            orjson.dumps(STARTS.update(shown, [step], rendering))
            changes.append((perf_counter_ns() - began) / 1e6)
        began = perf_counter_ns()
        orjson.dumps(STARTS.snapshot(DayStarts(view, offer), rendering))
        snapshots.append((perf_counter_ns() - began) / 1e6)
        began = perf_counter_ns()
        starts.offer(slots, starts.served(FloorView(1, floor.tables.values()), RULES))
        offers.append((perf_counter_ns() - began) / 1e6)
    what = f"{BOOKINGS} bookings, {len(SEATS)} tables, {len(offer.slots)} starts, {starts.GUESTS_MAX} sizes"
    rows = [
        [name, *(f"{report.percentile(millis, part):.2f}" for part in (0.5, 0.99))]
        for name, millis in (
            ("a change of the day, for all who watch its starts", changes),
            ("a snapshot that nobody had at this version", snapshots),
            ("a change of the tables, beside its snapshot", offers),
        )
    ]
    return report.table(f"The starts of a day: {what}", ("", "p50, ms", "p99, ms"), rows) + "\n" + _held(floor, view)


def _held(floor: FloorView, busy: DayView) -> str:
    """What a process holds of watched days, beside what all days share: the view, which every channel of the day needs,
    and the starts at as many versions as are remembered."""
    served, rows = starts.served(floor, RULES), []
    for name, view in (("no booking", DayView(DAY.date(), 1, {})), (f"{BOOKINGS} bookings", busy)):
        written = orjson.dumps(view.checkpoint())
        gc.collect()
        tracemalloc.start()
        views = [DayView.restore(DAY.date(), orjson.loads(written)) for _ in range(SAMPLE)]
        of_views, _ = tracemalloc.get_traced_memory()
        shown = [DayStarts(each, starts.offer(starts.slots_of(DAY.date(), RULES), served)) for each in views]
        for each in shown:
            for _ in range(starts.VERSIONS_KEPT):
                each.free()
                each.day_view.version += 1
        of_all, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        kib = [bytes / SAMPLE / 1024 for bytes in (of_views, of_all - of_views)]
        rows.append([name, *(f"{each:,.0f}" for each in kib), f"{sum(kib) * DAYS / 1024:,.0f}"])
    head = ("a watched day with", "its view, KiB", "its starts, KiB", f"{DAYS} days of both, MiB")
    return report.table("What a process holds of the starts", head, rows)

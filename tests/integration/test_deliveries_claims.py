"""Claims: one row of an ordering key at a time, the oldest first, each row by one worker; and the guards' controls."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from typing import Any

import pytest

from hub.config import Settings
from hub.store import database, mails, outbox
from hub.store.outbox import Expired, OutboxEntry, Outcome
from tests import rows
from tests.conftest import make_settings
from tests.guests import TOMORROWS, make_context, make_guest


async def three_changes(settings: Settings) -> None:
    """One booking with confirmed, rescheduled and canceled to be sent, each to the guest and the house."""
    context, guest = make_context(settings), await make_guest()
    booking = await guest.book(context)
    booking = await guest.move(context, booking, at=wall(14))
    await guest.cancel(context, booking)


@pytest.fixture
def with_house(connected: Settings, database_url: str) -> Settings:
    return make_settings(database_url, connected.redis_url, connected.data_dir, HOST_EMAIL="house@example.com")


async def test_one_row_of_a_booking_at_a_time_lowest_revision_first(with_house: Settings) -> None:
    await three_changes(with_house)
    order = []
    for _ in range(6):
        [due] = await outbox.claim("mail", 10)
        assert await outbox.claim("mail", 10) == []
        order.append((due.payload["revision"], due.topic))
        await outbox.mark([Outcome(due, "sent", answered=True)])
    assert order == [(n, kind) for n, kind in enumerate(("confirmed", "rescheduled", "canceled"), 1) for _ in (1, 2)]
    assert await outbox.claim("mail", 10) == []


async def test_without_its_guard_a_claim_takes_them_all(with_house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    await three_changes(with_house)
    guard = outbox.CLAIM[outbox.CLAIM.index("AND (SELECT true") : outbox.CLAIM.index("ORDER BY o.due_at")]
    monkeypatch.setattr(outbox, "CLAIM", outbox.CLAIM.replace(guard, ""))
    assert len(await outbox.claim("mail", 10)) == 6


async def test_reminders_come_after_the_mail_of_the_same_revision(connected: Settings) -> None:
    await (await make_guest()).book(make_context(connected))
    await database.fetch("UPDATE outbox SET due_at = now() - (payload->>'lead_minutes')::integer * interval '1 second'")
    assert [due.topic for due in await outbox.claim("mail", 10)] == ["confirmed"]


async def test_many_claimers_never_share_a_row_or_a_booking(connected: Settings) -> None:
    context = make_context(connected)
    day = datetime.now(UTC).date() + TOMORROWS
    for number in range(60):
        guest = await make_guest()
        booking = await guest.book(context, day=day + timedelta(days=number // 16), at=wall(12))
        await guest.cancel(context, booking)
    held: dict[int, int] = {}
    order: dict[int, list[int]] = {}

    async def claimer() -> None:
        while claimed := await outbox.claim("mail", 7):
            for due in claimed:
                assert due.booking_id not in held, "two rows of one booking at once"
                held[due.booking_id] = due.id
                order.setdefault(due.booking_id, []).append(due.payload["revision"])
            await asyncio.sleep(0.01)
            for due in claimed:
                del held[due.booking_id]
            await outbox.mark([Outcome(due, "sent", answered=True) for due in claimed])

    for _ in range(5):  # a claimer may find everything held just now, and end
        await asyncio.gather(*(claimer() for _ in range(6)))
    assert len(order) == 60 and all(revisions == [1, 2] for revisions in order.values())


async def rows_read() -> int:
    """How many rows PostgreSQL reads for a claim of 50, in all steps of the plan."""
    plan = await database.write(f"EXPLAIN (ANALYZE, FORMAT JSON) {outbox.CLAIM}", "mail", 50, False, outbox.LEASE)

    def read(node: dict[str, Any]) -> float:
        removed = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter", "Index Recheck"))
        within = sum(read(child) for child in node.get("Plans", ()))
        return float((node["Actual Rows"] + removed) * node["Actual Loops"] + within)

    return round(read(json.loads(plan[0][0])[0]["Plan"]))


async def test_a_claim_reads_no_more_than_it_takes(connected: Settings) -> None:
    """Four thousand rows are due and the planner knows nothing of the table yet. Without the index of keys each row
    taken costs a look at all others: the control."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await database.fetch("ALTER TABLE outbox SET (autovacuum_enabled = off)")
    await database.fetch(
        "WITH made AS (INSERT INTO bookings (venue_id, group_id, guest_id, user_id, reference, table_id, guests, "
        "starts_at, ends_at, service_date, status, revision, created_at, updated_at) "
        f"SELECT venue_id, group_id, guest_id, user_id, {rows.NEW_REFERENCE}, table_id, guests, starts_at, ends_at, "
        "service_date, status, 1, created_at, updated_at FROM bookings, generate_series(1, 4000) WHERE id = $1 "
        "RETURNING id) "
        "INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at) SELECT 'mail', "
        "'confirmed', 'a@example.com', $2::jsonb, 1, id, 'booking:' || id, now() FROM made",
        booking.id,
        json.dumps({"revision": 1, "lead_minutes": 0, "audience": "guest", "language": "en"}),
    )
    assert await rows_read() < 1000
    assert len(await outbox.claim("mail", 50)) == 50
    await database.fetch("DROP INDEX outbox_order")
    assert await rows_read() > 10_000


async def lost(due: OutboxEntry) -> None:
    await database.fetch("UPDATE outbox SET claimed_until = now() WHERE id = $1", due.id)


async def test_a_delivery_that_somebody_else_has_by_now_is_not_marked(connected: Settings) -> None:
    context, guest = make_context(connected), await make_guest()
    await guest.book(context)
    [old] = await outbox.claim("mail", 10)
    await lost(old)
    assert await outbox.expire_leases("mail") == [Expired(old.id, "confirmed", False, None)]
    assert await outbox.claim("mail", 10) == []  # what is in quarantine is never among the others
    [new] = await outbox.claim("mail", 10, quarantined=True)
    assert await mails.read([old]) == {}
    assert await outbox.renew([old]) == {}
    assert await outbox.mark([Outcome(old, "failed", "too late")]) == {}
    renewed = await outbox.renew([new])
    assert renewed[new.id] > new.lease
    assert await outbox.mark([Outcome(old, "sent", answered=True)]) == {new.id: False}  # it was sent: that is true


async def test_the_fifth_lost_lease_is_the_last(connected: Settings) -> None:
    await (await make_guest()).book(make_context(connected))
    for count in range(1, 6):
        [due] = await outbox.claim("mail", 1, quarantined=count > 1)
        await lost(due)
        assert await outbox.expire_leases("mail") == [Expired(due.id, "confirmed", count == 5, None)]
    assert await outbox.claim("mail", 1, quarantined=True) == []
    [row] = await outbox.unsent(failed=True)
    assert row["expired"] == 5 and await outbox.retry(row["id"]) == [row["id"]]
    assert [due.id for due in await outbox.claim("mail", 1)] == [row["id"]]


async def test_the_backlog_is_as_old_as_what_was_first_due(connected: Settings) -> None:
    assert await outbox.backlog("mail") == outbox.Backlog(0, 0.0)
    await (await make_guest()).book(make_context(connected))
    await database.fetch("UPDATE outbox SET due_at = due_at - interval '1 hour' WHERE topic = 'confirmed'")
    [due] = await outbox.claim("mail", 1)
    await outbox.mark([Outcome(due, "again", "451 later", timedelta(minutes=30), answered=True)])
    found = await outbox.backlog("mail")
    assert found.due == 0 and 3600 <= found.oldest_seconds < 3660

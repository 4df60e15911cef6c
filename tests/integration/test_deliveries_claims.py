"""Claims: one row of a booking at a time, lowest revision first, each row by one worker; and the guards' controls."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from datetime import time as wall

import pytest

from hub.commands import outbox
from hub.commands.outbox import Due, Outcome
from hub.config import Settings
from hub.store import database
from tests.conftest import make_settings
from tests.guests import TOMORROWS, make_context, make_guest


async def three_changes(settings: Settings) -> None:
    """One booking that owes confirmed, rescheduled and canceled, each to the guest and the house."""
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
        [due] = await outbox.claim(10)
        assert await outbox.claim(10) == []
        order.append((due.revision, due.kind))
        await outbox.mark([Outcome(due, "sent", answered=True)])
    assert order == [(n, kind) for n, kind in enumerate(("confirmed", "rescheduled", "canceled"), 1) for _ in (1, 2)]
    assert await outbox.claim(10) == []


async def test_without_its_guard_a_claim_takes_them_all(with_house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    await three_changes(with_house)
    guard = outbox.CLAIM[outbox.CLAIM.index("AND (SELECT true") : outbox.CLAIM.index("ORDER BY d.due_at")]
    monkeypatch.setattr(outbox, "CLAIM", outbox.CLAIM.replace(guard, ""))
    assert len(await outbox.claim(10)) == 6


async def test_reminders_come_after_the_mail_of_the_same_revision(connected: Settings) -> None:
    await (await make_guest()).book(make_context(connected))
    await database.fetch("UPDATE deliveries SET due_at = now() - lead_minutes * interval '1 second'")
    assert [due.kind for due in await outbox.claim(10)] == ["confirmed"]


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
        while claimed := await outbox.claim(7):
            for due in claimed:
                assert due.booking_id not in held, "two rows of one booking at once"
                held[due.booking_id] = due.id
                order.setdefault(due.booking_id, []).append(due.revision)
            await asyncio.sleep(0.01)
            for due in claimed:
                del held[due.booking_id]
            await outbox.mark([Outcome(due, "sent", answered=True) for due in claimed])

    for _ in range(5):  # a claimer may find everything held just now, and end
        await asyncio.gather(*(claimer() for _ in range(6)))
    assert len(order) == 60 and all(revisions == [1, 2] for revisions in order.values())


async def test_a_claim_reads_no_more_than_it_takes(connected: Settings) -> None:
    """Twenty thousand rows are due and the planner knows nothing of the table yet."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await database.fetch("ALTER TABLE deliveries SET (autovacuum_enabled = off)")
    await database.fetch(
        "WITH made AS (INSERT INTO bookings (user_id, table_id, guests, starts_at, ends_at, service_date, status, "
        "revision, created_at, updated_at) SELECT user_id, table_id, guests, starts_at, ends_at, service_date, status, "
        "1, created_at, updated_at FROM bookings, generate_series(1, 20000) WHERE id = $1 RETURNING id) "
        "INSERT INTO deliveries (booking_id, revision, kind, audience, recipient, language, due_at) "
        "SELECT id, 1, 'confirmed', 'guest', 'a@example.com', 'en', now() FROM made",
        booking.id,
    )
    began = time.monotonic()
    assert len(await outbox.claim(50)) == 50
    assert len(await outbox.claim(50)) == 50
    assert time.monotonic() - began < 10  # a look at each row for each row taken would last minutes


async def lost(due: Due) -> None:
    await database.fetch("UPDATE deliveries SET claimed_until = now() WHERE id = $1", due.id)


async def test_a_delivery_that_somebody_else_has_by_now_is_not_marked(connected: Settings) -> None:
    context, guest = make_context(connected), await make_guest()
    await guest.book(context)
    [old] = await outbox.claim(10)
    await lost(old)
    assert await outbox.expire_leases() == [(old.id, "confirmed", False, None)]
    assert await outbox.claim(10) == []  # suspects are never among the others
    [new] = await outbox.claim(10, quarantined=True)
    assert await outbox.look_again([old]) == {}
    assert await outbox.renew([(old.id, old.lease)]) == {}
    assert await outbox.mark([Outcome(old, "failed", "too late")]) == {}
    renewed = await outbox.renew([(new.id, new.lease)])
    assert renewed[new.id] > new.lease
    assert await outbox.mark([Outcome(old, "sent", answered=True)]) == {new.id: False}  # it was sent: that is true


async def test_the_fifth_lost_lease_is_the_last(connected: Settings) -> None:
    await (await make_guest()).book(make_context(connected))
    for count in range(1, 6):
        [due] = await outbox.claim(1, quarantined=count > 1)
        await lost(due)
        assert await outbox.expire_leases() == [(due.id, "confirmed", count == 5, None)]
    assert await outbox.claim(1, quarantined=True) == []
    [row] = await outbox.unsent(failed=True)
    assert row["lost"] == 5 and await outbox.retry(row["id"]) == [row["id"]]
    assert [due.id for due in await outbox.claim(1)] == [row["id"]]


async def test_the_backlog_is_as_old_as_what_was_first_owed(connected: Settings) -> None:
    assert await outbox.backlog() == outbox.Backlog(0, 0.0)
    await (await make_guest()).book(make_context(connected))
    await database.fetch("UPDATE bookings SET updated_at = now() - interval '1 hour'")
    [due] = await outbox.claim(1)
    await outbox.mark([Outcome(due, "again", "451 later", timedelta(minutes=30), answered=True)])
    found = await outbox.backlog()
    assert found.due == 0 and 3600 <= found.oldest_seconds < 3660

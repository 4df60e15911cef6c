"""A notification is sent once, in order, and only while it is true: against a real mail server, with real workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from hub.commands import service
from hub.commands.call import Call
from hub.config import Settings
from hub.store import database
from hub.store.bookings import Booking
from hub.views.context import VenueContext
from tests.conftest import make_settings
from tests.guests import TOMORROWS, Guest, make_context, make_guest, rows, until, workers
from tests.postbox import Postbox, postbox
from workers.tasks import SWEEP_SECONDS


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as made:
        yield made


@pytest.fixture
def start(connected: Settings) -> Iterator[Any]:
    with workers(connected) as starter:
        yield starter


@pytest.mark.slow
async def test_each_change_is_told_once_and_in_order(connected: Settings, box: Postbox, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    start(SMTP_URL=box.url)
    booking = await guest.book(context)
    await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
    await guest.move(context, booking, at=time(14))
    await box.until(lambda: len(box.mails) == 2)
    await guest.cancel(context, booking)
    await box.until(lambda: len(box.mails) == 3)
    assert box.kinds(guest.email) == ["confirmed", "rescheduled", "canceled"]

    async def all_marked() -> bool:
        return all(row["sent_at"] for row in await rows(booking) if row["topic"] != "reminder")

    await until(all_marked)


async def test_another_table_alone_leaves_what_is_enqueued_true(connected: Settings, box: Postbox, start: Any) -> None:
    """The confirmation still goes out after a move that nobody is told of, and the guest hears of nothing else."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    for table in (9, 10):
        booking = await guest.move(context, booking, table_id=table)
    assert booking.revision == 3
    start(SMTP_URL=box.url)
    await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
    await guest.move(context, booking, at=time(14))
    await box.until(lambda: len(box.mails) == 2)
    assert box.kinds(guest.email) == ["confirmed", "rescheduled"]


async def test_a_domain_beyond_ascii_needs_no_special_mail_server(connected: Settings, start: Any) -> None:
    context = make_context(connected)
    guest = await make_guest(email="kunde@bücher.example")
    async with postbox(international=False) as plain:
        start(SMTP_URL=plain.url, MAIL_FROM="tische@größe.example")
        await guest.book(context)
        await plain.until(lambda: len(plain.mails) == 1)
        assert plain.mails[0].recipient == "kunde@xn--bcher-kva.example"


async def test_the_house_gets_its_copy(database_url: str, connected: Settings, box: Postbox, start: Any) -> None:
    settings = make_settings(
        database_url, connected.redis_url, connected.data_dir, HOST_EMAIL="house@example.com", DEFAULT_LANGUAGE="ru"
    )
    context, guest = make_context(settings), await make_guest(full_name="Ada\r\nLovelace <b>")
    start(SMTP_URL=box.url, HOST_EMAIL="house@example.com", DEFAULT_LANGUAGE="ru")
    booking = await guest.book(context)
    await box.until(lambda: len(box.mails) == 2)
    [mine], [theirs] = box.to(guest.email), box.to("house@example.com")
    assert mine.id != theirs.id
    assert str(theirs.message["Subject"]).startswith(f"Новая бронь {booking.party.reference}")
    assert "Имя: Ada Lovelace <b>" in theirs.part("text/plain")
    assert "Ada Lovelace &lt;b&gt;" in theirs.part("text/html")


async def test_a_confirmation_leaves_within_3_s_of_its_commit(connected: Settings, box: Postbox, start: Any) -> None:
    """Without a publisher: by the sweep alone, with Redis away."""
    context, guest = make_context(connected), await make_guest()
    worker = start(SMTP_URL=box.url, REDIS_URL="redis://127.0.0.1:1/0")
    first = await guest.book(context)
    await box.until(lambda: len(box.mails) == 1)  # it has started
    for at in (time(12), time(14), time(16)):
        before, began = len(box.mails), asyncio.get_running_loop().time()
        await guest.book(context, at=at)
        await box.until(lambda before=before: len(box.mails) > before)
        print(f"left after {asyncio.get_running_loop().time() - began:.2f} s of 3 s")
    assert SWEEP_SECONDS < 3  # what is due waits for one sweep at most
    assert first
    await worker.says("receives no wake-ups from Redis")


async def test_no_confirmation_after_a_cancellation(connected: Settings, box: Postbox, start: Any) -> None:
    """Canceled between the commit and the send: the worker finds both rows, and sends the one that is true."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await guest.cancel(context, booking)
    start(SMTP_URL=box.url)
    await box.until(lambda: len(box.mails) == 1)
    await until(nothing_is_due)
    assert box.kinds(guest.email) == ["canceled"]
    [confirmed] = [row for row in await rows(booking) if row["topic"] == "confirmed"]
    assert confirmed["dropped_at"] and confirmed["last_error"] == "stale: the booking is canceled"


CONFIRMED_LEFT = "UPDATE outbox SET sent_at = now() WHERE topic = 'confirmed' AND booking_id = $1"


async def confirmed_one(connected: Settings) -> tuple[VenueContext, Guest, Booking]:
    """A booking whose confirmation has left."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await database.fetch(CONFIRMED_LEFT, booking.id)
    return context, guest, booking


async def test_a_cancellation_that_is_taken_back_before_it_left_is_told_nobody(
    connected: Settings, box: Postbox, start: Any
) -> None:
    context, guest, booking = await confirmed_one(connected)
    for _ in range(2):
        await guest.cancel(context, booking)
        await service.undo(context, Call(guest.by), booking.id)
    silent = await guest.book(context, at=time(16))  # of this one nothing has been told yet
    await guest.cancel(context, silent)
    await service.undo(context, Call(guest.by), silent.id)
    start(SMTP_URL=box.url)
    await box.until(lambda: len(box.mails) == 1)
    await until(nothing_is_due)
    assert [str(mail.message["Subject"]).partition(":")[0] for mail in box.mails] == ["Your table is booked"]
    reasons = [row["last_error"] for row in await rows(booking) if row["dropped_at"]]
    assert reasons.count("stale: the cancellation was taken back") == 2
    assert reasons.count("stale: nobody was told of the cancellation that was taken back") == 1
    reminders = [row for row in await rows(booking) if row["topic"] == "reminder" and row["revision"] == 5]
    assert reminders and not any(row["dropped_at"] for row in reminders)


async def test_a_cancellation_that_may_have_left_is_taken_back_in_words(
    connected: Settings, box: Postbox, start: Any
) -> None:
    """Its worker died with it, perhaps after the mail server had taken it."""
    context, guest, booking = await confirmed_one(connected)
    await guest.cancel(context, booking)
    lost = "UPDATE outbox SET expired = 1 WHERE topic = 'canceled' AND booking_id = $1"
    await database.fetch(lost, booking.id)
    await service.undo(context, Call(guest.by), booking.id)
    start(SMTP_URL=box.url)
    await box.until(lambda: box.kinds(guest.email) == ["confirmed"])
    assert str(box.mails[0].message["Subject"]).startswith("Your booking stands: ")


async def test_a_cancellation_that_was_told_is_taken_back_in_words(
    connected: Settings, box: Postbox, start: Any
) -> None:
    context, guest, booking = await confirmed_one(connected)
    start(SMTP_URL=box.url)
    await guest.cancel(context, booking)
    await box.until(lambda: box.kinds(guest.email) == ["canceled"])
    await service.undo(context, Call(guest.by), booking.id)
    await box.until(lambda: box.kinds(guest.email) == ["canceled", "confirmed"])
    [_, stands] = box.mails
    assert str(stands.message["Subject"]).startswith("Your booking stands: ")


async def test_a_change_takes_back_a_cancellation_that_was_told(connected: Settings, box: Postbox, start: Any) -> None:
    """Before the confirmation that the booking stands has left, its time changes: that confirmation is stale."""
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await guest.cancel(context, booking)
    await database.fetch("UPDATE outbox SET sent_at = now() WHERE topic <> 'reminder' AND booking_id = $1", booking.id)
    booking = await service.undo(context, Call(guest.by), booking.id)
    for at in (time(14), time(16)):
        booking = await guest.move(context, booking, at=at)
    start(SMTP_URL=box.url)
    await box.until(lambda: len(box.mails) == 1)
    await until(nothing_is_due)
    [stands] = box.mails
    assert stands.kind == "rescheduled" and str(stands.message["Subject"]).startswith("Your booking stands: ")
    assert "Your booking stands: its cancellation was taken back" in stands.part("text/plain")
    await guest.move(context, booking, at=time(17))
    await box.until(lambda: len(box.mails) == 2)
    assert str(box.mails[1].message["Subject"]).startswith("Your booking has changed: ")


async def test_a_cancellation_while_the_confirmation_waits_its_turn(
    connected: Settings, box: Postbox, start: Any
) -> None:
    """All connections hang; what is claimed but not begun is judged again when its turn comes."""
    context = make_context(connected)
    day = datetime.now(UTC).date() + TOMORROWS
    first = [await make_guest() for _ in range(8)]
    late = await make_guest()
    release = asyncio.Event()
    box.script = lambda stage, address, before: release if stage == "DATA" and address != late.email else None
    for number, guest in enumerate(first):
        await guest.book(context, day=day + timedelta(days=number))
    booking = await late.book(context, day=day + timedelta(days=20))
    start(SMTP_URL=box.url)
    await box.until_asked("RCPT")
    await late.cancel(context, booking)
    release.set()
    await box.until(lambda: box.kinds(late.email) == ["canceled"])
    assert len(box.mails) == 9


@pytest.mark.slow
async def test_a_reminder_moves_and_is_dropped_with_its_booking(connected: Settings, box: Postbox, start: Any) -> None:
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    moved = await guest.move(context, booking, at=time(14))
    reminders = [row for row in await rows(booking) if row["topic"] == "reminder"]
    assert [(r["revision"], r["lead_minutes"]) for r in reminders] == [(1, 1440), (1, 120), (2, 1440), (2, 120)]
    # Time passes: all four come due, and the day of the booking with them.
    await let_time_pass(moved.starts_at - timedelta(minutes=1440) - datetime.now(UTC))
    start(SMTP_URL=box.url)
    await box.until(lambda: "reminder" in box.kinds(guest.email))
    await until(nothing_is_due)
    assert box.kinds(guest.email) == ["rescheduled", "reminder"]
    [first] = [m for m in box.mails if m.kind == "reminder"]
    assert first.message["List-Unsubscribe"] and not any(
        part.get_content_type() == "text/calendar" for part in first.message.walk()
    )
    await guest.cancel(context, moved)
    await let_time_pass(timedelta(minutes=1320) + timedelta(hours=5))
    await box.until(lambda: box.kinds(guest.email)[-1] == "canceled")
    await until(nothing_is_due)
    assert box.kinds(guest.email) == ["rescheduled", "reminder", "canceled"]
    assert all(row["dropped_at"] or row["sent_at"] for row in await rows(booking) if row["topic"] == "reminder")


async def nothing_is_due() -> bool:
    """Whether each mail that is due was sent, dropped or given up: no worker will send another one."""
    return all(
        row["sent_at"] or row["dropped_at"] or row["failed_at"] or row["due_at"] > datetime.now(UTC)
        for row in await rows()
    )


async def let_time_pass(by: timedelta) -> None:
    """Move all that is planned nearer by this much: the database's clock can't be turned."""
    await database.fetch("UPDATE outbox SET due_at = due_at - $1::interval", by)
    await database.fetch(
        "UPDATE occupancies SET starts_at = starts_at - $1::interval, ends_at = ends_at - $1::interval", by
    )
    await database.fetch(
        "UPDATE bookings SET starts_at = starts_at - $1::interval, ends_at = ends_at - $1::interval", by
    )


@pytest.mark.parametrize("late, sent", [(timedelta(minutes=14), True), (timedelta(minutes=16), False)])
async def test_a_reminder_due_while_all_workers_were_down(
    connected: Settings, box: Postbox, start: Any, late: timedelta, sent: bool
) -> None:
    context, guest = make_context(connected), await make_guest()
    booking = await guest.book(context)
    await database.fetch("UPDATE outbox SET sent_at = now() WHERE topic = 'confirmed'")
    await let_time_pass(booking.starts_at - timedelta(minutes=1440) - datetime.now(UTC) + late)
    worker = start(SMTP_URL=box.url)
    await until(lambda: first_reminder_over(booking))
    assert box.kinds(guest.email) == (["reminder"] if sent else [])
    if not sent:
        [row] = [row for row in await rows(booking) if row["lead_minutes"] == 1440]
        assert row["last_error"] == "late: the reminder was due 16 minutes ago"
        await worker.says("late: the reminder was due 16 minutes ago")


async def first_reminder_over(booking: Booking) -> bool:
    return any(row["sent_at"] or row["dropped_at"] for row in await rows(booking) if row["lead_minutes"] == 1440)


async def test_reminders_already_past_are_not_enqueued(connected: Settings) -> None:
    context, guest = make_context(connected), await make_guest()
    now = datetime.now(UTC)
    day, at = (now + timedelta(hours=3)).date(), time((now + timedelta(hours=3)).hour)
    if not 12 <= at.hour <= 20:
        day, at = (now + timedelta(days=1)).date(), time(12)
    booking = await guest.book(context, day=day, at=at)
    ahead = booking.starts_at - now
    leads = {row["lead_minutes"] for row in await rows(booking) if row["topic"] == "reminder"}
    assert leads == {lead for lead in (1440, 120) if timedelta(minutes=lead) < ahead}

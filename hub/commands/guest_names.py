"""A guest's name and phone number are shown on floors, and which notes there are about them: whatever changes these
writes an event to each day that shows them, in every venue.

The change and its events, one for each booking and each entry of a waitlist that a floor may show, are written in one
transaction; so is the end of the entries of a guest who is erased. Order of locks:
the streams of the days, by name; then the row of the account, or of the guest who has none, which keeps out bookings
that are being made. So nobody who holds a day at a version has other names than the database had at that version. The
database copies what an account says to its guests (the trigger ``users_are_guests``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from hub.commands.call import Call
from hub.domain import calendar
from hub.domain.day import QUEUE_RENAMED, RENAMED
from hub.domain.events import Event
from hub.errors import Conflict
from hub.store import guest_names, keys, streams
from hub.store.guest_names import ACCOUNT, Whose
from hub.store.keys import nothing
from hub.views.context import Context

T = TypeVar("T")
ATTEMPTS = 5
"""How often it begins again because the guest got a booking on another day meanwhile."""


async def change(
    context: Context,
    call: Call | None,
    id: int,
    work: Callable[[Any], Awaitable[T]],
    *,
    whose: Whose = ACCOUNT,
    kept: Callable[[T], Mapping[str, Any]] = nothing,
) -> T:
    """Run ``work(connection)``, which may change the name and phone number of an account (or a guest without one: see
    ``whose``), in one transaction with the events that follow of it, and announce them. A ``call`` of None is an
    operator's, by command. What is ``kept`` of the result under the call's key: see hub.store.keys.once.

    Returns what ``work`` returns and raises what it raises, and HubErrors. ``work`` may be run more than once.
    """
    since = _first_day(context)
    for _ in range(ATTEMPTS):
        days = await guest_names.days(whose, id, since)
        done = await context.write_queue.transact(
            [whose.row(id), *days],
            keys.once(
                call.key if call is not None else None,
                lambda c, d=days: _change(c, call, whose, id, work, d, since),  # type: ignore[misc]
                lambda done: None if done is None else kept(done[0]),
            ),
            user=call.by.user_id if call is not None else id,
        )
        if done is not None:
            result, events = done
            context.publish(events)
            return result
    raise Conflict()


def _first_day(context: Context) -> date:
    """The earliest day that a floor may still show: it was in range when somebody who is still there subscribed."""
    # One day more than venue 1 needs: in another zone it may be the day before.
    back = timedelta(days=context.settings.rules.days_back + 2) + context.settings.session_length
    return calendar.today(context.now(), context.settings.rules) - back


async def _change(
    connection: Any,
    call: Call | None,
    whose: Whose,
    id: int,
    work: Callable[[Any], Awaitable[T]],
    days: frozenset[str],
    since: date,
) -> tuple[T, Sequence[Event]] | None:
    """None when a day is shown that is not locked."""
    await streams.lock(connection, days)
    before = await guest_names.names(connection, whose, id, lock=True)
    shown = await guest_names.shown(connection, whose, id, since)
    if not days.issuperset(each.stream for each in shown):
        return None
    result = await work(connection)
    renamed = before is not None and before != await guest_names.names(connection, whose, id)
    waiting = await guest_names.still_waiting(connection, shown)
    actor, request_id = (None, None) if call is None else (call.by.user_id, call.request_id)
    events = []
    for each in shown:
        kind, entry = RENAMED if each.subject == "booking" else QUEUE_RENAMED, each.entry
        if each.subject == "wait" and each.id not in waiting:
            kind, entry = "queue_left", None
        elif not renamed:
            continue
        data = {each.subject: each.id, "entry": entry}
        events.append(
            await streams.append(
                connection, stream=each.stream, kind=kind, data=data, actor=actor, request_id=request_id
            )
        )
    return result, events

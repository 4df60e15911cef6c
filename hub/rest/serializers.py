"""How what a verb found becomes an answer, in the JSON form of its type (hub.rest.answers).

Instants, dates and times are written here and nowhere else in the REST layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from hub.commands import (
    accounts,
    guest_book,
    holds,
    venues,
    wait_link,
    waitlist_history,
)
from hub.commands import history as histories
from hub.domain.calendar import local_date_time, local_text
from hub.domain.change import Guest
from hub.domain.day import Entry
from hub.domain.events import MAIN, position_text
from hub.domain.floor import Area, Combination, Table, Unit
from hub.domain.history import Act, BookingRevision
from hub.domain.queue_history import QueueAct, QueueState
from hub.domain.rules import Rules
from hub.domain.shown import waiting
from hub.domain.waitlist import ENDS, Estimate
from hub.store.accounts import Account
from hub.store.blocks import FoundBlock
from hub.store.bookings import Booking
from hub.store.floors import PartyInTheWay
from hub.store.guest_book import Known, Note
from hub.store.guests import Details
from hub.store.histories import Actor
from hub.store.waitlist import PlaceInQueue, WaitlistEntry
from hub.views.context import VenueContext


def token(grant: accounts.Grant) -> dict[str, Any]:
    return {"access_token": grant.access_token, "token_type": "bearer", "expires_in": grant.expires_in}


def account(found: Account, rules: Rules) -> dict[str, Any]:
    return {
        "id": found.id,
        "email": found.email,
        "phone_number": found.phone_number,
        "full_name": found.full_name,
        "role": found.role,
        "language": found.language,
        "created_at": local_text(found.created_at, rules),
        "revision": found.revision,
        "verified": found.verified,
        "password_confirmed": found.password_confirmed,
    }


def table(found: Table) -> dict[str, Any]:
    place = found.place and found.place.as_json()
    return {**found.as_json(), "area_id": found.area_id, "place": place, "revision": found.revision}


def area(found: Area) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "rank": found.rank, "revision": found.revision}


def combination(found: Combination) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "table_ids": list(found.tables),
        "min_guests": found.min_guests,
        "max_guests": found.max_guests,
        "revision": found.revision,
    }


def of_floor(found: Table | Area | Combination) -> dict[str, Any]:
    if isinstance(found, Table):
        return table(found)
    return area(found) if isinstance(found, Area) else combination(found)


def free_combination(unit: Unit) -> dict[str, Any]:
    return {"tables": [table.as_json() for table in unit.tables], "max_guests": unit.seats}


def booking(found: Booking, context: VenueContext, *, for_staff: bool = False) -> dict[str, Any]:
    """``for_staff``: with the house's note and what may be undone."""
    rules = context.rules

    def at(instant: datetime | None) -> str | None:
        return None if instant is None else local_text(instant, rules)

    shown: dict[str, Any] = {
        "id": found.id,
        "start_at": local_text(found.starts_at, rules),
        "end_at": local_text(found.ends_at, rules),
        "canceled_at": local_text(found.canceled_at, rules) if found.canceled_at else None,
        "created_at": local_text(found.made_at, rules),
        "guests": found.guests,
        "status": found.status,
        "revision": found.revision,
        "service_date": found.service_date.isoformat(),
        "position": position_text(found.epoch, found.version),
        "table": found.table.as_json(),
        "tables": [table.as_json() for table in found.tables],
        "pinned": found.pinned,
        "arrived_at": at(found.arrived_at),
        "seated_at": at(found.seated_at),
        "left_at": at(found.left_at),
        "venue": context.venue.slug,
        "reference": found.party.reference,
        "channel": found.party.channel,
        "guest": _who_dines(found.guest),
        "note": found.party.note,
        "occasion": found.party.occasion,
        "needs": list(found.party.needs),
    }
    if for_staff:
        shown["house_note"] = found.party.house_note
        shown["undo"] = found.undo and found.undo.shown(at)
    if found.left is not None:
        day, version = found.left
        shown["left"] = {"service_date": day.isoformat(), "position": position_text(found.epoch, version)}
    return shown


def waitlist_entry(found: WaitlistEntry, context: VenueContext) -> dict[str, Any]:
    """As the floor shows one that waits, with where it is found."""

    def text(instant: datetime) -> str:
        return local_text(instant, context.rules)

    names = {found.guest_id: (found.guest.name, found.guest.phone)}
    return {
        "id": found.id,
        **waiting(found, text, names),
        "service_date": found.service_date.isoformat(),
        "position": position_text(found.epoch, found.version),
        "link": wait_link.link_of(context, found.id),
    }


def place_in_queue(found: PlaceInQueue, rules: Rules) -> dict[str, Any]:
    """To the guest: nothing that names anybody."""

    def at(instant: datetime | None) -> str | None:
        return None if instant is None else local_text(instant, rules)

    return {
        "status": found.status,
        "guests": found.guests,
        "ahead": None if found.status in ENDS else found.ahead,
        "joined_at": at(found.joined_at),
        "quoted_from": at(found.quoted_from),
        "quoted_until": at(found.quoted_until),
        "promised_until": at(found.promised_until),
    }


def queue_history(found: waitlist_history.QueueHistory, rules: Rules) -> list[dict[str, Any]]:
    def state(shown: QueueState | None) -> dict[str, Any] | None:
        return None if shown is None else asdict(shown)

    return [
        {
            **_act(act, found.actors, rules), "before": state(act.before), "after": state(act.after),
            "fields": list(act.fields), "reason": act.reason,
        }
        for act in found.acts
    ]  # fmt: skip


def _act(act: Act | QueueAct, actors: Mapping[int, Actor], rules: Rules) -> dict[str, Any]:
    """Who did what and when, to the millisecond: the day as it was just then can be asked for with it."""
    return {
        "at": act.at.astimezone(rules.zone).isoformat(timespec="milliseconds"),
        "actor": _actor(act.actor, actors),
        "action": act.action,
        "request_id": act.request_id,
        "forgotten": act.forgotten,
    }


def _actor(user_id: int | None, actors: Mapping[int, Actor]) -> dict[str, Any] | None:
    if user_id is None:
        return None
    who = actors[user_id]
    return {"id": who.id, "name": who.name, "role": who.role}


def wait_estimate(guests: int, found: Estimate, rules: Rules) -> dict[str, Any]:
    quote = found.quote
    return {
        "guests": guests,
        "ahead": found.ahead,
        "state": found.state,
        "from": quote and local_text(quote.since, rules),
        "until": quote and local_text(quote.until, rules),
    }


def unit(found: Unit) -> dict[str, Any]:
    return {"tables": [table.as_json() for table in found.tables], "seats": found.seats}


def _who_dines(guest: Guest | Details | Known) -> dict[str, Any]:
    return {"id": guest.id, "name": guest.name, "phone": guest.phone, "email": guest.email}


def known_guest(found: Known, rules: Rules) -> dict[str, Any]:
    return {
        **_who_dines(found),
        "language": found.language,
        "has_account": found.has_account,
        **visits(found, rules),
    }


def known_details(found: guest_book.KnownDetails, rules: Rules) -> dict[str, Any]:
    return guest(found.details, rules) | (visits(found.known, rules) if found.known else {})


def visits(found: Known, rules: Rules) -> dict[str, Any]:
    return {
        "visits": found.visits,
        "no_shows": found.no_shows,
        "last": found.last and {"date": found.last[0].isoformat(), "table": found.last[1]},
        "usual_guests": found.usual_guests,
        "notes": [guest_note(note, rules) for note in found.notes],
    }


def guest_note(note: Note, rules: Rules) -> dict[str, Any]:
    return {
        "id": note.id,
        "kind": note.kind,
        "text": note.text,
        "keep_until": note.keep_until and note.keep_until.isoformat(),
        "created_at": local_text(note.created_at, rules),
    }


def block(found: FoundBlock, rules: Rules) -> dict[str, Any]:
    row = found.row
    return {
        "id": found.id,
        "tables": list(row.tables),
        "start_at": local_text(row.starts_at, rules),
        "end_at": local_text(row.ends_at, rules),
        "reason": row.reason,
        "service_date": row.service_date.isoformat(),
        "revision": row.revision,
        "position": position_text(found.epoch, found.version),
    }


def hold(made: holds.Made, rules: Rules) -> dict[str, Any]:
    row = made.row
    return {
        "id": made.id,
        "token": made.token,
        "tables": list(row.tables),
        "start_at": local_text(row.starts_at, rules),
        "end_at": local_text(row.ends_at, rules),
        "guests": row.guests,
        "expires_in": made.seconds,
        "expires_at": local_text(row.expires_at, rules),
        "service_date": row.service_date.isoformat(),
        "position": position_text(made.epoch, made.version),
    }


def in_the_way(id: int, entry: Entry | PartyInTheWay, rules: Rules) -> dict[str, Any]:
    """A booking that refuses something else."""
    return {
        "booking_id": id,
        "start_at": local_text(entry.starts_at, rules),
        "end_at": local_text(entry.ends_at, rules),
        "guests": entry.guests,
        "tables": list(entry.tables),
    }


def guest(found: Details, rules: Rules) -> dict[str, Any]:
    return {
        **_who_dines(found),
        "language": found.language,
        "has_account": found.has_account,
        "revision": found.revision,
        "created_at": local_text(found.created_at, rules),
    }


def venue(seen: venues.VisibleVenue) -> dict[str, Any]:
    found, main = seen.context.venue, seen.context.id == MAIN
    return {
        "slug": found.slug,
        "name": found.name,
        "zone": seen.context.rules.zone.key,
        "url_prefix": "" if main else f"/v/{found.slug}",
        "channel_prefix": "" if main else f"{found.slug}/",
        "roles": [seen.role],
    }


def day_change(at: datetime, kind: str, rules: Rules) -> dict[str, Any]:
    return {"at": local_text(at, rules), "what": kind}


def history(found: histories.History, rules: Rules) -> list[dict[str, Any]]:
    def state(shown: BookingRevision | None) -> dict[str, Any] | None:
        if shown is None:
            return None
        day, at = local_date_time(shown.starts_at, rules)
        table = found.tables.get(shown.table_id)
        more = {name: getattr(shown, name) for name in ("arrived_at", "seated_at", "left_at")}
        return {
            "date": day.isoformat(),
            "time": at.strftime("%H:%M:%S"),
            "service_date": shown.service_date.isoformat(),
            "guests": shown.guests,
            "table": table.as_json() if table else None,
            "status": shown.status,
            "revision": shown.revision,
            "start_at": local_text(shown.starts_at, rules),
            "end_at": local_text(shown.ends_at, rules),
            "tables": [found.tables[id].as_json() for id in shown.tables if id in found.tables],
            "pinned": shown.pinned,
            **{name: instant and local_text(instant, rules) for name, instant in more.items()},
        }

    return [
        {
            **_act(act, found.actors, rules), "before": state(act.before), "after": state(act.after),
            "exceed": list(act.exceed),
        }
        for act in found.acts
    ]  # fmt: skip


def next_booking(booking_id: int, entry: Entry, could_move_to: list[int], rules: Rules) -> dict[str, Any]:
    return {
        "booking_id": booking_id,
        "start_at": local_text(entry.starts_at, rules),
        "tables": list(entry.tables),
        "could_move_to": could_move_to,
    }


def alternative(starts_at: datetime, unit: Unit, rules: Rules) -> dict[str, Any]:
    day, at = local_date_time(starts_at, rules)
    tables = [table.as_json() for table in unit.tables]
    return {
        "start_at": local_text(starts_at, rules), "date": day.isoformat(), "time": at.strftime("%H:%M:%S"),
        "table": tables[0], "tables": tables,
    }  # fmt: skip

"""Every table as a Tortoise model: columns and constraints, nothing else."""

from models.accounts import AccountToken, Session, User
from models.bookings import Booking, Occupancy
from models.guests import Guest, GuestNote
from models.hub import Hub
from models.idempotency import IdempotencyKey
from models.outbox import OutboxEntry
from models.room import Table
from models.streams import Event, Stream
from models.venues import Membership, Venue, VenueGroup

__all__ = [
    "AccountToken",
    "Booking",
    "Event",
    "Guest",
    "GuestNote",
    "Hub",
    "IdempotencyKey",
    "Membership",
    "Occupancy",
    "OutboxEntry",
    "Session",
    "Stream",
    "Table",
    "User",
    "Venue",
    "VenueGroup",
]

"""Every table as a Tortoise model: columns and constraints, nothing else."""

from models.accounts import AccountToken, Session, User
from models.bookings import Block, Booking, Hold, Occupancy, WaitlistEntry
from models.guests import Guest, GuestNote
from models.hub import Hub
from models.idempotency import IdempotencyKey
from models.outbox import OutboxEntry
from models.room import Area, Combination, CombinationTable, Table
from models.streams import Event, Stream
from models.venues import Membership, Venue, VenueGroup

__all__ = [
    "AccountToken",
    "Area",
    "Block",
    "Booking",
    "Combination",
    "CombinationTable",
    "Event",
    "Guest",
    "GuestNote",
    "Hold",
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
    "WaitlistEntry",
]

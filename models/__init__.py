"""Every table as a Tortoise model: columns and constraints, nothing else.

Their names end in Model, since the plain ones belong to what the hub works with: a Table, an Event, a Guest.
"""

from models.accounts import AccountTokenModel, SessionModel, UserModel
from models.bookings import BookingModel, OccupancyModel
from models.guests import GuestModel, GuestNoteModel
from models.hub import HubModel
from models.idempotency import IdempotencyKeyModel
from models.outbox import OutboxEntryModel
from models.room import TableModel
from models.streams import EventModel, StreamModel
from models.venues import MembershipModel, VenueGroupModel, VenueModel

__all__ = [
    "AccountTokenModel",
    "BookingModel",
    "EventModel",
    "GuestModel",
    "GuestNoteModel",
    "HubModel",
    "IdempotencyKeyModel",
    "MembershipModel",
    "OccupancyModel",
    "OutboxEntryModel",
    "SessionModel",
    "StreamModel",
    "TableModel",
    "UserModel",
    "VenueGroupModel",
    "VenueModel",
]

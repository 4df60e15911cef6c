"""Every table as a Tortoise model: columns and constraints, nothing else.

Their names end in Model, since the plain ones belong to what the hub works with: a Table, an Event, a Guest.
"""

from models.accounts import AccountTokenModel, SessionModel, UserModel
from models.bookings import BlockModel, BookingModel, HoldModel, OccupancyModel, WaitlistEntryModel
from models.guests import GuestModel, GuestNoteModel
from models.hub import HubModel
from models.idempotency import IdempotencyKeyModel
from models.outbox import OutboxEntryModel
from models.room import AreaModel, CombinationModel, CombinationTableModel, TableModel
from models.streams import EventModel, StreamModel
from models.venues import MembershipModel, VenueGroupModel, VenueModel

__all__ = [
    "AccountTokenModel",
    "AreaModel",
    "BlockModel",
    "BookingModel",
    "CombinationModel",
    "CombinationTableModel",
    "EventModel",
    "GuestModel",
    "GuestNoteModel",
    "HoldModel",
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
    "WaitlistEntryModel",
]

"""Bookings, and the occupancies that alone say when a table is taken."""

from typing import Any

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.accounts import UserModel
from models.guests import GuestModel
from models.room import TableModel


class BookingModel(Model):
    """Who dines when. ``table`` is the one that was booked; it never decides whether a table is taken.

    ``guest`` is who dines; ``user`` is the account that booked, and null where staff did for somebody without one.
    ``group_id`` is the venue's, so that no venue can name another group's guest. ``reference`` is what people say on
    the phone. ``note`` is the guest's, ``house_note`` the staff's. ``link_version`` counts up to end the links in mails
    that were sent before. ``notice_revision`` is the last revision whose change a guest gets a mail about: another
    table alone is none. ``promised_start`` is the local start that the guest was promised; null while it follows from
    the zone.
    """

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    group_id = fields.BigIntField()
    guest: fields.ForeignKeyRelation[GuestModel] = fields.ForeignKeyField(
        "models.GuestModel", related_name="bookings", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    user: fields.ForeignKeyNullableRelation[UserModel] = fields.ForeignKeyField(
        "models.UserModel", related_name="bookings", on_delete=OnDelete.RESTRICT, null=True
    )
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="bookings", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    reference = fields.CharField(max_length=8, unique=True)
    channel = fields.CharField(max_length=8)
    note = fields.CharField(max_length=500, null=True)
    house_note = fields.CharField(max_length=500, null=True)
    occasion = fields.CharField(max_length=20, null=True)
    needs: Any = fields.JSONField()
    link_version = fields.SmallIntField()
    guests = fields.SmallIntField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    service_date = fields.DateField()
    promised_start = fields.CharField(max_length=32, null=True)
    status = fields.CharField(max_length=8)
    revision = fields.IntField()
    notice_revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    canceled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bookings"
        indexes = (("user_id", "starts_at"), ("guest_id", "starts_at"), ("venue_id", "service_date"))


class OccupancyModel(Model):
    """One table of a venue, held by one booking, over a half-open time. The exclusion constraint lets none overlap."""

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="occupancies", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    booking: fields.ForeignKeyRelation[BookingModel] = fields.ForeignKeyField(
        "models.BookingModel", related_name="occupancies", db_index=True, db_constraint=False
    )
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "occupancies"

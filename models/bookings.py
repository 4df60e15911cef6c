"""Bookings, and the occupancies that alone say when a table is taken."""

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.accounts import User
from models.room import Table


class Booking(Model):
    """Who dines when. ``table`` is the one that was booked; it never decides whether a table is taken.

    ``notice_revision`` is the last revision whose change a guest gets a mail about: another table alone is none.
    ``promised_start`` is the local start that the guest was promised; null while it follows from the zone.
    """

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="bookings", on_delete=OnDelete.RESTRICT
    )
    table: fields.ForeignKeyRelation[Table] = fields.ForeignKeyField(
        "models.Table", related_name="bookings", on_delete=OnDelete.RESTRICT
    )
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
        indexes = (("user_id", "starts_at"), ("service_date",))


class Occupancy(Model):
    """One table, held by one booking, over a half-open time. The exclusion constraint lets no two overlap."""

    id = fields.BigIntField(primary_key=True)
    table: fields.ForeignKeyRelation[Table] = fields.ForeignKeyField(
        "models.Table", related_name="occupancies", on_delete=OnDelete.RESTRICT
    )
    booking: fields.ForeignKeyRelation[Booking] = fields.ForeignKeyField(
        "models.Booking", related_name="occupancies", db_index=True
    )
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "occupancies"

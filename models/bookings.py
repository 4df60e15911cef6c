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

    ``table_ids`` are all of its tables, the first of them ``table``; null where there is no other. ``starts_at`` is
    what was promised, ``ends_at`` when its tables are to be free; ``arrived_at``, ``seated_at``, ``table_since`` (at
    these tables, after a move) and ``left_at`` are what happened. ``undo`` is the last step and what the booking was
    before it: see hub.domain.day.
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
    table_ids: Any = fields.JSONField(null=True)
    pinned = fields.BooleanField(db_default=False)
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
    arrived_at = fields.DatetimeField(null=True)
    seated_at = fields.DatetimeField(null=True)
    table_since = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True)
    undo: Any = fields.JSONField(null=True)

    class Meta:
        table = "bookings"
        indexes = (("user_id", "starts_at"), ("guest_id", "starts_at"), ("venue_id", "service_date"))


class BlockModel(Model):
    """Tables that a venue keeps closed from ``starts_at`` until ``ends_at``. One that is removed keeps its row.

    ``table`` is the first of its tables: the database works it out, and by it refuses another venue's table.
    """

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="blocks", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    service_date = fields.DateField()
    table_ids: Any = fields.JSONField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    reason = fields.CharField(max_length=200)
    revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "blocks"
        indexes = (("venue_id", "service_date"),)


class HoldModel(Model):
    """Tables that are kept for somebody who is about to book, until ``expires_at``; its row goes with it.

    ``table`` is as a block's; ``digest`` is SHA-256 of its token, in hex.
    """

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="holds", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    service_date = fields.DateField()
    table_ids: Any = fields.JSONField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    guests = fields.SmallIntField()
    digest = fields.CharField(max_length=64, unique=True)
    made_by: fields.ForeignKeyNullableRelation[UserModel] = fields.ForeignKeyField(
        "models.UserModel", related_name="holds", on_delete=OnDelete.RESTRICT, null=True
    )
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "holds"
        indexes = (("venue_id", "service_date"),)


class WaitlistEntryModel(Model):
    """A party that waits for a table: waiting, ready, here; or seated (then it has a ``booking``), left.

    ``promised_until`` is the end of the first quote, which never changes; ``quoted_from`` and ``quoted_until`` are the
    present one. ``place`` is its order.
    """

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    group_id = fields.BigIntField()
    service_date = fields.DateField()
    guest: fields.ForeignKeyRelation[GuestModel] = fields.ForeignKeyField(
        "models.GuestModel", related_name="waits", on_delete=OnDelete.RESTRICT, db_constraint=False, db_index=True
    )
    guests = fields.SmallIntField()
    area_id = fields.BigIntField(null=True)
    status = fields.CharField(max_length=8)
    place = fields.BigIntField()
    joined_at = fields.DatetimeField()
    quoted_from = fields.DatetimeField(null=True)
    quoted_until = fields.DatetimeField(null=True)
    promised_until = fields.DatetimeField(null=True)
    booking: fields.ForeignKeyNullableRelation[BookingModel] = fields.ForeignKeyField(
        "models.BookingModel", related_name="waits", null=True, on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    revision = fields.IntField(db_default=1)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "waitlist"
        indexes = (("venue_id", "service_date"),)


class OccupancyModel(Model):
    """One table of a venue, over a half-open time, held by one booking, hold or block. The exclusion constraint lets
    none overlap."""

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="occupancies", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    booking: fields.ForeignKeyNullableRelation[BookingModel] = fields.ForeignKeyField(
        "models.BookingModel", related_name="occupancies", null=True, db_index=True, db_constraint=False
    )
    hold: fields.ForeignKeyNullableRelation[HoldModel] = fields.ForeignKeyField(
        "models.HoldModel", related_name="occupancies", null=True, db_constraint=False
    )
    block: fields.ForeignKeyNullableRelation[BlockModel] = fields.ForeignKeyField(
        "models.BlockModel", related_name="occupancies", null=True, db_constraint=False
    )
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "occupancies"

"""Who dines."""

from typing import Any

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.accounts import UserModel
from models.venues import VenueGroupModel


class GuestModel(Model):
    """Somebody who dines in the venues of a group, with an account or without one.

    What an account says of its owner is copied here whenever it changes (the trigger ``users_are_guests``). ``phone``
    is in E.164. ``revision`` counts the changes that staff see (the trigger ``guests_count_changes``). An erased guest
    keeps an id and the bookings, and nothing that could name anybody.
    """

    id = fields.BigIntField(primary_key=True)
    group: fields.ForeignKeyRelation[VenueGroupModel] = fields.ForeignKeyField(
        "models.VenueGroupModel", related_name="guests", on_delete=OnDelete.RESTRICT
    )
    user: fields.ForeignKeyNullableRelation[UserModel] = fields.ForeignKeyField(
        "models.UserModel", related_name="guests", null=True, on_delete=OnDelete.RESTRICT
    )
    name = fields.CharField(max_length=255)
    phone = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=254, null=True)
    language = fields.CharField(max_length=8)
    tags: Any = fields.JSONField()
    revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        table = "guests"


class GuestNoteModel(Model):
    """What the house knows of a guest, or was told: ``dietary``, ``access`` or ``note``. Each has its own end."""

    id = fields.BigIntField(primary_key=True)
    guest: fields.ForeignKeyRelation[GuestModel] = fields.ForeignKeyField(
        "models.GuestModel", related_name="notes", db_index=True
    )
    kind = fields.CharField(max_length=8)
    text = fields.CharField(max_length=500)
    keep_until = fields.DateField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "guest_notes"

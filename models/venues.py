"""The restaurants of this installation, and who works in them."""

from typing import Any

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.accounts import UserModel


class VenueGroupModel(Model):
    """Venues that share their guests. A venue that is alone has a group of its own."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100)

    class Meta:
        table = "venue_groups"


class VenueModel(Model):
    """A restaurant. Venue 1 is the installation's own: its values and rules are the settings, copied here.

    ``slug`` is its name in paths and channels. ``settings`` are its rules where they differ from venue 1's, which has
    all; ``rules`` are those of the last start, from which the service days and wall times of its bookings followed. A
    retired venue keeps its rows and its slug, and answers nobody.
    """

    id = fields.BigIntField(primary_key=True)
    group: fields.ForeignKeyRelation[VenueGroupModel] = fields.ForeignKeyField(
        "models.VenueGroupModel", related_name="venues", on_delete=OnDelete.RESTRICT
    )
    slug = fields.CharField(max_length=40, unique=True)
    name = fields.CharField(max_length=100)
    zone = fields.CharField(max_length=64)
    country = fields.CharField(max_length=2, null=True)
    language = fields.CharField(max_length=8)
    phone = fields.CharField(max_length=32, null=True)
    address = fields.CharField(max_length=300, null=True)
    website = fields.CharField(max_length=300, null=True)
    settings: Any = fields.JSONField()
    rules: Any = fields.JSONField(null=True)
    changed_at = fields.DatetimeField(db_index=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "venues"


class MembershipModel(Model):
    """The role that somebody has in a venue: owner, manager, host or viewer.

    One that has ended keeps its row, so that every process learns of the end.
    """

    id = fields.BigIntField(primary_key=True)
    user: fields.ForeignKeyRelation[UserModel] = fields.ForeignKeyField("models.UserModel", related_name="memberships")
    venue: fields.ForeignKeyRelation[VenueModel] = fields.ForeignKeyField(
        "models.VenueModel", related_name="memberships"
    )
    role = fields.CharField(max_length=7)
    changed_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "memberships"
        unique_together = (("user_id", "venue_id"),)

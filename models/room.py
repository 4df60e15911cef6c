"""The rooms of the venues: areas, tables, and which tables are pushed together."""

from typing import Any

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.venues import VenueModel


class AreaModel(Model):
    """A part of a venue's room, shown by ``rank``, then by name."""

    id = fields.BigIntField(primary_key=True)
    venue: fields.ForeignKeyRelation[VenueModel] = fields.ForeignKeyField(
        "models.VenueModel", related_name="areas", on_delete=OnDelete.RESTRICT
    )
    name = fields.CharField(max_length=40)
    rank = fields.SmallIntField()
    revision = fields.IntField(db_default=1)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "areas"


class TableModel(Model):
    """A table with 1–20 seats. A removed one is retired, so that past bookings can still name it.

    ``place`` is where it stands on the plan of its area: {x, y, width, height, shape, turn}, see hub.domain.floor.
    """

    id = fields.BigIntField(primary_key=True)
    venue: fields.ForeignKeyRelation[VenueModel] = fields.ForeignKeyField(
        "models.VenueModel", related_name="tables", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    group_id = fields.BigIntField()
    area: fields.ForeignKeyNullableRelation[AreaModel] = fields.ForeignKeyField(
        "models.AreaModel", related_name="tables", null=True, on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    area_id: int | None
    place: Any = fields.JSONField(null=True)
    name = fields.CharField(max_length=64)
    seats = fields.SmallIntField()
    revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tables"


class CombinationModel(Model):
    """Tables that are pushed together for ``min_guests`` to ``max_guests``."""

    id = fields.BigIntField(primary_key=True)
    venue: fields.ForeignKeyRelation[VenueModel] = fields.ForeignKeyField(
        "models.VenueModel", related_name="combinations", on_delete=OnDelete.RESTRICT
    )
    name = fields.CharField(max_length=64)
    min_guests = fields.SmallIntField()
    max_guests = fields.SmallIntField()
    revision = fields.IntField(db_default=1)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "combinations"


class CombinationTableModel(Model):
    """One table of a combination; both are of one venue."""

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField()
    combination: fields.ForeignKeyRelation[CombinationModel] = fields.ForeignKeyField(
        "models.CombinationModel", related_name="members", db_constraint=False
    )
    table: fields.ForeignKeyRelation[TableModel] = fields.ForeignKeyField(
        "models.TableModel", related_name="combined", db_constraint=False, db_index=True
    )

    class Meta:
        table = "combination_tables"
        unique_together = (("combination_id", "table_id"),)

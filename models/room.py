"""The tables of the venues."""

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.models import Model

from models.venues import VenueModel


class TableModel(Model):
    """A table with 1–20 seats. A removed one is retired, so that past bookings can still name it."""

    id = fields.BigIntField(primary_key=True)
    venue: fields.ForeignKeyRelation[VenueModel] = fields.ForeignKeyField(
        "models.VenueModel", related_name="tables", on_delete=OnDelete.RESTRICT, db_constraint=False
    )
    group_id = fields.BigIntField()
    name = fields.CharField(max_length=64)
    seats = fields.SmallIntField()
    revision = fields.IntField(db_default=1)
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tables"

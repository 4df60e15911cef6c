"""The one row that names this database: its epoch, and the server and timeline it was made on."""

from tortoise import fields
from tortoise.models import Model


class HubModel(Model):
    """One row. A position is ``epoch:version``; a restored, swapped or promoted database gets a new epoch."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    epoch = fields.CharField(max_length=8)
    system_identifier = fields.CharField(max_length=32)
    timeline = fields.CharField(max_length=8)

    class Meta:
        table = "hub"

"""What is owed to somebody outside: one row a notice."""

from tortoise import fields
from tortoise.models import Model

from models.bookings import Booking


class Delivery(Model):
    """A notice that a change owes, written in the change's transaction, paid by a worker.

    ``attempts`` counts answers of the mail server, ``lost`` leases that ran out; ``lead_minutes`` is 0 for all but
    reminders; ``request_id`` is of the change that owes it.
    """

    id = fields.BigIntField(primary_key=True)
    booking: fields.ForeignKeyRelation[Booking] = fields.ForeignKeyField("models.Booking", related_name="deliveries")
    revision = fields.IntField()
    kind = fields.CharField(max_length=11)
    lead_minutes = fields.IntField()
    audience = fields.CharField(max_length=5)
    recipient = fields.CharField(max_length=254)
    language = fields.CharField(max_length=8)
    due_at = fields.DatetimeField()
    claimed_until = fields.DatetimeField(null=True)
    attempts = fields.IntField()
    lost = fields.IntField()
    sent_at = fields.DatetimeField(null=True)
    dropped_at = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)
    request_id = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "deliveries"
        unique_together = (("booking", "revision", "kind", "lead_minutes", "audience"),)

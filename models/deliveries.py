"""What is owed to somebody outside: one row a notice."""

from tortoise import fields
from tortoise.models import Model

from models.accounts import User
from models.bookings import Booking


class Delivery(Model):
    """A notice that a change owes, written in the change's transaction, paid by a worker.

    ``attempts`` counts answers of the mail server, ``lost`` leases that ran out; ``lead_minutes`` is 0 for all but
    reminders; ``request_id`` is of the change that owes it. A mail about an account has a user and no booking; a row
    with neither was asked for an address that has no account, and is never sent.
    """

    id = fields.BigIntField(primary_key=True)
    booking: fields.ForeignKeyNullableRelation[Booking] = fields.ForeignKeyField(
        "models.Booking", related_name="deliveries", null=True
    )
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="deliveries", null=True, db_index=True
    )
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
    created_at = fields.DatetimeField()

    class Meta:
        table = "deliveries"
        unique_together = (("booking", "revision", "kind", "lead_minutes", "audience"),)
        indexes = (("recipient", "created_at"),)

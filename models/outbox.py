"""What must be sent to somebody outside: one row a message."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.accounts import UserModel
from models.bookings import BookingModel


class OutboxEntryModel(Model):
    """A message that must be sent: written in the transaction of the change that makes it necessary, sent by a worker.

    ``kind`` says which handler sends it (mail), ``topic`` what about, ``target`` to whom; ``payload`` holds ids,
    numbers and codes alone. Rows of one ``ordering_key`` are sent one after the other, by id. ``attempts`` counts
    answers of the receiver, ``expired`` leases that ran out; ``first_due_at`` is set once ``due_at`` was moved for
    another try. ``booking`` and ``user`` are columns, so that a row goes with what it is about. A mail about an
    account has a user, and neither venue nor booking; a row with neither was asked for an address that has no
    account, and is never sent.
    """

    id = fields.BigIntField(primary_key=True)
    venue_id = fields.BigIntField(null=True)
    kind = fields.CharField(max_length=16)
    topic = fields.CharField(max_length=16)
    target = fields.CharField(max_length=254)
    payload: Any = fields.JSONField()
    booking: fields.ForeignKeyNullableRelation[BookingModel] = fields.ForeignKeyField(
        "models.BookingModel", related_name="outbox", null=True, db_constraint=False
    )
    user: fields.ForeignKeyNullableRelation[UserModel] = fields.ForeignKeyField(
        "models.UserModel", related_name="outbox", null=True, db_index=True
    )
    ordering_key = fields.CharField(max_length=64, null=True)
    due_at = fields.DatetimeField()
    first_due_at = fields.DatetimeField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    attempts = fields.IntField()
    expired = fields.IntField()
    sent_at = fields.DatetimeField(null=True)
    dropped_at = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(null=True)
    request_id = fields.CharField(max_length=64, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "outbox"
        indexes = (("target", "created_at"),)

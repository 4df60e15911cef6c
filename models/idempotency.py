"""The first answers to requests that may come again."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class IdempotencyKeyModel(Model):
    """A key that a caller gave with a write. The same request with it is answered from ``answer`` until ``expires_at``.

    ``caller`` says who gave it. Requests give ``key`` and ``digest`` (what was asked) as keyed digests, so neither says
    anything by itself; ``answer`` holds ids, times and codes alone.
    """

    id = fields.BigIntField(primary_key=True)
    caller = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    digest = fields.CharField(max_length=64)
    answer: Any = fields.JSONField(null=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "idempotency_keys"
        unique_together = (("caller", "key"),)

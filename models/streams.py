"""Versioned streams and their events: what makes a view provable."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class StreamModel(Model):
    """The head of a stream: its version and its last event's id, 0 before the first.

    Its name is ``day:2026-11-24`` or ``tables``, and ``17/day:2026-11-24`` of venue 17; the database works ``venue_id``
    out of it. The row's lock orders all writers of the stream.
    """

    name = fields.CharField(max_length=64, primary_key=True)
    venue_id = fields.BigIntField()
    version = fields.BigIntField()
    head = fields.BigIntField()

    class Meta:
        table = "streams"


class EventModel(Model):
    """One change of a stream, append-only until it is forgotten (hub.store.retention).

    ``data`` holds ids and times, never a name, a phone number or an e-mail.
    """

    id = fields.BigIntField(primary_key=True)
    stream = fields.CharField(max_length=64)
    venue_id = fields.BigIntField()
    version = fields.BigIntField()
    kind = fields.CharField(max_length=16)
    data: Any = fields.JSONField()
    actor = fields.BigIntField(null=True)
    request_id = fields.CharField(max_length=64, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "events"
        unique_together = (("stream", "version"),)

"""Versioned streams and their events: what makes a view provable."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Stream(Model):
    """The head of a stream, ``day:2026-11-24`` or ``tables``: its version and its last event's id (0 before the first).
    Its row lock orders all writers of that stream."""

    name = fields.CharField(max_length=32, primary_key=True)
    version = fields.BigIntField()
    head = fields.BigIntField()

    class Meta:
        table = "streams"


class Event(Model):
    """One change of a stream, append-only. ``data`` holds ids and times, never a name, a phone number or an e-mail."""

    id = fields.BigIntField(primary_key=True)
    stream = fields.CharField(max_length=32)
    version = fields.BigIntField()
    kind = fields.CharField(max_length=16)
    data: Any = fields.JSONField()
    actor = fields.BigIntField(null=True)
    request_id = fields.CharField(max_length=64, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "events"
        unique_together = (("stream", "version"),)

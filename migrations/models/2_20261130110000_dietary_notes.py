"""Dietary notes without an end of their own follow their guests' bookings: the oldest are looked at first."""

from tortoise import BaseDBAsyncClient

from migrations import states

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
CREATE INDEX guest_notes_dietary ON guest_notes (created_at) WHERE kind = 'dietary' AND keep_until IS NULL;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX guest_notes_dietary;"


MODELS_STATE = states.before(__file__)

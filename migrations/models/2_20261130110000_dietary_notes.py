"""Dietary notes without an end of their own follow their guests' bookings: the oldest are looked at first. And what
was written of a party that waits can be put right."""

from tortoise import BaseDBAsyncClient

from migrations import sql, states

RUN_IN_TRANSACTION = True


INDEX = """
CREATE INDEX guest_notes_dietary ON guest_notes (created_at) WHERE kind = 'dietary' AND keep_until IS NULL;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return INDEX + sql.functions()


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP INDEX guest_notes_dietary;"


MODELS_STATE = states.before(__file__)

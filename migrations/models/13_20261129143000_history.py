"""The events of one booking are found by an index: its history is read at once, however many events there are."""

from tortoise import BaseDBAsyncClient

from migrations import states

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        -- As text: an event of another release may name its booking in another way, and must not be refused for it.
        CREATE INDEX events_of_booking ON events ((data->>'booking'), id) WHERE data->>'booking' IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX events_of_booking;"""


MODELS_STATE = states.before(__file__)

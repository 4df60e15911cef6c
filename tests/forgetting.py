"""Events are forgotten as if so many days had passed since they were written."""

from __future__ import annotations

from typing import Any

from hub.store import retention

LATER = 400


async def forget_events(sql: Any, *, later: int = LATER) -> int:
    """Forget what workers forget ``later`` days from now where nothing is kept for a day; returns how many.

    It is for databases of other processes: hub.store.retention asks that of its own. ``sql`` is a connection.
    """
    forgotten = 0
    async with sql.transaction():
        await sql.execute(retention.FORGETTING)
        for chosen in (retention.OLD_EVENTS, retention.OLD_FLOOR_EVENTS):
            statement = f"DELETE FROM events WHERE id IN ({chosen}) RETURNING id"
            while rows := await sql.fetch(statement, retention.MOST, -later):
                forgotten += len(rows)
    return forgotten

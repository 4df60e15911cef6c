"""The one question by which a process learns whether what it holds is what the database holds.

It compares, for all streams at once, version and last event; gives the epoch, and whether the server is still the one
that the epoch was made on, and its timeline the same; and brings the sessions that were ended and the roles,
memberships and venues that changed. In the usual case, where nothing differs, next to nothing is sent back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from hub.security import REMEMBERED
from hub.store import database


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands in the database, of which a view is at another version or of another event.

    ``held`` is the id of the event at the view's own version, where the database is further on; None where there is
    none.
    """

    version: int
    id: int
    held: int | None

    def continues(self, version: int, head: int) -> bool:
        """Whether a view at ``version``, whose last event is ``head``, is of this stream's own past. Where it is not,
        the database has lost what it had committed: it was restored, or failed over."""
        return self.version > version and (self.held == head or self.held is None)


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What the database answered, at ``now`` by its own clock."""

    epoch: str
    now: datetime
    follows: bool
    """The server is a standby and takes no writes: what it holds may lag."""
    moved: bool
    """The epoch was made on another server or timeline than this one."""
    heads: dict[str, Head]
    """The streams that differ from what was asked about."""
    ended: list[int]
    roles: dict[int, str]
    memberships: list[tuple[int, int, str | None]]
    """User, venue and role; None: it has ended."""
    venues: bool
    """Whether one was made, changed or retired."""


async def look(views: Mapping[str, tuple[int, int]], since: datetime | None) -> DatabaseState:
    """Ask about ``views``: stream → version and last event's id. Raises Unavailable, Overloaded.

    It gives the sessions, roles, memberships and venues that ended or changed after ``since``; None: as far back as any
    token may reach, and all memberships.
    """
    [row] = await database.fetch_apart(
        QUESTION, list(views), [version for version, _ in views.values()], [head for _, head in views.values()], since
    )
    return DatabaseState(
        row["epoch"],
        row["now"],
        row["timeline"] is None,
        bool(row["moved"]),
        {stream: Head(*head) for stream, head in orjson.loads(row["heads"]).items()},
        orjson.loads(row["ended"]),
        dict(orjson.loads(row["changed"])),
        [tuple(each) for each in orjson.loads(row["memberships"])],
        row["venues"],
    )


QUESTION = f"""
SELECT h.epoch, clock_timestamp() AS now, t.timeline,
       h.system_identifier <> c.system_identifier::text OR h.timeline <> t.timeline AS moved,
       (SELECT coalesce(jsonb_object_agg(v.stream, jsonb_build_array(
                   coalesce(s.version, 0), coalesce(s.head, 0),
                   CASE WHEN s.version > v.version THEN (
                       SELECT e.id FROM events e WHERE e.stream = v.stream AND e.version = v.version) END)), '{{}}')
        FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS v(stream, version, head)
        LEFT JOIN streams s ON s.name = v.stream
        WHERE coalesce(s.version, 0) <> v.version OR coalesce(s.head, 0) <> v.head) AS heads,
       (SELECT coalesce(jsonb_agg(id), '[]') FROM sessions
        WHERE ended_at > coalesce($4, statement_timestamp() - interval '{REMEMBERED.total_seconds()} s')) AS ended,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(id, role)), '[]') FROM users
        WHERE changed_at > coalesce($4, statement_timestamp() - interval '{REMEMBERED.total_seconds()} s')
          AND changed_at > created_at) AS changed,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(
                   user_id, venue_id, CASE WHEN ended_at IS NULL THEN role END)), '[]') FROM memberships
        WHERE changed_at > coalesce($4, '-infinity')) AS memberships,
       EXISTS (SELECT FROM venues WHERE changed_at > $4) AS venues
FROM hub h, pg_control_system() c, (SELECT hub_timeline() AS timeline OFFSET 0) t
"""  # noqa: S608 a constant

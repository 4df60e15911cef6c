"""The roles that a client is told: in the venue of its address, and where else whoever it is has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.domain.events import MAIN
from hub.domain.roles import VIEWERS

if TYPE_CHECKING:
    from hub.live.session import LiveSession
    from hub.live.sessions import Sessions


def shown_roles(session: LiveSession, sessions: Sessions, venue_id: int) -> dict[str, str]:
    """By the slug of each venue."""
    if session.identity is None:
        return {}
    context = sessions.broadcaster.context
    ids = [venue_id, *sessions.tokens.venues_of(session.user_id)]
    if session.role_at(MAIN) in VIEWERS:  # which an account may be there without being a member
        ids.append(MAIN)
    venues = map(context.venue, ids)
    return {each.venue.slug: session.role_at(each.id) for each in venues if each is not None}

"""How a session gets the channels that its client names: each is checked, and then told by the broadcaster.

What is refused is said for each channel by itself, and the others go on.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.live import channels, messages
from hub.live.channel_reader import READ_SECONDS
from hub.live.client_commands import Id
from hub.live.refusals import NotRead, refusal

if TYPE_CHECKING:
    from hub.live.session import LiveSession
    from hub.live.sessions import Sessions

SUBSCRIBE_SECONDS = 0.25
HURRIED_SECONDS = 0.25
"""How long each further channel of a command is waited for once one of them could not be read in time: what is in
memory is shown, and the command does not take that time again for each of fifty channels."""


async def subscribe_all(
    session: LiveSession, sessions: Sessions, venue_id: int, id: Id, wanted: dict[str, str | None]
) -> None:
    """Subscribe to each of the channels, by name, ``since`` a position or None. ``venue_id`` is that of the session's
    address, whose channels have no prefix."""
    within = READ_SECONDS
    for name, since in wanted.items():
        if session.is_ending:
            return
        if not await subscribe(session, sessions, venue_id, id, name, since, within):
            within = HURRIED_SECONDS
        await asyncio.sleep(0)  # the others' turn


async def subscribe(
    session: LiveSession,
    sessions: Sessions,
    venue_id: int,
    id: Id,
    name: str,
    since: str | None,
    within: float = READ_SECONDS,
) -> bool:
    """False where the channel could not be read within so many seconds."""
    context, writer = sessions.broadcaster.context, sessions.broadcaster.writer
    channel = channels.parse(name, venue_id, context.id_of)
    if channel is not None:
        channel = channel.of_user(session.user_id)
    place = context.venue(channel.venue_id) if channel is not None else None
    if channel is None or place is None or not channel.is_shown(datetime.now(UTC), place.rules):
        writer.send(session, messages.error(id, "unknown_channel", "There is no such channel.", channel=name[:64]))
        return True
    if not channel.may_see(session.role_at(channel.venue_id)):
        writer.send(session, messages.error(id, "forbidden", "Your role may not see this channel.", channel=name))
        return True
    most = sessions.bounds.subscriptions
    if most and name not in session.subscriptions and len(session.subscriptions) >= most:
        writer.send(session, messages.error(id, "too_many_subscriptions", f"At most {most} channels.", channel=name))
        return True
    # What a connect asks for goes out as the transport takes it: no reader is slow because it asked for much.
    writer.flush(session)
    await session.queue.until_empty()
    await sessions.event_subscriber.confirmed(SUBSCRIBE_SECONDS)
    try:
        await sessions.broadcaster.subscribe(session, channel, since=since, id=id, within=within)
    except HubError as error:
        writer.send(session, refusal(id, name, error))
        return not isinstance(error, NotRead)
    return True

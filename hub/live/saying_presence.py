"""How a session says which booking it has open, to the others who watch the same presence channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import TooManyRequests
from hub.live import messages
from hub.live.client_commands import SayPresence
from hub.live.projections.presence import Presence
from hub.live.sources.presence import PresenceSource

if TYPE_CHECKING:
    from hub.live.session import LiveSession
    from hub.live.sessions import Sessions

RETRY_MS = 200


def say_presence(session: LiveSession, sessions: Sessions, command: SayPresence) -> None:
    """The channel must be watched, so that it is known when the session leaves it."""
    broadcaster, subscription = sessions.broadcaster, session.subscriptions.get(command.channel)
    if subscription is None or not isinstance(subscription.source, PresenceSource):
        answer = messages.error(
            command.id, "unknown_channel", "Watch this presence channel first.", channel=command.channel
        )
        broadcaster.writer.send(session, answer)
        return
    try:
        presence = Presence(session.user_id, command.card, command.dragging)
        subscription.source.say(subscription.channel, session.name, presence)
    except TooManyRequests as error:
        answer = messages.error(
            command.id, "rate_limited", error.message, channel=command.channel, retryable=True, retry_after_ms=RETRY_MS
        )
    else:
        answer = messages.noted(command.id, command.channel)
    broadcaster.writer.send(session, answer)

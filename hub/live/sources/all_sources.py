"""Every source of a process, each by the name that projections know it by: a new one is a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hub.domain.events import Event
from hub.live.sources.own_bookings import OwnBookingsSource
from hub.live.sources.presence import PresenceSource
from hub.live.sources.service_day import ServiceDay
from hub.live.sources.source import Listener, Source
from hub.live.sources.starts import StartsSource
from hub.live.sources.views import NamedViews, Views
from hub.views.cache import ViewCache
from hub.views.context import Context


def make_sources(
    context: Context, views: ViewCache, send: Callable[[Sequence[Event]], None], listener: Listener
) -> Mapping[str, Source]:
    """``send`` publishes what is of no database: who of the staff looks at a day. It never waits."""
    return {
        "views": Views(context, views),
        "named_views": NamedViews(context, views),
        "starts": StartsSource(context, views),
        "own_bookings": OwnBookingsSource(context, listener),
        "service_day": ServiceDay(context, listener),
        "presence": PresenceSource(context, listener, send),
    }

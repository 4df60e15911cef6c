"""Verbs that are called without HTTP: a context with views of its own, which nobody keeps current."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hub.config import Settings
from hub.domain.events import Event
from hub.metrics import Metrics
from hub.security import Tokens
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext

METRICS = Metrics()


def writing_context(settings: Settings, publish: Callable[[Sequence[Event]], None]) -> VenueContext:
    """Venue 1. Needs an open database. ``publish`` takes the events of each commit."""
    context = Context(settings, publish)
    context.write_on(ViewCache(context, Tokens(settings), None, METRICS))
    return context.main

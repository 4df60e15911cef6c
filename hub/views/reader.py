"""Views are read: from the checkpoint in Redis and the events since it, or else from the rows, which are then kept as a
checkpoint. What can't be read is noted, and is unavailable by itself (hub.views.quarantine)."""

from __future__ import annotations

from hub.domain.events import Event
from hub.errors import HubError
from hub.metrics import Metrics
from hub.store import streams
from hub.views.background import Background
from hub.views.checkpoints import Checkpoints, Loaded, load
from hub.views.context import Context
from hub.views.quarantine import Quarantine, Unreadable
from hub.views.read_places import ReadPlaces


class ViewReader:
    def __init__(
        self, context: Context, checkpoints: Checkpoints | None, background: Background, metrics: Metrics
    ) -> None:
        self.quarantine = Quarantine(metrics)
        self._places = ReadPlaces()
        self._context = context
        self._checkpoints = checkpoints
        self._background = background
        self._metrics = metrics

    async def read(self, stream: str) -> Loaded:
        """Raises Unavailable, also for what can't be read, and Overloaded."""
        try:
            async with self._places.take(stream):
                loaded = await load(self._checkpoints, self._context.epoch, stream)
        except HubError:
            raise
        except Exception as error:
            self.quarantine.add(stream, error)
            raise Unreadable() from error
        self.quarantine.remove(stream)
        self._metrics.loads.labels("rows" if loaded.from_rows else "checkpoint").inc()
        if loaded.from_rows and self._checkpoints is not None:
            saving = self._checkpoints.write(loaded.epoch, stream, loaded.view.version, loaded.view.checkpoint())
            self._background.begin(saving)
        return loaded

    async def events_since(self, stream: str, version: int) -> list[Event]:
        """The events of a stream after ``version``, in order. Raises Unavailable, Overloaded."""
        async with self._places.take(stream):
            return await streams.events_since(stream, version)

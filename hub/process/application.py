"""Sanic's application with a stop that is not lost."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

AGAIN_SECONDS = 0.1


class Application(Sanic[Any, Any]):
    """Sanic sets its handlers of signals while the loop still runs what comes before serving. To stop the loop there
    would end that with an error, or nothing at all."""

    def stop(self, terminate: bool = True, unregister: bool = False) -> None:
        """Stop serving in order, as soon as this serves. What a signal calls."""
        if self.state.is_running:
            super().stop(terminate, unregister)
        else:
            self.loop.call_later(AGAIN_SECONDS, self.stop, terminate, unregister)

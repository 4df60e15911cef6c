"""Paths of venues: what stands behind /v/SLUG is routed as if that were not there, and the handler is told the slug.

A second route for each call, with the slug as an argument, would do as well while a process runs. But each start would
take some 60 ms longer, and what is cached of a path would be of one venue alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic.exceptions import MethodNotAllowed, NotFound
from sanic.router import Router
from sanic_routing.route import Route

VENUE = "venue"
"""The name of the handler's argument."""
PREFIX = "/v/"
METHODS = ("GET", "POST", "PATCH", "DELETE")
NO_SUCH = "The requested URL was not found."


class VenueRouter(Router):
    """Routes that are added with ``ctx_by_venue=True`` answer under every venue's prefix too."""

    def get(  # type: ignore[override]  # Sanic's is wrapped in a cache, which the type says
        self, path: str, method: str, host: str | None
    ) -> tuple[Route, Callable[..., Any], dict[str, Any]]:
        if not path.startswith(PREFIX):
            return super().get(path, method, host)
        slug, _, rest = path[len(PREFIX) :].partition("/")
        if not slug:
            raise NotFound(NO_SUCH)
        try:
            route, handler, arguments = super().get(f"/{rest}", method, host)
        except MethodNotAllowed:
            if not any(self._is_by_venue(f"/{rest}", other, host) for other in METHODS):
                raise NotFound(NO_SUCH) from None
            raise
        if not getattr(route.ctx, "by_venue", False):
            raise NotFound(NO_SUCH)
        return route, handler, {**arguments, VENUE: slug}

    def _is_by_venue(self, path: str, method: str, host: str | None) -> bool:
        try:
            return bool(getattr(super().get(path, method, host)[0].ctx, "by_venue", False))
        except (NotFound, MethodNotAllowed):
            return False

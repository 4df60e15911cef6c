"""Which pages may use the hub: the hub's own, and those of ALLOWED_ORIGINS. A refused one is logged, with the
variable to set, once a minute for each origin."""

from __future__ import annotations

import time

from sanic import Request

from hub import logs
from hub.config import Settings
from hub.http.client import client_address, own_origin
from hub.origins import normal_origin
from hub.printable import printable

WARN_SECONDS = 60.0
MOST_WARNED = 64
"""Origins that are remembered as logged; beyond it nothing is logged until the oldest are forgotten."""
log = logs.get("hub.http.origins")
_warned: dict[str, float] = {}


def origin_allowed(request: Request, settings: Settings) -> bool:
    """Whether the page that sent a request may. A request without Origin comes from no page, and may."""
    origins: list[str] = request.headers.getall("origin", [])
    if not origins:
        return True
    own = own_origin(request, settings)
    if len(origins) == 1 and is_allowed(origins[0], own, settings):
        return True
    _warn(request, ", ".join(origins), own, settings)
    return False


def note_origin(request: Request, settings: Settings) -> None:
    """Log a REST request that a page may not make. It is answered all the same, and its browser keeps the answer
    from the page (CORS); whoever set up the page sees that in the browser alone."""
    if "origin" in request.headers:
        origin_allowed(request, settings)


def is_allowed(origin: str, own: str | None, settings: Settings) -> bool:
    try:
        origin = normal_origin(origin)
    except ValueError:
        return False
    return origin == own or origin in settings.allowed_origins


def _warn(request: Request, origin: str, own: str | None, settings: Settings) -> None:
    now = time.monotonic()
    shown = printable(origin)
    if now - _warned.get(shown, -WARN_SECONDS) < WARN_SECONDS:
        return
    for old in [each for each, at in _warned.items() if now - at >= WARN_SECONDS]:
        del _warned[old]
    if len(_warned) >= MOST_WARNED:
        return
    _warned[shown] = now
    log.warning(
        "a page of another origin was refused",
        origin=shown,
        own=own and printable(own),
        client=client_address(request),
        hint="set PUBLIC_URL, if guests open the hub's own page there; else ALLOWED_ORIGINS",
    )

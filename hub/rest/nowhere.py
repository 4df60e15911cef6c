"""What a browser shows at an address where there is nothing: a way to the guest's page. Programs are told in JSON."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from hub.rest.venue_router import PREFIX
from hub.views.context import Context

CSP = "default-src 'none'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>There is nothing here</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,"></head>
<body><main><h1>There is nothing here</h1>
<p>The address is not one of ours, or not any more. <a href="{home}">Book a table</a></p>
<p lang="ru">По этому адресу ничего нет. <a href="{home}">Забронировать стол</a></p>
</main></body></html>
"""


def is_asked_by_a_browser(request: Request) -> bool:
    """Whether a person opened the address; a page's own calls and other programs do not ask for HTML."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def page(request: Request, context: Context | None, request_id: str) -> HTTPResponse:
    """With the way to the page of the venue that the address names, else to the main one's."""
    slug = request.path.removeprefix(PREFIX).partition("/")[0] if request.path.startswith(PREFIX) else ""
    is_known = bool(slug) and context is not None and context.named(slug) is not None
    home = f"{PREFIX}{slug}/" if is_known else "/"
    headers = {
        "x-request-id": request_id,
        "cache-control": "no-store",
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "vary": "accept",
    }
    return HTTPResponse(PAGE.format(home=home), 404, headers, content_type="text/html; charset=utf-8")

"""GET /print/{date}: a service day as one page that can be printed; see hub.commands.paper."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sanic import HTTPResponse

from hub.commands import paper
from hub.commands.paper import Paper
from hub.domain import calendar
from hub.domain.calendar import local_date_time
from hub.domain.events import parse_version
from hub.errors import InThePast, NotFound, TooFarAhead
from hub.rest import bodies
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext
from hub.rest.paper_words import NEEDS, WORDS
from hub.views.context import VenueContext

if TYPE_CHECKING:
    from jinja2 import Template

STYLE = """
body { font: 11pt/1.35 system-ui, sans-serif; margin: 1.5cm; color: #000; background: #fff; }
h1 { font-size: 16pt; margin: 0; } h2 { font-size: 13pt; margin: 1em 0 .3em; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .2em .4em; text-align: start; vertical-align: top; }
tr { break-inside: avoid; } .gone { text-decoration: line-through; }
footer { margin-top: 1em; font-size: 9pt; }
@page { margin: 1cm; } @media print { body { margin: 0; } }
"""
HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = f"default-src 'none'; style-src 'sha256-{HASH}'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.PaperQuery = ctx.query
    day, context = ctx.day, ctx.context
    assert day is not None
    calendar.check_range(day, calendar.today(context.now(), context.rules), context.rules)
    found = await paper.read(context, day, since=parse_version(query.since))
    headers = {
        "content-security-policy": CSP, "cache-control": "no-store", "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }  # fmt: skip
    return HTTPResponse(page(found, context), 200, headers, content_type="text/html; charset=utf-8")


def page(found: Paper, context: VenueContext) -> str:
    """The paper as HTML, in the venue's language and times."""
    rules, language = context.rules, context.venue.language

    def time(at: datetime) -> str:
        return f"{local_date_time(at, rules)[1]:%H:%M}"

    on, at = local_date_time(found.at, rules)
    return _template().render(
        language=language,
        venue=context.venue.name,
        day=found.day.isoformat(),
        lines=found.lines,
        by_table=found.by_table,
        notes=found.notes,
        changes=found.changes,
        since=found.since,
        position=found.position,
        at=f"{on.isoformat()} {at:%H:%M:%S}",
        word=WORDS[language],
        need_word=NEEDS[language],
        time=time,
        style=STYLE,
    )


@cache
def _template() -> Template:
    """Read when it is first needed: most processes never print."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent.parent / "web" / "print"
    loader = FileSystemLoader(folder)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("day.html.jinja")


ENDPOINTS = [
    Endpoint(
        "GET", "/print/<date:str>", "print_day", "A service day to print: who comes by time and by table", read,
        who=STAFF, tag="days", query=bodies.PaperQuery, answers={200: None},
        codes=(NotFound, InThePast, TooFarAhead),
    ),
]  # fmt: skip

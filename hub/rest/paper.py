"""GET /print/{date}: a service day as one page that can be printed; see hub.commands.paper."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from sanic import HTTPResponse

from hub.commands import paper
from hub.commands.paper import Paper
from hub.domain import calendar
from hub.domain.events import parse_version
from hub.domain.paper import Closed, PaperLine
from hub.errors import InThePast, NotFound, TooFarAhead
from hub.rest import bodies
from hub.rest.endpoint import STAFF, AppState, Endpoint, RequestContext
from hub.rest.paper_words import FOLDER, Clock, clock_of, time_text, words_in
from hub.views.context import VenueContext

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = "body { margin: min(1.5cm, 3vw) } @page { margin: 1cm } @media print { body { margin: 0 } }"


async def read(state: AppState, ctx: RequestContext) -> HTTPResponse:
    query: bodies.PaperQuery = ctx.query
    day, context = ctx.day, ctx.context
    assert day is not None
    calendar.check_range(day, calendar.today(context.now(), context.rules), context.rules)
    found = await paper.read(context, day, since=parse_version(query.since))
    headers = {
        "content-security-policy": _policy(), "cache-control": "no-store", "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }  # fmt: skip
    html = page(found, context, query.language, query.clock)
    return HTTPResponse(html, 200, headers, content_type="text/html; charset=utf-8")


def page(found: Paper, context: VenueContext, language: str | None = None, clock: Clock | None = None) -> str:
    """The paper as HTML, in the venue's times. Of who reads it the language and the clock; None: the venue's."""
    venue = context.venue
    hours = clock or clock_of(language or venue.language, venue.country)
    language = language or venue.language
    rules, words = context.rules, words_in(language)

    def time(at: datetime) -> str:
        """Of a time that the clock shows twice with its offset, as at the stand."""
        local = at.astimezone(rules.zone)
        is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        shown = time_text(local, hours)
        return f"{shown} UTC{local.isoformat()[-6:]}" if is_twice else shown

    def closed(each: Closed) -> str:
        about = {"from": time(each.since), "to": time(each.until), "why": each.reason}
        return words.filled["closedWhy" if each.reason else "closed"].format(**about)

    def said(line: PaperLine) -> list[str]:
        needs = ", ".join(words.needs[each] for each in line.texts.needs)
        texts = (line.texts.occasion, needs, line.texts.note, line.texts.house_note)
        return [text for text in texts if text]

    return _template().render(
        language=language,
        venue=venue.name,
        day=words.day(found.day),
        found=found,
        word=words.plain,
        words=words,
        own=words.own,
        foot=words.filled["asOf"].format(
            time=time_text(found.at.astimezone(rules.zone), hours, seconds=True), position=found.position
        ),
        is_party=lambda each: isinstance(each, PaperLine),
        time=time,
        closed=closed,
        said=said,
        style=_style(),
    )


@cache
def _style() -> str:
    return (FOLDER / "paper.css").read_text(encoding="utf-8") + PAGE


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


@cache
def _template() -> Template:
    """Read when it is first needed: most processes never print."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(FOLDER)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.get_template("day.html.jinja")


ENDPOINTS = [
    Endpoint(
        "GET", "/print/<date:str>", "print_day", "A service day to print: who comes by time and by table", read,
        who=STAFF, tag="days", query=bodies.PaperQuery, answers={200: None},
        codes=(NotFound, InThePast, TooFarAhead),
    ),
]  # fmt: skip

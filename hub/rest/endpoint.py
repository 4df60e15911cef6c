"""One call of the REST contract, around its handler: parse, authorise, run, render, log, count.

An Endpoint says everything about a call but what it does; the OpenAPI document is made from the same list
(hub.rest.openapi). All of it is one function around the handler and no middleware, because a middleware costs every
request more than the work it does here (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel
from sanic import HTTPResponse, Request, Sanic

from hub import logs
from hub.commands.call import Call
from hub.commands.passwords import Passwords
from hub.commands.throttle import Throttle
from hub.domain import roles
from hub.errors import (
    AuthError,
    Changed,
    Forbidden,
    HubError,
    NotFound,
    Overloaded,
    Unavailable,
)
from hub.http.origins import note_origin
from hub.live.broadcaster import Broadcaster
from hub.metrics import Metrics
from hub.rest import bodies, conditions, errors, reading, repeats, values
from hub.rest.rendered import Rendered
from hub.rest.statuses import STATUSES
from hub.rest.venue_router import VENUE
from hub.security import Identity, Tokens
from hub.store.keys import Key
from hub.views.cache import ViewCache
from hub.views.context import Context, VenueContext

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ANYONE, USER, RENEWABLE, VIEWER, STAFF, MANAGER = "anyone", "user", "renewable", "viewer", "staff", "manager"
ROLES = {VIEWER: roles.VIEWERS, STAFF: roles.STAFF, MANAGER: roles.MANAGERS}
"""Who may call what not every user may."""
RENEWABLE_SECONDS = 120
"""For how long after its end a token may still be refreshed: a socket lives on for a grace before it says 4200."""
PACED = frozenset(code for code, status in STATUSES.items() if status == 429) | {Overloaded.code}
PACE_SECONDS = 1.0
"""No sooner than this after its request is such a refusal answered. It costs next to nothing, so a client that asks
again at once, over many connections, would otherwise ask as fast as this process can answer, and everybody else would
wait behind it."""
ERROR_FORMAT = "json"
"""Of Sanic's own errors, none of which is ever sent. Where it is not given, Sanic reads the source of each handler to
find it, for a tenth of a start."""
NEVER_IN_HEADERS = str.maketrans("", "", "\r\n\0")
log = logs.get("hub.http")


@dataclass(slots=True)
class AppState:
    """What handlers work with: the parts of this process, joined in hub.process.app."""

    context: Context
    views: ViewCache
    tokens: Tokens
    passwords: Passwords
    throttle: Throttle
    broadcaster: Broadcaster
    metrics: Metrics
    redis: Any
    draining: Callable[[], bool]
    asked: dict[str, Any] = field(default_factory=dict)
    asked_at: int = 0
    """Queries for tables that were read in this second (hub.rest.tables bounds it)."""
    starts: dict[Any, Any] = field(default_factory=dict)
    """Starts of the grid that were asked for, worked out (hub.rest.tables bounds it)."""
    rendered: Rendered = field(default_factory=Rendered)
    running: set[tuple[str, str]] = field(default_factory=set)
    """The idempotency keys, with their callers, of the requests that run (hub.rest.repeats)."""
    judging: asyncio.Task[str] | None = None
    """The last look whether PostgreSQL takes bookings (hub.rest.health)."""
    waiting: bool = False
    """Whether the process still waits for PostgreSQL, and answers nothing but how it is."""


@dataclass(slots=True)
class RequestContext:
    """One request, parsed and authorised: ``context`` is that of the venue which its path names, ``identity`` has the
    role there. ``ids`` are the numbers in its path, ``day`` is the date there."""

    request: Request
    request_id: str
    context: VenueContext
    identity: Identity | None
    body: Any
    query: Any
    ids: list[int]
    day: date | None = None
    token: str = ""
    """The secret in its path, where it has one."""
    key: Key | None = None
    """Its Idempotency-Key, where the call takes one."""
    revisions: frozenset[int] | None = None
    """The revisions that its If-Match names; None: any."""

    @property
    def by(self) -> Identity:
        assert self.identity is not None
        return self.identity

    @property
    def call(self) -> Call:
        """What a verb that writes is given."""
        return Call(self.by, self.request_id, self.key, self.revisions)


Handler = Callable[[AppState, RequestContext], Awaitable[HTTPResponse]]
Repeat = Callable[[AppState, RequestContext, Mapping[str, Any]], Awaitable[HTTPResponse]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call of the contract. ``codes`` are the error codes of its own, beside those that every such call may give."""

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    who: str = USER
    body: type[bodies.Body] | None = None
    body_optional: bool = False
    query: type[BaseModel] | None = None
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    codes: tuple[type[HubError], ...] = ()
    keyed: str = ""
    """How it takes an Idempotency-Key (hub.rest.repeats); "": not at all."""
    repeat: Repeat | None = None
    """The answer to a request that came again, from what was kept under its key."""
    present: Callable[[RequestContext], Awaitable[Any]] | None = None
    """It takes If-Match; and this is how the thing is read that a refusal shows as it is now."""
    scoped: bool = False
    """Who came by the link of a mail may call it too, for the booking of the link; the handler's verb sees to that."""
    raw_query: bool = False
    """The handler reads the query itself (and validates it with ``query``): the hottest call remembers what it read."""
    tag: str = ""


class EncodedResponse(HTTPResponse):
    """An answer whose headers are cleaned and encoded once for all: Sanic does it for each header of each answer."""

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        headers = self.headers
        if self.content_type is not None:  # of an answer without a body nothing is said, where Sanic says "None"
            headers.setdefault("content-type", self.content_type)
        return iter(
            [
                # Every request has another one, and its form was checked (take_request_id).
                (b"x-request-id", value.encode("ascii")) if name == "x-request-id" else _encoded(name, str(value))
                for name, value in headers.items()
            ]
        )


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode("ascii"), value.translate(NEVER_IN_HEADERS).encode(errors="surrogateescape")


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """A JSON answer; ``body`` may be rendered bytes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return EncodedResponse(data, status, headers or {}, content_type="application/json")


def empty(status: int = 204, headers: dict[str, str] | None = None) -> HTTPResponse:
    """An answer without a body."""
    return EncodedResponse(b"", status, headers or {})


def is_known(held: str | None, etag: str) -> bool:
    """Whether If-None-Match names this ETag. Compared weakly (RFC 9110, 13.1.2): a proxy may have weakened it."""
    if held is None or held == etag:
        return held is not None
    return held.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in held.split(","))


def add(app: Sanic[Any, Any], endpoint: Endpoint) -> None:
    """Route an endpoint; the parts of the process are in ``app.ctx.state`` by the time it is served."""
    route = endpoint.path

    async def serve(request: Request, **path: str) -> HTTPResponse:
        started = time.perf_counter()
        state: AppState = app.ctx.state
        method = request.method
        request_id = take_request_id(request)
        note_origin(request, state.context.settings)
        identity: Identity | None = None
        code: str | None = None
        context = state.context.main
        try:
            if state.waiting and endpoint.tag != "operations":
                raise Unavailable("The hub waits for its database. Try again shortly.")
            if VENUE in path:
                context = _venue(state, path.pop(VENUE))
            if endpoint.who != ANYONE:
                identity = state.tokens.at(authenticate(request, endpoint, state.tokens), context.id)
                if endpoint.who in ROLES and identity.role not in ROLES[endpoint.who]:
                    raise Forbidden()
            day = _path_date(path.pop("date")) if "date" in path else None
            token = path.pop("token", "")
            ids = [_path_id(text) for text in path.values()]
            body = _read_body(request, endpoint)
            query = None
            if endpoint.query is not None and not endpoint.raw_query:
                query = reading.query(request.query_string, endpoint.query)
            ctx = RequestContext(request, request_id, context, identity, body, query, ids, day, token)
            if endpoint.keyed:
                ctx.key = conditions.key(request, identity, body, context.settings.secret_key)
            if endpoint.present is not None:
                ctx.revisions = conditions.revisions(request)
            response = await _carry_out(endpoint, state, ctx)
        except HubError as error:
            code = error.code
            for_staff = identity is not None and identity.is_staff
            response = errors.problem(error, context=context, request_id=request_id, for_staff=for_staff)
        except Exception:
            log.exception("a request failed", request_id=request_id, route=route)
            code = "internal"
            response = errors.problem(HubError(), context=context, request_id=request_id)
        response.headers["x-request-id"] = request_id
        response.headers["x-content-type-options"] = "nosniff"
        response.headers.setdefault("cache-control", "no-store")  # tokens, people: kept nowhere
        seconds = time.perf_counter() - started
        state.metrics.request(route, method, response.status, seconds, code)
        note(request_id, method, route, response.status, seconds, _account_of(identity), code)
        if code in PACED:
            # Spread, so that those who were refused together do not come back together.
            pace = PACE_SECONDS * (1 + random.random() / 2)  # noqa: S311 no secret
            await asyncio.sleep(pace - seconds)  # which may be over: for a connection one waits two seconds
        return response

    serve.__name__ = endpoint.name
    of_a_venue = endpoint.tag != "operations"
    methods = with_head(endpoint.method)
    app.add_route(
        serve,
        endpoint.path,
        methods=methods,
        name=endpoint.name,
        error_format=ERROR_FORMAT,
        ctx_by_venue=of_a_venue,
    )


async def _carry_out(endpoint: Endpoint, state: AppState, ctx: RequestContext) -> HTTPResponse:
    try:
        if ctx.key is None or endpoint.keyed == repeats.REPEATABLE:
            return await endpoint.handler(state, ctx)
        return await repeats.answer(endpoint, state, ctx, ctx.key)
    except Changed as refusal:
        if "present" not in refusal.extra and endpoint.present is not None:
            refusal.extra["present"] = await endpoint.present(ctx)
        raise


def _account_of(identity: Identity | None) -> int | None:
    return identity.user_id if identity is not None and identity.link is None else None


def _venue(state: AppState, slug: str) -> VenueContext:
    found = state.context.named(slug)
    if found is None:
        raise NotFound("There is no such venue.")
    return found


def with_head(method: str) -> list[str]:
    """Whoever may GET may ask for the headers alone: Sanic then leaves the body out."""
    return ["GET", "HEAD"] if method == "GET" else [method]


def seconds_since_head(request: Request) -> float:
    """Since the request's head was read: for answers that no handler of ours made."""
    began: float | None = getattr(request.stream, "perft0", None)
    return time.perf_counter() - began if began is not None else 0.0


def _line(
    request_id: str, method: str, route: str, status: int, seconds: float, user_id: int | None, code: str | None
) -> dict[str, Any]:
    line = {
        "event": "request",
        "request_id": request_id,
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        "user_id": user_id,
    }
    if code:
        line["error_code"] = code
    return line


note = logs.deferred("hub.http", _line)
"""The one line of a request: see ``_line`` for its arguments."""


def take_request_id(request: Request) -> str:
    """The caller's X-Request-ID where it is of a safe form, else a new one."""
    given: str | None = request.headers.get("x-request-id")
    if given and REQUEST_ID.fullmatch(given):
        return given
    # It names a request and guards nothing, so no system call is spent on it.
    return f"{random.getrandbits(64):016x}"


def bearer(request: Request) -> str:
    """The token of the Authorization header. Raises AuthError when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AuthError()
    return token.strip()


def authenticate(request: Request, endpoint: Endpoint, tokens: Tokens) -> Identity:
    grace = RENEWABLE_SECONDS if endpoint.who == RENEWABLE else 0
    token, now = bearer(request), time.time() - grace
    try:
        return tokens.check(token, now)
    except AuthError:
        if not endpoint.scoped:
            raise
        return tokens.check_of_link(token, now)


def signed_in(request: Request, tokens: Tokens) -> Identity | None:
    """Who makes a call that anyone may make, where a token says it; one that is no longer good says nothing."""
    try:
        return tokens.check(bearer(request), time.time())
    except AuthError:
        return None


def _path_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 0 < int(text) <= values.BIGGEST_ID:
        raise NotFound()
    return int(text)


def _path_date(text: str) -> date:
    """In the one form that names a channel too. Raises NotFound."""
    try:
        if len(text) == 10 and text.isascii() and (found := date.fromisoformat(text)).isoformat() == text:
            return found
    except ValueError:
        pass
    raise NotFound()


def _read_body(request: Request, endpoint: Endpoint) -> bodies.Body | None:
    if endpoint.body is None:
        return None
    if not request.body and endpoint.body_optional:
        return endpoint.body()
    return reading.body(request.body, endpoint.body)

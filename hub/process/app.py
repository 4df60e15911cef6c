"""create_app(settings): the one place where the parts of a process are joined.

Parts that need a running loop are made in ``before_server_start``, in the process that serves; nothing is made at
import. What a request does is hub.rest's, what a socket does hub.live's.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from redis.asyncio import Redis
from sanic import Sanic

from hub import logs
from hub.commands import stranded
from hub.commands.passwords import Passwords
from hub.commands.throttle import Throttle
from hub.commands.waitlist_keeper import WaitlistKeeper
from hub.config import Settings
from hub.counters import Counters
from hub.domain import calendar
from hub.domain.events import Event
from hub.errors import HubError
from hub.http.client import Proxies
from hub.http.connections import Connections
from hub.live import upgrade
from hub.live.broadcaster import Broadcaster
from hub.live.registry import CLOSES
from hub.live.sessions import Sessions
from hub.live.sources.all_sources import make_sources
from hub.metrics import Metrics
from hub.process.keeper import Keeper
from hub.process.sampler import Sampler
from hub.rest import endpoint, pages, unrouted
from hub.rest.contract import ENDPOINTS, errors_of
from hub.rest.endpoint import AppState
from hub.rest.venue_router import VenueRouter
from hub.security import Tokens
from hub.store import database, main_venue, migration
from hub.store.failures import sqlstate_of
from hub.store.pool import end_process
from hub.views.cache import ViewCache
from hub.views.checkpoints import Checkpoints
from hub.views.context import Context
from hub.views.publisher import EventPublisher
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber
from hub.views.wake_ups import WakeUps

BODY_BYTES = 65536
DRAIN_SECONDS = 3.0
PATIENT_SECONDS = 2.0
"""How long a process that starts waits for PostgreSQL before it answers that it waits."""
log = logs.get("hub.process.app")


def create_app(settings: Settings) -> Sanic[Any, Any]:
    """The application. It listens to nothing and connects to nothing before it is served."""
    app: Sanic[Any, Any] = Sanic("hub", configure_logging=False, router=VenueRouter())
    app.config.update(
        REQUEST_MAX_SIZE=BODY_BYTES,
        REQUEST_TIMEOUT=30,
        RESPONSE_TIMEOUT=30,
        KEEP_ALIVE_TIMEOUT=75,
        GRACEFUL_TCP_CLOSE_TIMEOUT=1.0,
        ACCESS_LOG=False,
        MOTD=False,  # seven lines a process, of what is installed
        AUTO_EXTEND=False,  # sanic-ext would add its own documentation, headers and injection to every app it finds
        FALLBACK_ERROR_FORMAT="json",
    )
    app.ctx.proxies = Proxies.of(settings)
    app.ctx.connections = Connections(settings.http, app.ctx.proxies)
    app.ctx.settings = settings
    if settings.public_url and settings.public_url.startswith("https:"):
        app.ctx.connections.always = {"strict-transport-security": "max-age=31536000"}
    unrouted.add(app, settings)
    for each in ENDPOINTS:
        endpoint.add(app, each)
    pages.add(app)

    upgrade.add_route(app, unrouted.refuse_upgrade)

    @app.before_server_start
    async def start(app: Sanic[Any, Any]) -> None:
        logs.setup(settings, part="server")
        app.ctx.resources = await _start(app, settings)

    @app.before_server_stop
    async def drain(app: Sanic[Any, Any]) -> None:
        app.config.KEEP_ALIVE = False  # who asks from now on is answered, and connects anew: elsewhere, it may be
        await app.ctx.sessions.drain(within=DRAIN_SECONDS)

    @app.after_server_stop
    async def stop(app: Sanic[Any, Any]) -> None:
        await _stop(app.ctx.resources)

    return app


async def _start(app: Sanic[Any, Any], settings: Settings) -> AsyncExitStack:
    """Make the parts of this process, each after what it needs, and start them once the database is there. What was
    made is stopped in reverse: by :func:`_stop`, or at once when a later one can't be made or started."""
    async with AsyncExitStack() as entered:
        starts: list[Callable[[], None]] = []

        def enter(start: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> None:
            """A part that starts with the others. Its ``stop`` does nothing if it was not started."""
            starts.append(start)
            entered.push_async_callback(stop)

        def publish(events: Sequence[Event]) -> None:
            """After a commit: this process's own views at once, everybody else through Redis."""
            receive(events)
            publisher.publish(events)

        def receive(events: Sequence[Event]) -> None:
            """What others committed."""
            views.apply(events)
            broadcaster.hint(events)

        metrics = Metrics()
        for each in ENDPOINTS:
            metrics.expect(each.path, each.method, [error.code for error in errors_of(each)])
        for name in CLOSES:
            metrics.closes.labels(name)
        entered.push_async_callback(database.close)
        passwords = Passwords()
        entered.callback(passwords.close)
        redis: Redis = Redis.from_url(
            settings.redis_url, socket_timeout=2.5, socket_connect_timeout=0.5, health_check_interval=0
        )
        entered.push_async_callback(redis.aclose)
        wake_ups = WakeUps(settings)
        entered.push_async_callback(wake_ups.close)
        throttle = Throttle(settings, Counters(settings.redis_url), metrics)
        entered.push_async_callback(throttle.close)
        entered.push_async_callback(app.ctx.connections.stop)
        app.ctx.connections.start(metrics)

        context, tokens, signer = Context(settings, publish), Tokens(settings), Signer(settings.secret_key, metrics)
        publisher = EventPublisher(redis, wake_ups, metrics, signer, publisher_id=context.publisher_id)
        enter(publisher.start, publisher.stop)
        views = ViewCache(context, tokens, Checkpoints(redis, settings, signer), metrics)
        enter(lambda: views.start(broadcaster, event_subscriber.restart), views.stop)
        event_subscriber = EventSubscriber(
            redis, context, metrics, signer, on_events=receive, on_missed=views.verify_now
        )
        enter(event_subscriber.start, event_subscriber.stop)
        broadcaster = Broadcaster(context, metrics, partial(make_sources, context, views, publisher.publish))
        enter(broadcaster.start, broadcaster.stop)
        sessions = Sessions(settings, tokens, broadcaster, event_subscriber, metrics)
        enter(sessions.start, sessions.stop)
        sampler = Sampler(context, publisher, metrics)
        enter(sampler.start, sampler.stop)
        context.write_on(views, metrics.housekept)  # what it still commits at the end is told by the parts above
        entered.push_async_callback(context.writes.stop)
        keeper = Keeper(context)
        enter(keeper.start, keeper.stop)
        waitlist_keeper = WaitlistKeeper(context, views)
        enter(waitlist_keeper.start, waitlist_keeper.stop)

        state = AppState(
            context, views, tokens, passwords, throttle, broadcaster, metrics, redis, lambda: sessions.draining
        )
        state.waiting = sessions.waiting = True
        app.ctx.state, app.ctx.sessions = state, sessions

        async def begin() -> None:
            await _connect(settings, context, views)
            for start in starts:
                start()
            # What was loaded stays until the end: looking through it again takes a full collection 36 ms, measured,
            # in which nobody is answered.
            gc.collect()
            gc.freeze()
            state.waiting = sessions.waiting = False

        beginning = asyncio.create_task(begin(), name="start")
        entered.push_async_callback(_end, beginning)
        # Mostly it takes a moment, in which nobody need be refused. After that they are, for as long as it takes.
        await asyncio.wait([beginning], timeout=PATIENT_SECONDS)
        if beginning.done():
            beginning.result()  # what failed ends the start
        else:
            beginning.add_done_callback(_end_if_it_failed)
        return entered.pop_all()


NOT_READY = "the database is not migrated, or refuses the role of DATABASE_URL: run hub migrate"
NOT_MIGRATED = ("42P01", "42703", "42883", "42501", "28000", "28P01", "3D000")
"""No table, column or function yet, no right to it, no such role or not its password, no database: `hub migrate` makes
what it can of these."""


async def _connect(settings: Settings, context: Context, views: ViewCache) -> None:
    """Wait for PostgreSQL and for the schema: a hub that starts first is not a hub that fails. Bookings that other
    rules were made by are settled before anybody is answered."""
    said = 0.0
    while True:
        try:
            await database.connect(settings)
            if not await migration.pending():  # with a part of them it may fail in any way
                await views.verify()
                await main_venue.write(settings)
                reaching = await stranded.settle_all({venue.id: venue.rules for venue in context.venues})
                for venue in context.venues:
                    venue.reaches_over = venue.id in reaching or calendar.is_around_the_clock(venue.rules)
                return
            problem, known = NOT_READY, True
        except Exception as error:
            known = isinstance(error, HubError)
            problem = f"{error.code}: {error.message}" if isinstance(error, HubError) else type(error).__name__
            if sqlstate_of(error) in NOT_MIGRATED:
                problem, known = NOT_READY, True
        if time.monotonic() - said > 10:
            said = time.monotonic()
            log.warning("the hub is waiting for the database", problem=problem, exc_info=not known)
        await asyncio.sleep(0.2 + random.random() / 5)  # noqa: S311 no secret


def _end_if_it_failed(beginning: asyncio.Task[None]) -> None:
    """A fault of ours after the long wait: this process would refuse everybody for ever. Another one is started."""
    if not beginning.cancelled() and (error := beginning.exception()) is not None:
        log.critical("the start of the hub failed", exc_info=error)
        end_process()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _stop(entered: AsyncExitStack) -> None:
    """Stop every part, also when one of them can't be."""
    try:
        await entered.aclose()
    except Exception:
        log.exception("a part of the hub could not be stopped; all others were")

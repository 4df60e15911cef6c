"""GET /health/live, /health/ready, /metrics."""

from __future__ import annotations

import asyncio
import hmac

from redis.exceptions import RedisError, ResponseError
from sanic import HTTPResponse

from hub import logs
from hub.domain.events import MAIN
from hub.errors import AuthError, Forbidden, HubError
from hub.http.client import is_local
from hub.rest import venue_answers as answers
from hub.rest.endpoint import ANYONE, AppState, Endpoint, RequestContext, answer, bearer
from hub.store import database, migration
from hub.store.failures import sqlstate_of
from hub.views import publisher

log = logs.get("hub.health")


async def live(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer({"status": "live", "checks": {}})


async def ready(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """503 with what is not ready; Redis away is no reason, only a degradation."""
    postgresql, redis = await asyncio.gather(_postgresql(state), _redis(state))
    checks = {"postgresql": postgresql, "redis": redis, "serving": _serving(state)}
    if checks["postgresql"] != "ok" or checks["serving"] != "ok":
        return answer({"status": "not_ready", "checks": checks}, 503, {"retry-after": "2"})
    return answer({"status": "ready" if redis == "ok" else "degraded", "checks": checks})


def _serving(state: AppState) -> str:
    return "draining" if state.draining() else "starting" if state.waiting else "ok"


async def _postgresql(state: AppState) -> str:
    """One check at a time, which all who ask meanwhile share: anybody may ask, and it has one connection."""
    if state.judging is None or state.judging.done():
        state.judging = database.in_background(_judge())
    return await asyncio.shield(state.judging)


async def _judge() -> str:
    """By a connection of its own. In the pool it would wait behind a load, and that is no reason to be taken out of
    service, by which the other processes would get what this one bears."""
    try:
        async with asyncio.timeout(1.0):
            if await migration.pending(to_judge=True):
                return "migrations are missing"
            await database.try_to_write()
            return "ok"
    except (HubError, TimeoutError) as error:
        state = sqlstate_of(error)
        return "does not answer" if state is None else f"takes no bookings (SQLSTATE {state})"
    except Exception:  # whatever it thinks of: it is not ready, and the answer says so
        log.exception("the check whether the hub is ready failed")
        return "fails"


async def _redis(state: AppState) -> str:
    """By what events and cached days need of it: what answers may refuse them (rights, memory, a replica)."""
    try:
        async with asyncio.timeout(0.2), state.redis.pipeline(transaction=False) as pipe:
            # Without an event: nobody takes it.
            pipe.publish(publisher.channel(state.context.epoch, MAIN), state.context.publisher_id)
            pipe.set("hub:ready", "1", px=1000)
            await pipe.execute()
    except ResponseError:
        return "does not take events"
    except (RedisError, OSError, TimeoutError):
        return "does not answer"
    return "ok"


async def metrics(state: AppState, ctx: RequestContext) -> HTTPResponse:
    """Prometheus' text of all processes together: for who has METRICS_TOKEN, or for this machine where none is set."""
    wanted = state.context.settings.metrics_token
    if wanted is None:
        if not is_local(ctx.request):
            raise Forbidden("Only this machine may read it: set METRICS_TOKEN and send it as a bearer.")
    else:
        given = bearer(ctx.request).encode(errors="surrogateescape")  # a header may hold any bytes
        if not hmac.compare_digest(given, wanted.encode()):
            raise AuthError()
    state.metrics.flush()
    text = await asyncio.get_running_loop().run_in_executor(None, state.metrics.render)
    return HTTPResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")


ENDPOINTS = [
    Endpoint(
        "GET", "/health/live", "is_live", "Whether the process answers", live, who=ANYONE, tag="operations",
        answers={200: answers.Health},
    ),
    Endpoint(
        "GET", "/health/ready", "is_ready", "Whether it can serve", ready, who=ANYONE, tag="operations",
        answers={200: answers.Health, 503: answers.Health},
    ),
    Endpoint(
        "GET", "/metrics", "read_metrics", "Prometheus' text", metrics, who=ANYONE, tag="operations",
        answers={200: None}, codes=(AuthError, Forbidden),
    ),
]  # fmt: skip

"""GET /health/live, /health/ready, /metrics."""

from __future__ import annotations

import asyncio
import hmac

from redis.exceptions import RedisError, ResponseError
from sanic import HTTPResponse

from hub import bell, database, logs
from hub.errors import AuthError, Forbidden, HubError
from hub.failures import sqlstate_of
from hub.http.client import is_local
from hub.rest import answers
from hub.rest.endpoint import ANYONE, Call, Endpoint, Parts, answer, bearer

log = logs.get("hub.health")


async def live(parts: Parts, call: Call) -> HTTPResponse:
    return answer({"status": "live", "checks": {}})


async def ready(parts: Parts, call: Call) -> HTTPResponse:
    """503 with what is not ready; Redis away is no reason, only a degradation."""
    postgresql, redis = await asyncio.gather(_postgresql(), _redis(parts))
    checks = {"postgresql": postgresql, "redis": redis, "serving": _serving(parts)}
    if checks["postgresql"] != "ok" or checks["serving"] != "ok":
        return answer({"status": "not_ready", "checks": checks}, 503, {"retry-after": "2"})
    return answer({"status": "ready" if redis == "ok" else "degraded", "checks": checks})


def _serving(parts: Parts) -> str:
    return "draining" if parts.draining() else "starting" if parts.waiting else "ok"


async def _postgresql() -> str:
    try:
        async with asyncio.timeout(1.0):
            if await database.pending_migrations():
                return "migrations are missing"
            await database.try_to_write()
            return "ok"
    except (HubError, TimeoutError) as error:
        state = sqlstate_of(error)
        return "does not answer" if state is None else f"takes no bookings (SQLSTATE {state})"
    except Exception:  # whatever it thinks of: it is not ready, and the answer says so
        log.exception("readiness could not be found out")
        return "fails"


async def _redis(parts: Parts) -> str:
    """By what events and cached days need of it: what answers may refuse them (rights, memory, a replica)."""
    try:
        async with asyncio.timeout(0.2), parts.redis.pipeline(transaction=False) as pipe:
            pipe.publish(bell.channel(parts.house.epoch), parts.house.origin)  # without an event: nobody takes it
            pipe.set("hub:ready", "1", px=1000)
            await pipe.execute()
    except ResponseError:
        return "does not take events"
    except (RedisError, OSError, TimeoutError):
        return "does not answer"
    return "ok"


async def metrics(parts: Parts, call: Call) -> HTTPResponse:
    """Prometheus' text of all processes together: for who has METRICS_TOKEN, or for this machine where none is set."""
    wanted = parts.house.settings.metrics_token
    if wanted is None:
        if not is_local(call.request):
            raise Forbidden("Only this machine may read it: set METRICS_TOKEN and send it as a bearer.")
    else:
        given = bearer(call.request).encode(errors="surrogateescape")  # a header may hold any bytes
        if not hmac.compare_digest(given, wanted.encode()):
            raise AuthError()
    parts.metrics.flush()
    text = await asyncio.get_running_loop().run_in_executor(None, parts.metrics.render)
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

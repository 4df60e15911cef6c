"""What the hub asks of Redis or Valkey: its version, what it evicts, and whether what is published arrives."""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from hub.process.doctor.findings import CHECK_SECONDS, NOTE, WELL, WRONG, Finding, Findings

OLDEST = (6, 2)
"""The first version that has all that is asked of it: major and minor."""
KEPT_UNLESS_TIMED = ("noeviction", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl")
"""Policies that never evict what has no end: the queue of wake-ups."""


async def check_redis(name: str, url: str) -> Findings:
    redis: Redis = Redis.from_url(url, socket_timeout=CHECK_SECONDS, socket_connect_timeout=CHECK_SECONDS)
    try:
        await redis.ping()
        return [*await _redis_version(redis, name), *await _policy(redis, name), *await _round_trip(redis, name)]
    finally:
        with contextlib.suppress(OSError):
            await redis.aclose()


async def _redis_version(redis: Redis, name: str) -> Findings:
    found = await _info(redis, "server")
    if not found:
        return [Finding(NOTE, f"{name} answers, but hides its version: 6.2 or later is needed")]
    version = str(found.get("redis_version", "0"))
    said = f"Valkey {found['valkey_version']}" if "valkey_version" in found else f"Redis {version}"
    said = said if name == "Redis" else f"{name}: {said}"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        return [Finding(WRONG, f"{said} is too old: upgrade it to {OLDEST[0]}.{OLDEST[1]} or later")]
    return [Finding(WELL, said)]


async def _policy(redis: Redis, name: str) -> Findings:
    """What happens when Redis is full. Nothing is lost in any case; what differs is what gets slower."""
    found = await _info(redis, "memory")
    if "maxmemory_policy" not in found:
        return [
            Finding(
                NOTE,
                f"{name}: its maxmemory-policy was not checked, as it hides its settings: see that it is volatile-ttl",
            )
        ]
    policy, most = str(found["maxmemory_policy"]), int(found.get("maxmemory", 0))
    if policy not in KEPT_UNLESS_TIMED:
        cost = "may evict the queue of wake-ups, and mails leave 2 s late"
        return [Finding(NOTE, f"{name}: {policy} {cost}: set maxmemory-policy volatile-ttl")]
    if policy == "noeviction" and most:
        cost = f"refuses checkpoints and wake-ups when {most >> 20} MB are full"
        return [
            Finding(NOTE, f"{name}: {policy} {cost}: set maxmemory-policy volatile-ttl, it gives up checkpoints alone")
        ]
    return [Finding(WELL, f"{name}: {policy}, " + (f"{most >> 20} MB at most" if most else "no bound of memory"))]


async def _info(redis: Redis, section: str) -> dict[str, Any]:
    """What INFO says; nothing where a provider forbids it."""
    try:
        found: dict[str, Any] = await redis.info(section)
        return found
    except ResponseError:
        return {}


async def _round_trip(redis: Redis, name: str) -> Findings:
    """Publishes a message and receives it: what carries changes to the other processes."""
    channel, word = f"hub:doctor:{secrets.token_hex(8)}", secrets.token_bytes(8)
    pubsub = redis.pubsub()
    try:
        await pubsub.subscribe(channel)
        while (message := await pubsub.get_message(timeout=CHECK_SECONDS)) is None or message["type"] != "subscribe":
            pass
        began = time.monotonic()
        await redis.publish(channel, word)
        while (message := await pubsub.get_message(timeout=CHECK_SECONDS)) is None or message["data"] != word:
            pass
        return [Finding(WELL, f"{name}: published and received within {(time.monotonic() - began) * 1000:.1f} ms")]
    finally:
        with contextlib.suppress(OSError):
            await pubsub.aclose()  # type: ignore[no-untyped-call]

"""`hub doctor`: looks at what the hub stands on, and says in one line each what is well, what is not and what to do.

A new check is a function that returns findings, in the file of what it looks at, and a line in :func:`examine`. Each
looks by itself, on connections of its own, changes nothing, and is given CHECK_SECONDS; whatever it raises becomes a
finding. No text has a secret in it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import NoReturn

from hub.process.doctor.findings import CHECK_SECONDS, WRONG, Finding, Findings, why
from hub.process.doctor.machine import check_open_files, check_time_zones
from hub.process.doctor.postgresql import check_postgresql
from hub.process.doctor.redis import check_redis
from hub.process.doctor.settings import read_settings
from hub.process.doctor.smtp import check_smtp


async def examine(environ: Mapping[str, str], data_dir: Path) -> Findings:
    """Every finding, in a fixed order; takes little more than CHECK_SECONDS, whatever does not answer."""
    settings, findings = read_settings(environ, data_dir)
    served = [settings]
    """And as the hub has them, once the database has told."""
    checks = [bounded("SMTP", "SMTP_URL", check_smtp(settings))]
    if settings.broker_url and settings.broker_url != settings.redis_url:
        name = "Redis of wake-ups"
        checks.insert(0, bounded(name, "TASKIQ_BROKER_URL", check_redis(name, settings.broker_url)))
    if settings.redis_url:
        checks.insert(0, bounded("Redis", "REDIS_URL", check_redis("Redis", settings.redis_url)))
    if settings.database_url:
        checks.insert(0, bounded("PostgreSQL", "DATABASE_URL", check_postgresql(settings, served.append)))
    for found in await asyncio.gather(*checks):
        findings += found
    findings += await bounded("time zones", "RESTAURANT_TIMEZONE", check_time_zones(served[-1]))
    findings += await bounded("open files", "LIVE_SESSIONS", check_open_files(settings))
    return findings


async def bounded(name: str, variable: str, check: Awaitable[Findings]) -> Findings:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check
    except TimeoutError:
        cause = f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # whatever a server or a library thinks of: the other checks go on
        cause = why(error)
    return [Finding(WRONG, f"{name}: {cause}: see that it runs, and that {variable} leads to it")]


def run(environ: Mapping[str, str], data_dir: Path) -> NoReturn:
    """Print every finding, and exit with 1 when one of them is WRONG, else with 0."""
    findings = asyncio.new_event_loop().run_until_complete(examine(environ, data_dir))
    print("\n".join(map(str, findings)), flush=True)
    # Not in order: Python would wait for a thread of its own that may wait for a name server.
    os._exit(any(finding.mark == WRONG for finding in findings))

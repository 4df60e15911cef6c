"""Commands in another shell than the hub's: with none of its variables, or with others."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from hub.store import database, main_venue
from tests.conftest import StartHub, make_settings
from tests.servers import CHECKOUT, PASSWORD, HubServer, environment

pytestmark = pytest.mark.slow
ISTANBUL = {
    "VENUE_NAME": "Casa Moda", "VENUE_ADDRESS": "Rua Um 1", "VENUE_COUNTRY": "PT", "DEFAULT_LANGUAGE": "ru",
    "RESTAURANT_TIMEZONE": "Europe/Istanbul", "WORKDAY_START_HOUR": "17", "WORKDAY_END_HOUR": "25",
}  # fmt: skip
NEW_YORK = {"RESTAURANT_TIMEZONE": "America/New_York", "VENUE_NAME": "Moda NY", "WORKDAY_START_HOUR": "17"}
SAID = [
    "VENUE_NAME is Moda NY here, but the hub was started with Casa Moda, which counts",
    "RESTAURANT_TIMEZONE is America/New_York here, but the hub was started with Europe/Istanbul, which counts",
]
DAY = (datetime.now(ZoneInfo("Europe/Istanbul")).date() + timedelta(days=2)).isoformat()


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    output: str
    errors: str


Shell = Callable[..., Awaitable[Done]]


@pytest.fixture
async def hub(start_hub: StartHub) -> HubServer:
    """In Istanbul, with a booking at 19:30."""
    hub = await start_hub(**ISTANBUL)
    host = await hub.staff("host")
    body = {"date": DAY, "time": "19:30", "guests": 2, "guest": {"name": "Ida"}}
    answer = await host.client.post("/bookings", json=body)
    assert answer.status_code == 201, answer.text
    return hub


@pytest.fixture
def shell(hub: HubServer) -> Shell:
    """Another shell, which knows the servers alone."""

    async def run(*arguments: str, given: str = "", **variables: str) -> Done:
        known = {name: hub.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub.process.cli", *arguments, "--data-dir", str(hub.data_dir)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(**known, **variables),
            cwd=CHECKOUT,
        )
        output, errors = await process.communicate(given.encode())
        return Done(await process.wait(), output.decode(), errors.decode())

    return run


async def test_the_paper_has_the_name_and_the_times_of_the_hub(shell: Shell) -> None:
    plain = await shell("print", DAY)
    assert (plain.code, plain.errors) == (0, "")
    assert "<bdi>Casa Moda</bdi>" in plain.output and '<html lang="ru">' in plain.output
    assert "<td>19:30</td>" in plain.output and "19:30–21:30 <bdi>Ida</bdi>" in plain.output
    other = await shell("print", DAY, **NEW_YORK)
    assert other.errors.splitlines() == [f"hub: {each}" for each in SAID]
    foot = re.compile("<footer>.*</footer>")  # says when it was printed
    assert (other.code, foot.sub("", other.output)) == (0, foot.sub("", plain.output))


async def test_doctor_judges_by_the_rules_of_the_hub(shell: Shell) -> None:
    for variables, notes in (({}, []), (NEW_YORK, SAID)):
        lines = (await shell("doctor", **variables)).output.splitlines()
        assert "ok  every booking to come fits the opening hours and the zone" in lines
        assert [line for line in lines if line[4:].startswith("in Europe/Istanbul it is")]
        assert [line[4:] for line in lines if "which counts" in line] == notes


async def test_a_venue_is_added_as_the_hub_does_it(shell: Shell, database_url: str) -> None:
    added = await shell("venue", "add", "soho", "--name", "Soho", "--zone", "Europe/London")
    assert (added.code, added.errors) == (0, "")
    connection = await asyncpg.connect(database_url)
    row = await connection.fetchrow("SELECT country, language FROM venues WHERE slug = 'soho'")
    await connection.close()
    assert tuple(row) == ("PT", "ru")


async def test_accounts_are_made_as_the_hub_does_it(shell: Shell, database_url: str) -> None:
    """A phone number has the country's code."""
    who = ("create-user", "ida@example.com", "--role", "host", "--name", "Ida", "--phone", "21 345 6789")
    made = await shell(*who, given=f"{PASSWORD}\n")
    assert (made.output, made.errors) == ("ida@example.com: host, made\n", "")
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT phone_number FROM users WHERE email = $1", who[1]) == "+351213456789"
    await connection.close()
    for command in (("users", "list"), ("deliveries",)):
        assert (await shell(*command, **NEW_YORK)).errors.splitlines() == [f"hub: {each}" for each in SAID]


async def test_migrate_leaves_venue_1_to_the_hub_that_has_started(shell: Shell) -> None:
    before = (await shell("venue", "list")).output
    assert before.startswith("1: main, Casa Moda, Europe/Istanbul")
    assert (await shell("migrate")).output == "up to date\n"
    assert (await shell("venue", "list")).output == before


async def test_the_next_start_of_the_hub_is_what_counts(start_hub: StartHub, hub: HubServer, shell: Shell) -> None:
    await hub.stop()
    assert "Europe/Istanbul" in (await shell("venue", "list")).output
    await start_hub(**ISTANBUL | {"RESTAURANT_TIMEZONE": "Asia/Dubai"})
    assert "<td>20:30</td>" in (await shell("print", DAY)).output


async def test_every_rule_is_kept_and_a_slug_of_another_venue_is_not_taken(
    start_hub: StartHub, hub: HubServer, shell: Shell, database_url: str, redis_url: str
) -> None:
    await shell("venue", "add", "soho", "--name", "Soho", "--zone", "Europe/London")
    await hub.stop()
    variables = {
        "VENUE_SLUG": "soho", "BOOKING_SLOT_HOURS": "1.5", "CANCEL_DEADLINE_MINUTES": "90", "BOOKING_DAYS_AHEAD": "60",
    }  # fmt: skip
    await start_hub(**ISTANBUL | variables)
    assert (await shell("venue", "list")).output.startswith("1: main, Casa Moda, Europe/Istanbul")
    started = make_settings(database_url, redis_url, hub.data_dir, **ISTANBUL, **variables)
    bare = make_settings(database_url, redis_url, hub.data_dir, TABLE_OVERSIZE="2")
    await database.connect(bare, pool_size=1)
    try:
        served = await main_venue.as_served(bare)
        assert (served.rules, served.rules.oversize) == (started.rules, None)
        assert served.rules.zone == ZoneInfo("Europe/Istanbul")
        assert main_venue.overruled(bare, served) == [
            "TABLE_OVERSIZE is 2 here, but the hub was started with none, which counts"
        ]
        await database.write("UPDATE venues SET zone = 'Mars/Olympus' WHERE id = 1")
        with pytest.raises(ValueError, match="the hub's time zone Mars/Olympus is not known on this machine"):
            await main_venue.as_served(bare)
    finally:
        await database.close()
    assert "!!  the hub's time zone Mars/Olympus" in (await shell("doctor")).output

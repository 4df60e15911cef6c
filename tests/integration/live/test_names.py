"""Names on open floors follow the accounts: by REST, by command, at an account's end; on both processes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from tests import rows
from tests.integration.live.conftest import Pair, book
from tests.servers import Account
from tests.watching import Watcher, converged, watch


def names(watcher: Watcher, channel: str) -> set[tuple[str, str | None]]:
    return {(b["guest_name"], b["phone_number"]) for b in watcher.held[channel].data["bookings"].values()}


async def test_a_change_of_ones_own_reaches_every_open_floor(hubs: Pair, guest: Account, day: date) -> None:
    other = day + timedelta(days=100)
    floors = [f"floor:{each}" for each in (day, other)]
    for each, time in ((day, "12:00"), (day, "18:00"), (other, "18:00")):
        await book(guest.client, each, time)
    watchers = await watch([hubs.a, hubs.b], hubs.host, *floors, f"availability:{day}")
    mine = await Watcher.connected(hubs.a.live_url, guest.token, "mine")
    begin = mine.held["mine"].position
    body = {"full_name": "Zoë Guest", "phone_number": "+905551112233"}
    assert (await hubs.b.client(guest.token).patch("/auth/me", json=body)).status_code == 200
    await converged(watchers, hubs.database_url, *floors, f"availability:{day}")
    for watcher in watchers:
        assert names(watcher, floors[0]) == names(watcher, floors[1]) == {("Zoë Guest", "+905551112233")}
        assert all(m["data"] == {} for m in watcher.all("update", channel=f"availability:{day}"))
        await watcher.leave()
    assert mine.held["mine"].position == begin  # it shows no name
    await mine.leave()


@pytest.mark.slow
async def test_a_change_by_command_reaches_every_open_floor(hubs: Pair, guest: Account, day: date) -> None:
    """The command publishes nothing: as with Redis away, the day's version alone tells it."""
    floor = f"floor:{day}"
    await book(guest.client, day)
    watchers = await watch([hubs.a, hubs.b], hubs.host, floor)
    await hubs.a.command("create-user", guest.email, "--role", "user", "--name", "Grace Guest")
    await converged(watchers, hubs.database_url, floor)
    for watcher in watchers:
        assert {name for name, _ in names(watcher, floor)} == {"Grace Guest"}
        await watcher.leave()


async def test_an_erased_guest_loses_the_name_on_open_floors(hubs: Pair, guest: Account) -> None:
    past = datetime.now(UTC).date() - timedelta(days=9)
    floor = f"floor:{past}"
    connection = await asyncpg.connect(hubs.database_url)
    await connection.execute(DINED, guest.email, past)
    await connection.close()
    watchers = await watch([hubs.a, hubs.b], hubs.host, floor)
    assert {name for name, _ in names(watchers[0], floor)} == {"Ada Guest"}
    assert (await guest.client.delete("/auth/me")).status_code == 204
    await converged(watchers, hubs.database_url, floor)
    for watcher in watchers:
        assert names(watcher, floor) == {("–", None)}
        await watcher.leave()


DINED = f"""
INSERT INTO bookings (venue_id, group_id, guest_id, user_id, reference, table_id, guests, starts_at, ends_at,
                      service_date, status, revision, created_at, updated_at)
SELECT 1, 1, hub_guest(1, id), id, {rows.NEW_REFERENCE}, 1, 2, $2::date + interval '18 hours',
       $2::date + interval '20 hours', $2, 'finished', 1, now(), now()
FROM users WHERE email = $1
"""

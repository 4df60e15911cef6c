"""Names on floors belong to a version as all else does: whoever renames, whenever it is heard."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any

import pytest

from hub.commands import account_life, changes, guest_book
from hub.commands.call import Call
from hub.domain.events import MAIN, stream_of
from hub.errors import HubError
from hub.live import channels
from hub.live.projections.presence import Presence
from hub.live.sources import presence
from hub.live.sources.presence import PresenceSource, PresenceState
from hub.security import Identity
from hub.store import database
from tests.process import DAY, FLOOR, Client, Process, make_user
from tests.watching import View, patched, truth


async def rename(process: Process, user: int, name: str, phone: str | None = None) -> None:
    await account_life.change_profile(
        process.context.main, Call(Identity(user, "user", 0, 0.0)), full_name=name, phone_number=phone, language=None
    )


async def ask_again(process: Process, client: Client, since: str | None) -> None:
    channel = channels.parse(FLOOR)
    assert channel is not None
    await process.broadcaster.subscribe(client, channel, since=since, id=None)


def views(client: Client, begin: View | None = None) -> list[View]:
    """Each state that a client was at, by what it was told."""
    cached = [begin] if begin else []
    for message in client.said:
        if message["op"] == "snapshot":
            cached.append(View(message["position"], message["data"]))
        elif message["op"] == "update":
            cached.append(View(message["position"], patched(cached[-1].data, message["data"])))
    return cached


def named(client: Client) -> list[Any]:
    return sorted((shown["guest_name"], shown["phone_number"]) for shown in views(client)[-1].data["bookings"].values())


async def test_another_name_or_phone_number_is_an_update(process: Process) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    await process.book(await make_user("Eve"))
    host = await process.enter(FLOOR)
    guest = await process.enter(f"availability:{DAY}")
    await rename(process, ada, "Ada Lovelace", "+4930765432")
    process.receive()
    await host.until(lambda: "update" in host.ops())
    assert named(host) == [("Ada Lovelace", "+4930765432"), ("Eve", None)]
    [shown] = host.said[-1]["data"]["bookings"].values()  # of one booking alone
    assert shown["revision"] == 1
    await guest.until(lambda: "update" in guest.ops())
    assert [m["data"] for m in guest.said if m["op"] == "update"] == [{}]  # it shows nobody
    assert views(guest)[-1].position == views(host)[-1].position


async def guest_of(user: int) -> int:
    [row] = await database.fetch("SELECT id FROM guests WHERE user_id = $1", user)
    return int(row["id"])


HOST = Identity(1, "host", 0, 0.0)


async def add_note(process: Process, guest: int, kind: str, **how: Any) -> int:
    how = {"keep_until": None} | how
    return (await guest_book.add_note(process.writer, Call(HOST), guest, kind=kind, text="No nuts", **how)).id


def noted(client: Client) -> list[Any]:
    return sorted(
        (shown["guest_name"], [(note["id"], note["kind"]) for note in shown["guest_notes"]])
        for shown in views(client)[-1].data["bookings"].values()
    )


async def test_a_note_about_a_guest_that_comes_or_goes_is_an_update(process: Process, database_url: str) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    await process.book(await make_user("Eve"))
    guest = await guest_of(ada)
    host, viewer = await process.enter(FLOOR), await process.enter(FLOOR, role="viewer")
    assert noted(host) == [("Ada", []), ("Eve", [])]
    made = [await add_note(process, guest, kind) for kind in ("dietary", "note")]
    await add_note(process, guest, "access", keep_until=DAY - timedelta(days=1))  # gone by then
    process.receive()
    await process.views.verify()
    wanted = (await truth(database_url, FLOOR))[FLOOR]
    await host.until(lambda: views(host)[-1].position == wanted.position)
    assert noted(host) == [("Ada", [(made[0], "dietary"), (made[1], "note")]), ("Eve", [])]
    assert views(host)[-1] == wanted
    await guest_book.remove_note(process.writer, Call(HOST), guest, made[0])
    process.receive()
    await host.until(lambda: noted(host) == [("Ada", [(made[1], "note")]), ("Eve", [])])
    await viewer.until(lambda: views(viewer)[-1].position == views(host)[-1].position)
    assert noted(viewer) == [("Ada", []), ("Eve", [])]


async def test_a_guest_who_comes_again_is_shown_with_what_was_said_meanwhile(process: Process) -> None:
    """They were on no floor when it was said, so no event told it."""
    ada = await make_user("Ada")
    await process.book(ada)
    host = await process.enter(FLOOR)
    [row] = await database.fetch("SELECT id FROM bookings")
    await changes.cancel(process.writer, Call(Identity(ada, "user", 0, 0.0)), row["id"])
    process.receive()
    await host.until(lambda: noted(host) == [])
    made = await add_note(process, await guest_of(ada), "dietary", keep_until=DAY)
    await rename(process, ada, "Ada Lovelace")
    await process.book(ada)
    process.receive()
    await host.until(lambda: noted(host) != [])
    assert noted(host) == [("Ada Lovelace", [(made, "dietary")])]


async def test_the_same_name_again_is_no_event(process: Process) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    before = len(process.committed)
    await rename(process, ada, "Ada")
    assert len(process.committed) == before


async def test_a_name_that_is_newer_than_the_view_is_not_shown_before_its_version(process: Process) -> None:
    """The change is committed and nobody has heard of it: whoever reads names now reads the new one."""
    ada = await make_user("Ada")
    await process.book(ada)
    before = process.views.position(await process.views.get(stream_of(MAIN, DAY)))
    await rename(process, ada, "Zoë")
    host = await process.enter(FLOOR)
    assert named(host) == [("Zoë", None)]
    assert views(host)[0].position == process.views.position(await process.views.get(stream_of(MAIN, DAY))) != before


async def test_a_view_that_was_let_go_is_not_shown_with_the_names_of_before(process: Process) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    host = await process.enter(FLOOR)
    process.broadcaster.leave(host)
    process.views._updater.cached.clear()
    await rename(process, ada, "Zoë")
    process.receive()
    assert named(await process.enter(FLOOR)) == [("Zoë", None)]


async def test_a_change_that_was_never_published_is_found_by_its_version(process: Process) -> None:
    ada = await make_user("Ada")
    await process.book(ada)
    host = await process.enter(FLOOR)
    await rename(process, ada, "Zoë")
    await process.views.verify()
    await host.until(lambda: "update" in host.ops())
    assert named(host) == [("Zoë", None)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_every_state_that_a_floor_shows_was_the_databases_at_its_position(
    process: Process, database_url: str, seed: int
) -> None:
    """At random: bookings, changes, names, what is heard and what is not, who comes, leaves and comes back."""
    chance = random.Random(seed)
    users = [await make_user(f"User{number}") for number in range(3)]
    clients: list[tuple[Client, View | None]] = []
    history: dict[str, View] = {}

    async def note() -> None:
        view = (await truth(database_url, FLOOR))[FLOOR]
        history[view.position] = view

    async def act(kind: str, number: int) -> None:
        user = chance.choice(users)
        match kind:
            case "book":
                await process.book(user, chance.randrange(12, 20))
            case "cancel":
                rows = await database.fetch("SELECT id, user_id FROM bookings WHERE status = 'booked'")
                if rows:
                    id, owner = chance.choice(rows)
                    await changes.cancel(process.writer, Call(Identity(owner, "user", 0, 0.0)), id)
            case "rename":
                await rename(process, user, f"Name {number}")
            case "hear":
                process.receive()
            case "hear one":  # and not what came before it
                process.views.apply(process.committed[-1:])
            case "verify":
                await process.views.verify()
            case "come":
                clients.append((await process.enter(FLOOR), None))
            case "come back":
                begin = history[chance.choice(list(history))]
                client = await process.enter()
                await ask_again(process, client, begin.position)
                clients.append((client, begin))
            case "leave" if clients:
                process.broadcaster.leave(chance.choice(clients)[0])
            case "let go" if not any(client.subscriptions for client, _ in clients):
                process.views._updater.cached.clear()

    await note()
    kinds = ["book", "cancel", "rename", "hear", "hear one", "verify", "come", "come back", "leave", "let go"]
    for number in range(60):
        kind = chance.choice([*kinds, "rename"])
        with contextlib.suppress(HubError):  # a table is taken
            await act(kind, number)
        await note()
    await process.views.verify()
    await note()
    last = await process.enter(FLOOR)
    present = [(client, begin) for client, begin in clients if client.subscriptions] + [(last, None)]
    position = views(last)[-1].position
    for client, begin in present:
        await client.until(lambda c=client, b=begin: views(c, b)[-1].position == position)  # type: ignore[misc]
    for client, begin in clients + present:
        for view in views(client, begin):
            assert view == history[view.position]


async def test_another_name_of_the_staff_is_shown_a_minute_later(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await make_user("Ada")
    source = PresenceSource(process.context, process.broadcaster, lambda events: None)
    state = PresenceState(f"presence:{DAY}", "epoch")
    state.people[1] = Presence(user, None, None)
    await source.prepare(state)
    assert source.is_ready(state) and source.rendering(state).names[user][0] == "Ada"
    await rename(process, user, "Ada Lovelace")
    assert source.is_ready(state)
    later = presence.monotonic() + presence.NAMES_SECONDS
    monkeypatch.setattr(presence, "monotonic", lambda: later)
    assert not source.is_ready(state)
    await source.prepare(state)
    assert source.is_ready(state) and source.rendering(state).names[user][0] == "Ada Lovelace"

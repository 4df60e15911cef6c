"""A client of the live channel for tests, strict to the letter of the contract, and what the database says instead.

It is written from the contract alone and shares nothing with the hub's own clients: a fault of one would else be a
fault of both. What a :class:`Watcher` holds is compared with what the database holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

import asyncpg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.servers import HubServer

T = TypeVar("T")
PATIENCE = 20.0
"""Many times the bound of every repair: a guard against a hang, never a measurement."""


@dataclass(slots=True)
class View:
    """What a client holds of one channel."""

    position: str
    data: dict[str, Any]


class Watcher:
    """One socket. Every frame is kept in ``said``; ``held`` maps channels to what the protocol makes of the frames."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.said: list[dict[str, Any]] = []
        self.held: dict[str, View] = {}
        self.faults: list[str] = []
        """What the hub sent against its own contract."""
        self._awaited: set[str] = set()
        self._after: dict[str, str] = {}
        self._id = 0
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, **how: Any) -> Watcher:
        how = {"ping_interval": None, "compression": None} | how
        return cls(await connect(url, proxy=None, close_timeout=2, **how))

    @classmethod
    async def connected(cls, url: str, token: str, *channels: str, **how: Any) -> Watcher:
        """A session that is connected and holds each channel."""
        watcher = await cls.open(url, **how)
        await watcher.ask("connect", token=token, since=dict.fromkeys(channels))
        await watcher.until(lambda: all(channel in watcher.held for channel in channels))
        return watcher

    async def __aenter__(self) -> Watcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        await self.socket.close()
        await self._reader

    # -- saying

    async def say(self, op: str, **fields: Any) -> int:
        self._id += 1
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps({"op": op, "id": self._id, **fields}))
        return self._id

    async def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """Say it, and wait for the first answer that repeats its id."""
        id = await self.say(op, **fields)
        return await self.until(lambda: next((m for m in self.said if m.get("id") == id), None))

    # -- hearing

    async def until(self, found: Callable[[], T | None], within: float = PATIENCE) -> T:
        """Wait for something among what was said or is held; looks again after every frame."""
        try:
            async with asyncio.timeout(within):
                while not (result := found()):
                    if self._reader.done():
                        self._reader.result()
                        raise AssertionError(f"closed with {self.socket.close_code} before it came: {self.said[-5:]}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within:g} s; last of what was said: {self.said[-5:]}") from None
        return result

    async def closed(self, within: float = PATIENCE) -> tuple[int | None, dict[str, Any] | None]:
        """The close code, and the bye before it (None where the hub said none)."""
        await asyncio.wait_for(asyncio.shield(self._reader), within)
        last = self.said[-1] if self.said else {}
        return self.socket.close_code, last if last.get("op") == "bye" else None

    def all(self, op: str, since: int = 0, **fields: Any) -> list[dict[str, Any]]:
        """What was said of this kind, in order, from index ``since`` on."""
        return [m for m in self.said[since:] if m["op"] == op and all(m.get(k) == v for k, v in fields.items())]

    async def verified(self, since: int, within: float = PATIENCE) -> None:
        """Wait until what was said up to index ``since`` is said to be the database's, by a look that came after it."""
        before = max((m["verified_at"] or "" for m in self.said[: since + 1] if m["op"] == "fresh"), default="")
        await self.until(lambda: [m for m in self.all("fresh", since) if (m["verified_at"] or "") > before], within)

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                assert isinstance(text, str)
                message = json.loads(text)
                self.said.append(message)
                await self._take(message)
                self._news.set()
        except ConnectionClosed:
            pass
        finally:
            self._news.set()

    async def _take(self, message: dict[str, Any]) -> None:
        """The rules of the contract: ignore what is not after our own, apply what continues it, else ask again."""
        channel = message.get("channel")
        match message["op"]:
            case "subscribed":
                self._awaited.discard(channel)
                if message["recovered"]:
                    if message["position"] != self.held[channel].position:
                        self._after[channel] = message["position"]
                else:
                    self._after[channel] = "snapshot"
            case "snapshot":
                self._after.pop(channel, None)
                self.held[channel] = View(message["position"], message["data"])
            case "update":
                await self._update(channel, message)
            case "unsubscribed":
                self.held.pop(channel, None)

    async def _update(self, channel: str, message: dict[str, Any]) -> None:
        held = self.held.get(channel)
        expected = self._after.pop(channel, None)
        if held is None or channel in self._awaited:
            return
        if expected is not None and (expected, held.position) != (message["position"], message["previous"]):
            self.faults.append(f"after subscribed came {message}, and not the one update to {expected}")
        own, previous, position = map(split, (held.position, message["previous"], message["position"]))
        if not (own[0] == previous[0] == position[0]):
            self.faults.append(f"an update of another epoch than what is held ({held.position}): {message}")
        elif position[1] <= own[1]:
            return
        elif previous[1] <= own[1]:
            held.data = patched(held.data, message["data"])
            held.position = message["position"]
            return
        self._awaited.add(channel)
        await self.say("subscribe", channel=channel, since=held.position)


async def watch(hubs: list[HubServer], token: str, *channels: str) -> list[Watcher]:
    """A watcher of these channels on each hub."""
    return [await Watcher.connected(hub.live_url, token, *channels) for hub in hubs]


def split(position: str) -> tuple[str, int]:
    epoch, _, version = position.partition(":")
    return epoch, int(version)


def epoch_of(position: str) -> str:
    """The database's epoch: on ``starts`` more follows it."""
    return split(position)[0].partition(".")[0]


def patched(data: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` after an update: absolute values, null (or [] of a table that is free all day) for what is gone."""
    after = {group: dict(rows) for group, rows in data.items()}
    for group, rows in update.items():
        for key, value in rows.items():
            after.setdefault(group, {}).pop(key, None)
            if value is not None and value != []:
                after[group][key] = value
    return after


# -- what the database says

POSITION = "SELECT h.epoch || ':' || coalesce((SELECT version FROM streams WHERE name = $1), 0) FROM hub h"
OPENS, CLOSES, SLOT, QUARTER = timedelta(hours=12), timedelta(hours=22), timedelta(hours=2), timedelta(minutes=15)
"""The rules of a venue where the settings say nothing."""
MOST_GUESTS = 20
TAKEN = (
    "SELECT o.table_id, o.starts_at, o.ends_at FROM occupancies o LEFT JOIN bookings b ON b.id = o.booking_id "
    "LEFT JOIN blocks k ON k.id = o.block_id LEFT JOIN holds h ON h.id = o.hold_id "
    "WHERE $1 IN (b.service_date, k.service_date, h.service_date) ORDER BY o.table_id, o.starts_at"
)
NAME = "CASE WHEN u.id IS NULL THEN g.name ELSE u.full_name END AS full_name"
PHONE = "CASE WHEN u.id IS NULL THEN g.phone ELSE u.phone_number END AS phone"
NOTES = (
    "(SELECT jsonb_agg(jsonb_build_object('id', n.id, 'kind', n.kind) ORDER BY n.id) FROM guest_notes n "
    "WHERE n.guest_id = g.id AND coalesce(n.keep_until, 'infinity') >= $1) AS guest_notes"
)
SHOWN = (
    f"SELECT b.*, {NAME}, {PHONE}, {NOTES} FROM bookings b JOIN guests g ON g.id = b.guest_id "
    "LEFT JOIN users u ON u.id = b.user_id WHERE b.service_date = $1 AND b.status <> 'canceled'"
)
BLOCKS = "SELECT * FROM blocks WHERE service_date = $1 AND removed_at IS NULL"
HOLDS = "SELECT h.*, u.full_name FROM holds h LEFT JOIN users u ON u.id = h.made_by_id WHERE service_date = $1"
WAITLIST = (
    f"SELECT w.*, {NAME}, {PHONE}, {NOTES} FROM waitlist w JOIN guests g ON g.id = w.guest_id "
    "LEFT JOIN users u ON u.id = g.user_id WHERE service_date = $1 AND w.status IN ('waiting', 'ready', 'here')"
)
TABLES = "SELECT id, name, seats, area_id, place FROM tables WHERE retired_at IS NULL"
AREAS = "SELECT id, name, rank FROM areas WHERE retired_at IS NULL"
COMBINATIONS = (
    "SELECT c.id, c.name, c.min_guests, c.max_guests, array_agg(m.table_id ORDER BY m.table_id) AS tables "
    "FROM combinations c JOIN combination_tables m ON m.combination_id = c.id WHERE c.retired_at IS NULL GROUP BY c.id"
)


async def truth(database_url: str, *channels: str) -> dict[str, View]:
    """What a client must hold of each channel, of one instant, read from the rows alone."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return {channel: await _view(connection, channel) for channel in channels}
    finally:
        await connection.close()


async def _view(connection: Any, channel: str) -> View:
    kind, _, day = channel.partition(":")
    if kind == "tables":
        position = await connection.fetchval(POSITION, "tables")
        tables, areas, combinations = [await connection.fetch(each) for each in (TABLES, AREAS, COMBINATIONS)]
        return View(
            position,
            {
                "tables": {str(row["id"]): _without_id(row, place=_json(row["place"])) for row in tables},
                "areas": {str(row["id"]): _without_id(row) for row in areas},
                "combinations": {str(row["id"]): _without_id(row) for row in combinations},
            },
        )
    position = await connection.fetchval(POSITION, f"day:{day}")
    if kind == "starts":
        return await _starts(connection, position, date.fromisoformat(day))
    if kind == "availability":
        taken: dict[str, list[list[str]]] = {}
        for row in await connection.fetch(TAKEN, date.fromisoformat(day)):
            taken.setdefault(str(row["table_id"]), []).append([local(row["starts_at"]), local(row["ends_at"])])
        return View(position, {"tables": taken})
    shown = {
        part: {str(row["id"]): form(row) for row in await connection.fetch(statement, date.fromisoformat(day))}
        for part, (statement, form) in PARTS.items()
    }
    return View(position, shown)


async def _starts(connection: Any, position: str, day: date) -> View:
    """By a look at every table and combination at each quarter of an hour."""
    taken = [tuple(row) for row in await connection.fetch(TAKEN, day)]
    sizes: dict[tuple[int, ...], set[int]] = {}
    for row in await connection.fetch(TABLES):
        sizes[(row["id"],)] = set(range(1, row["seats"] + 1))
    for row in await connection.fetch(COMBINATIONS):
        for_these = set(range(row["min_guests"], min(row["max_guests"], MOST_GUESTS) + 1))
        sizes[tuple(row["tables"])] = sizes.get(tuple(row["tables"]), set()) | for_these
    opens_at = datetime.combine(day, time(), UTC) + OPENS
    starts = [opens_at + quarter * QUARTER for quarter in range((CLOSES - OPENS - SLOT) // QUARTER + 1)]
    shown = {}
    for start in starts:
        busy = {table for table, since, until in taken if since < start + SLOT and start < until}
        free = {guests for ids, found in sizes.items() if not busy.intersection(ids) for guests in found}
        shown[f"{start:%H:%M}"] = {
            "start_at": local(start), "guests": sorted(free), "state": "free" if free else "full",
        }  # fmt: skip
    # What decides beside the day, as its digest is taken: starts, who may be given which tables, what reaches in.
    decides = (
        [(f"{start:%H:%M}", int(start.timestamp()), int((start + SLOT).timestamp())) for start in starts],
        _digest([(ids, tuple(sorted(sizes[ids]))) for ids in sorted(sizes)]),
        [],
    )
    digest = _digest(decides).hex()
    epoch, version = split(position)
    return View(f"{epoch}.{digest}:{version}", {"starts": shown})


def _digest(decides: object) -> bytes:
    return blake2b(repr(decides).encode(), digest_size=6).digest()


def _booking(row: Any) -> dict[str, Any]:
    undo = _json(row["undo"])
    return {
        "table_id": row["table_id"],
        "tables": _json(row["table_ids"]) or [row["table_id"]],
        "start_at": local(row["starts_at"]),
        "end_at": local(row["ends_at"]),
        **{name: row[name] for name in ("guests", "status", "guest_id", "reference", "channel", "pinned", "revision")},
        "guest_name": row["full_name"],
        "phone_number": row["phone"],
        "guest_notes": _json(row["guest_notes"]) or [],
        **{name: row[name] for name in ("note", "house_note", "occasion")},
        "needs": _json(row["needs"]),
        **{name: _at(row[name]) for name in ("arrived_at", "seated_at", "left_at")},
        "undo": undo
        and {
            "action": undo["action"],
            "until": local(datetime.fromisoformat(undo["until"])),
            "swap_with": undo.get("swap_with"),
            "service_date": undo["before"].get("service_date"),
        },
    }


def _held(row: Any, *also: str, **more: Any) -> dict[str, Any]:
    return {
        "tables": _json(row["table_ids"]), "start_at": local(row["starts_at"]), "end_at": local(row["ends_at"]),
        **{name: row[name] for name in also}, **more,
    }  # fmt: skip


def _waiting(row: Any) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("guests", "guest_id", "status", "place", "area_id", "revision")},
        "guest_name": row["full_name"],
        "phone_number": row["phone"],
        "guest_notes": _json(row["guest_notes"]) or [],
        **{name: _at(row[name]) for name in ("joined_at", "quoted_from", "quoted_until", "promised_until")},
    }


PARTS: dict[str, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    "bookings": (SHOWN, _booking),
    "blocks": (BLOCKS, lambda row: _held(row, "reason", "revision")),
    "holds": (HOLDS, lambda row: _held(row, "guests", expires_at=local(row["expires_at"]), by=row["full_name"])),
    "waitlist": (WAITLIST, _waiting),
}
"""What the floor shows: the rows of each part, and how one of them is shown."""


def _without_id(row: Any, **changed: Any) -> dict[str, Any]:
    return {name: changed.get(name, value) for name, value in row.items() if name != "id"}


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else local(instant)


def local(instant: datetime) -> str:
    """An instant as the wire shows it where RESTAURANT_TIMEZONE is UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


async def converged(watchers: list[Watcher], database_url: str, *channels: str, within: float = PATIENCE) -> None:
    """Wait until each watcher holds what the database holds, at the same position; nothing may be writing."""
    expected = await truth(database_url, *channels)
    for watcher in watchers:
        try:
            await watcher.until(lambda w=watcher: all(w.held.get(c) == expected[c] for c in channels), within)
        except AssertionError as error:
            wrong = {c: (watcher.held.get(c), expected[c]) for c in channels if watcher.held.get(c) != expected[c]}
            raise AssertionError(f"held and wanted: {wrong}") from error
        assert watcher.faults == []

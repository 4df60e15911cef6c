"""Carries out the steps of a capability against a running hub, and gives back each answer as it is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import jwt
import orjson
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from hub import manage_links
from tests import tonight
from tests.conftest import SECRET_KEY
from tests.http_clients import http_client
from tests.integration.recording.hearing import Socket, name_of
from tests.integration.recording.masks import Masks
from tests.integration.recording.steps import (
    NOTHING,
    Ask,
    Capability,
    Late,
    Leave,
    Link,
    Mail,
    Open,
    Say,
    Step,
    Together,
)
from tests.servers import PATIENCE, HubServer

HEADERS = (
    "content-type", "etag", "cache-control", "location", "retry-after", "allow", "www-authenticate", "upgrade",
    "content-disposition", "x-request-id", "x-content-type-options", "referrer-policy", "content-security-policy",
    "cross-origin-opener-policy", "strict-transport-security", "vary", "sec-websocket-version",
    "sec-websocket-protocol", "sec-websocket-extensions", "access-control-allow-origin", "access-control-allow-methods",
    "access-control-allow-headers", "access-control-expose-headers", "access-control-max-age",
    "access-control-allow-credentials", "deprecation", "link", "idempotency-replayed",
)  # fmt: skip
"""What of an answer's head is contract."""
NAME = re.compile(r"\{([a-z][a-z0-9_ ]*(?:\.[^{}]+)?)\}")
FIRST_LINKS = 1
"""The version of the links of a booking, until those that were sent are ended."""
Answers = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Venue:
    """A running hub, who works there, and where its worker leaves the mail."""

    hub: HubServer
    zone: ZoneInfo
    people: dict[str, Any]
    mail: Path | None = None
    tonight: bool = False
    """It is noon there, whenever it is asked."""

    @property
    def address(self) -> str:
        return self.hub.url.removeprefix("http://")


class Player:
    """One capability's run."""

    def __init__(self, venue: Venue, days: dict[date, str]) -> None:
        self._venue = venue
        self._masks = Masks(days, venue.zone, venue.address, tonight=venue.tonight)
        self._sockets: dict[str, Socket] = {}
        self._held_open = contextlib.AsyncExitStack()
        today = datetime.now(venue.zone).date()
        named = {name.replace(" ", "_"): day.isoformat() for day, name in days.items()}
        far = {"yesterday": -1, "tomorrow": 1, "long_ago": -40, "too_far": 500}
        self.known: dict[str, Any] = {
            **named,
            **{name: (today + timedelta(days=away)).isoformat() for name, away in far.items()},
            **venue.people,
            **{name: self._from_now(minutes) for name, minutes in (("soon", 30), ("later", 150))},
        }

    async def play(self, capability: Capability) -> Answers:
        answers: Answers = {}
        async with self._held_open:
            self._client = await self._held_open.enter_async_context(
                http_client(base_url=self._venue.hub.url, timeout=PATIENCE)
            )
            for step in capability.steps:
                try:
                    for name, answer in await self._carry_out(step):
                        assert name not in answers, f"two steps are called {name!r}"
                        answers[name] = answer
                except Exception as error:
                    error.add_note(f"{capability.name}: {step}")
                    raise
            for socket in self._sockets.values():
                await socket.connection.close()
        return answers

    async def _carry_out(self, step: Step) -> list[tuple[str, dict[str, Any]]]:
        match step:
            case Ask():
                return [(step.name, await self._ask(step))]
            case Together():
                answers = await asyncio.gather(*map(self._ask, step.steps))
                return [(one.name, answer) for one, answer in zip(step.steps, answers, strict=True)]
            case Open():
                return [(step.name, await self._open(step))]
            case Say():
                return [(step.name, await self._say(step))]
            case Mail():
                self.known[step.keep] = await self._link(step)
            case Link():
                links = manage_links.ManageLinks(SECRET_KEY)
                self.known[step.keep] = links.make(manage_links.Link(self._resolve(step.booking), FIRST_LINKS))
            case Late():
                await self._let_be_late(step)
            case Leave():
                await self._sockets.pop(step.socket).connection.close()
        return []

    # -- one step

    async def _ask(self, step: Ask) -> dict[str, Any]:
        method, _, path = step.call.partition(" ")
        headers = {name: self._resolve(value) for name, value in step.headers.items()}
        if step.who is not None:
            headers["Authorization"] = f"Bearer {self._token(step.who, step.token_ends_in)}"
        content = None
        if isinstance(step.body, bytes | str):
            content = step.body
        elif step.body is not NOTHING:
            content = orjson.dumps(self._resolve(step.body))
            headers.setdefault("Content-Type", "application/json")
        response = await self._client.request(method, self._resolve(path), content=content, headers=headers)
        body = _read(response)
        if step.keep is not None:
            found = body if isinstance(body, dict) else {}
            link_token = str(found.get("link", "")).rpartition("#")[2]
            self.known[step.keep] = {"etag": response.headers.get("etag"), "link_token": link_token, **found}
        answer = {"call": step.call, **({"by": step.who} if step.who else {}), "status": response.status_code}
        answer["headers"] = self._headers(response.headers)
        if response.content:
            masked = self._masks.body(body)
            answer["body"] = step.shows(masked) if step.shows else masked
        return answer

    async def _open(self, step: Open) -> dict[str, Any]:
        connection = await self._held_open.enter_async_context(
            connect(
                self._venue.hub.live_url,
                subprotocols=[Subprotocol(name) for name in step.subprotocols] or None,
                compression=step.compression,
                ping_interval=None,
                proxy=None,
                close_timeout=2,
            )
        )
        self._sockets[step.socket] = Socket(connection)
        assert connection.response is not None
        return {"status": connection.response.status_code, "headers": self._headers(connection.response.headers)}

    async def _say(self, step: Say) -> dict[str, Any]:
        socket = self._sockets[step.socket]
        frame = step.frame
        if isinstance(frame, dict):
            frame = self._resolve(frame)
            if step.who is not None:
                frame |= {"token": self._token(step.who, step.token_ends_in)}
            frame = orjson.dumps(frame).decode()
        if frame is not NOTHING:
            for _ in range(step.times):
                await socket.connection.send(frame)
        if step.raw:
            socket.connection.transport.write(step.raw)
        hears = [self._resolve(name) for name in step.hears]
        wanted = {name.partition(" ")[0] for name in hears}
        passed_over = {"fresh", "pong", *step.passes} - wanted
        heard = await socket.hear(hears, passed_over)
        answer: dict[str, Any] = {
            "hears": [
                self._masks.text(name_of(frame), "") if step.brief else self._masks.body(frame) for frame in heard
            ]
        }
        if step.ends:
            answer["closed"] = await socket.end()
        if step.keep is not None:
            self.known[step.keep] = dict(socket.positions)
            self.known["future"] = next(iter(socket.positions.values())).partition(":")[0] + ":999999"
        return answer

    async def _let_be_late(self, step: Late) -> None:
        connection = await asyncpg.connect(self._venue.hub.environ["DATABASE_URL"])
        try:
            await tonight.shift(connection, self._resolve(step.booking), -step.minutes)
        finally:
            await connection.close()

    async def _link(self, step: Mail) -> str:
        assert self._venue.mail is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                for path in sorted(self._venue.mail.glob("*.eml")):
                    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
                    text = message.get_body(("plain",))
                    found = re.search(rf"#{step.kind}=([\w-]+)", text.get_content() if text else "")
                    if message["To"] == step.to and found:
                        return found[1]
                await asyncio.sleep(0.05)  # a file is what there is to wait for

    # -- what steps say and what is recorded

    def _from_now(self, minutes: int) -> dict[str, str]:
        at = (datetime.now(self._venue.zone) + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        return {"date": at.date().isoformat(), "time": f"{at:%H:%M}", "at": at.isoformat()}

    def _token(self, who: str, ends_in: int | None) -> str:
        token: str = self.known[who]["access_token"]
        if ends_in is None:
            return token
        claims = jwt.decode(token, options={"verify_signature": False})
        end = int(datetime.now(self._venue.zone).timestamp()) + ends_in
        return jwt.encode(claims | {"exp": end, "iat": min(claims["iat"], end)}, SECRET_KEY, algorithm="HS256")

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._resolve(name): self._resolve(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._resolve(item) for item in value]
        if not isinstance(value, str):
            return value
        while NAME.search(value):  # one name may stand in another
            if found := NAME.fullmatch(value):
                return self._find(found[1])
            value = NAME.sub(lambda found: str(self._find(found[1])), value)
        return value

    def _find(self, path: str) -> Any:
        found: Any = self.known
        for name in path.split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]
        return found

    def _headers(self, headers: Any) -> dict[str, str]:
        return {name: self._masks.header(name, headers[name]) for name in HEADERS if name in headers}


def _read(response: httpx.Response) -> Any:
    """JSON as it is; of other text the first line."""
    if "json" in response.headers.get("content-type", ""):
        return response.json() if response.content else None
    return response.text

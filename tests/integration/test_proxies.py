"""nginx, HAProxy and Caddy with the files of infra/ in front of a real hub: pages, REST, sockets, addresses."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import ShareHub
from tests.http_clients import NO_CERTIFICATES, http_client
from tests.servers import CHECKOUT, PATIENCE, HubServer, free_port

IDLE = 2.5
"""What the idle times of the files are set to here, in seconds. The hub looks once a second whether to ping."""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """``text`` with each first one replaced by the second; AssertionError when one of them does not stand there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, hub: str, idle: float) -> list[str]:
    site = replaced(
        (CHECKOUT / "infra/nginx/booking-hub.conf").read_text(),
        ("server 127.0.0.1:8000;", f"server {hub};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("proxy_read_timeout 75s", f"proxy_read_timeout {round(idle * 1000)}ms"),
        ("proxy_send_timeout 75s", f"proxy_send_timeout {round(idle * 1000)}ms"),
    )
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include site.conf; }}\n"
    )
    return ["nginx", "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def haproxy(folder: Path, port: int, hub: str, idle: float) -> list[str]:
    text = replaced(
        (CHECKOUT / "infra/haproxy/haproxy.cfg").read_text(),
        ("server hub1 127.0.0.1:8000", f"server hub1 {hub}"),
        ("bind :80", f"bind 127.0.0.1:{port}"),
        ("timeout tunnel 75s", f"timeout tunnel {round(idle * 1000)}ms"),
    )
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"]


def caddy(folder: Path, port: int, hub: str, idle: float) -> list[str]:
    # On loopback alone: on every address a port is taken too where somebody's connection has it.
    text = replaced(
        (CHECKOUT / "infra/caddy/Caddyfile").read_text(), ("admin off", "admin off\n\tdefault_bind 127.0.0.1")
    )
    (folder / "Caddyfile").write_text(text)
    return ["env", f"DOMAIN=http://127.0.0.1:{port}", f"UPSTREAM={hub}", f"HOME={folder}",
            "caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]  # fmt: skip


PROXIES = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed"))
        for name in PROXIES
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def in_front_of(hub: HubServer, kind: str, folder: Path, *, idle: float = IDLE) -> AsyncIterator[str]:
    """Start the proxy, and yield its URL once it answers."""
    port, place = free_port(), folder / secrets.token_hex(4)
    place.mkdir()
    command = PROXIES[kind](place, port, urlsplit(hub.url).netloc, idle)
    with (place / "output").open("wb") as output:
        process = await asyncio.to_thread(partial(subprocess.Popen, command, stdout=output, stderr=output))
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(PATIENCE), http_client() as client:
            while True:
                assert process.poll() is None, (place / "output").read_text()
                try:
                    if (await client.get(f"{url}/health/ready")).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        yield url
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, PATIENCE)


@pytest.fixture
async def proxied(share_hub: ShareHub, kind: str, data_dir: Path) -> AsyncIterator[Any]:
    """``await proxied(LIVE_PING_SECONDS="0.3")``: a hub with those variables, and the URL of the proxy before it."""
    async with AsyncExitStack() as stack:

        async def start(**variables: str) -> tuple[HubServer, str]:
            hub = await share_hub(PROXIES_COUNT="1", **variables)
            return hub, await stack.enter_async_context(in_front_of(hub, kind, data_dir))

        yield start


async def live(url: str, token: str, **how: Any) -> ClientConnection:
    """A session of the live channel through the proxy, connected."""
    address = url.replace("http://", "ws://") + "/live"
    socket = await connect(address, subprotocols=["booking.v1.json"], ping_interval=None, **how)  # type: ignore[list-item]
    await socket.send(json.dumps({"op": "connect", "id": 1, "token": token, "since": {}}))
    async with asyncio.timeout(PATIENCE):
        while json.loads(await socket.recv())["op"] != "connected":
            pass
    return socket


async def test_pages_and_rest_go_through(proxied: Any, kind: str) -> None:
    hub, url = await proxied()
    account = await hub.register()
    headers = {"authorization": f"Bearer {account.token}"}
    async with http_client(base_url=url, headers=headers) as client:
        page = await client.get("/")
        assert page.status_code == 200 and page.headers["content-encoding"] in ("gzip", "zstd")
        for script in re.findall(r'(?:src|href)="(/?[\w./-]+\.(?:js|css))"', page.text):
            assert (await client.get(f"/{script.lstrip('/')}")).status_code == 200
        assert (await client.get("/bookings/my")).json()["items"] == []
        missing = await client.get("/bookings/99999")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        assert (await client.get("/metrics")).status_code == 404
        assert "hub_" not in (await client.get("/metrics")).text
        large = await client.post("/bookings", content=b" " * 70_000, headers={"content-type": "application/json"})
        assert large.status_code == 413


async def test_addresses_of_venues_go_through(proxied: Any, kind: str) -> None:
    hub, url = await proxied()
    account = await hub.register()
    headers = {"authorization": f"Bearer {account.token}"}
    async with http_client(base_url=f"{url}/v/main", headers=headers) as client:
        assert (await client.get("/venue")).json()["slug"] == "main"
        assert (await client.get("/bookings/my")).json()["items"] == []
        assert (await client.get("/metrics")).status_code == 404
    async with await live(f"{url}/v/main", account.token) as socket:
        await socket.send(json.dumps({"op": "subscribe", "id": 2, "channel": "tables", "since": None}))
        async with asyncio.timeout(PATIENCE):
            while json.loads(await socket.recv())["op"] != "snapshot":
                pass


@pytest.mark.slow
async def test_live_channel_outlives_the_idle_time_of_the_proxy(proxied: Any, kind: str) -> None:
    hub, url = await proxied(LIVE_PING_SECONDS=str(IDLE / 4))
    account = await hub.register()
    async with await live(url, account.token) as socket:
        loop = asyncio.get_running_loop()
        end = loop.time() + 2 * IDLE
        while (left := end - loop.time()) > 0:
            try:
                await asyncio.wait_for(socket.recv(), left)  # raises when it is closed
            except TimeoutError:
                break
        await socket.send(json.dumps({"op": "subscribe", "id": 2, "channel": "tables", "since": None}))
        async with asyncio.timeout(PATIENCE):
            while json.loads(await socket.recv())["op"] != "snapshot":
                pass


@pytest.mark.slow
async def test_silence_is_cut_off_by_the_proxy(share_hub: ShareHub, kind: str, data_dir: Path) -> None:
    """The other side of the test above: without pings the idle time ends the line, so there it was the pings."""
    if kind == "caddy":
        pytest.skip("Caddy gives an open channel no idle time")
    hub = await share_hub(PROXIES_COUNT="1", LIVE_PING_SECONDS="3600", LIVE_SILENCE_SECONDS="0")
    account = await hub.register()
    async with in_front_of(hub, kind, data_dir, idle=0.5) as url:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionClosed):  # on a busy machine already while the session begins
                socket = await live(url, account.token)
                while True:
                    await socket.recv()


async def test_refused_upgrade_is_the_hubs_answer(proxied: Any, kind: str) -> None:
    hub, url = await proxied()
    upgrade = {
        "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-protocol": "booking.v1.json",
    }  # fmt: skip
    async with http_client() as client:
        for headers in ({}, upgrade | {"origin": "https://stranger.example"}):
            direct = await client.get(f"{hub.url}/live", headers=headers)
            through = await client.get(f"{url}/live", headers=headers)
            assert through.status_code == direct.status_code >= 400
            assert through.headers["content-type"] == direct.headers["content-type"]


async def test_address_of_the_client_is_seen_and_not_what_it_claims(proxied: Any, kind: str) -> None:
    hub, url = await proxied()
    transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2", verify=NO_CERTIFICATES)
    async with http_client(transport=transport, base_url=url) as client:
        answer = await client.post(
            "/auth/login",
            json={"email": "nobody@example.com", "password": "not the right one"},
            headers={"x-forwarded-for": "203.0.113.9"},
        )
    assert answer.status_code == 401
    async with asyncio.timeout(PATIENCE):
        while not (lines := [line for line in hub.output.splitlines() if '"event":"log_in"' in line]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert json.loads(lines[-1])["address"] == "127.0.0.2"


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
@pytest.mark.parametrize("domain", [":80", "book.example.com"])
def test_caddyfile_is_valid_for_a_domain_and_without(domain: str, tmp_path: Path) -> None:
    result = subprocess.run(
        ["caddy", "adapt", "--validate", "--adapter", "caddyfile", "--config", CHECKOUT / "infra/caddy/Caddyfile"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOMAIN": domain, "UPSTREAM": "hub:8000"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    servers = json.loads(result.stdout)["apps"]["http"]["servers"]
    assert [server["listen"] for server in servers.values()] == [[":80" if domain == ":80" else ":443"]]

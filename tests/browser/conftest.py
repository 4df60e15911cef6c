"""Chromium for the tests of the pages, driven over its own debugging protocol; where it is missing they are skipped."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.servers import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,1000"
).split()
PATIENCE = 20.0


class Page:
    """One tab: evaluates expressions in it, and remembers what it asked for and complained of."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            elif message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.webSocketCreated":
                self.asked.append(message["params"]["url"])
            elif message["method"] in ("Runtime.exceptionThrown", "Log.entryAdded") or (
                message["method"] == "Runtime.consoleAPICalled" and message["params"]["type"] in ("error", "warning")
            ):
                self.complaints.append(text if isinstance(text, str) else text.decode())

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        return (await answer).get("result")

    async def value(self, expression: str) -> Any:
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds, looking again at each frame that the page paints."""
        waiting = (
            f"new Promise(done => {{const look = () => ({expression}) ? done(true) : setTimeout(look, 20); look()}})"
        )
        try:
            async with asyncio.timeout(PATIENCE):
                assert await self.value(waiting)
        except TimeoutError:
            shown = await self.value("document.body.innerText")
            raise AssertionError(f"not within {PATIENCE:g} s: {expression}; the page: {shown[:600]}") from None

    async def open(self, url: str) -> None:
        """Load it; a page that has loaded has run its modules."""
        await self.call("Page.navigate", url=url)
        await self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    async def log_in(self, url: str, email: str) -> None:
        """Open the host stand and log in there."""
        await self.open(url + "/")
        await self.until("document.querySelector('#signin form') !== null")
        await self.value(
            f"document.querySelector('#email').value = {json.dumps(email)};"
            f"document.querySelector('#password').value = {json.dumps(PASSWORD)};"
            "document.querySelector('#signin form').requestSubmit()"
        )

    async def theme(self, scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", features=features)

    async def width(self, pixels: int, height: int = 900) -> None:
        size = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600}
        await self.call("Emulation.setDeviceMetricsOverride", **size)

    async def picture(self, path: Path) -> None:
        """A PNG of what is seen, for people."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@pytest.fixture
async def page(data_dir: Path) -> AsyncIterator[Page]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    profile = data_dir / "profile"
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *QUIET,
        f"--user-data-dir={profile}",
        "--remote-debugging-port=0",
        "about:blank",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    browser = ""
    async with asyncio.timeout(30):
        while "DevTools listening on" not in browser:
            browser = (await process.stderr.readline()).decode()
    address = browser.split()[-1]
    drained = asyncio.create_task(process.stderr.read())  # a full pipe would stop it
    try:
        async with connect(address, max_size=None) as root:
            tabs = Page(root)
            target = await tabs.call("Target.createTarget", url="about:blank")
            async with connect(
                address.rsplit("/devtools/", 1)[0] + f"/devtools/page/{target['targetId']}", max_size=None
            ) as socket:
                made = Page(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await made.call(f"{domain}.enable")
                yield made
    finally:
        process.terminate()
        await process.wait()
        await drained

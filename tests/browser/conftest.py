"""Chromium for the tests of the pages, driven over its own debugging protocol; where it is missing they are skipped."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import ShareHub, sharing
from tests.servers import PASSWORD, Account, HubServer, Servers, SharedHubs
from tests.tonight import midday

AXE = Path(__file__).parents[2] / "hub" / "web" / "node_modules" / "axe-core" / "axe.min.js"
"""A library that looks for what keeps people out of a page; it comes with what the pages are built with."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1280,1000"
).split()
PATIENCE = 40.0
KEYS = {
    "Tab": (9, ""), "Enter": (13, "\r"), "ArrowLeft": (37, ""), "ArrowUp": (38, ""), "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}  # fmt: skip
"""The keys that tests press: the code, and the text that they type."""
FAINT_TEXTS = r"""(() => {
  const rgba = (text) => {  // of a mix of colours the browser says color(srgb …), each part up to 1
    const n = text.match(/[\d.]+/g).map(Number), whole = text.startsWith("color(srgb") ? 255 : 1;
    return [...n.slice(0, 3).map((each) => each * whole), n[3] ?? 1];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (c) => c.map((x) => x / 255).map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const said = [...element.childNodes].filter((n) => n.nodeType === 3 && n.data.trim()).map((n) => n.data).join("");
    if (!said || element.disabled || element.closest(".unseen") || !element.checkVisibility()) continue;
    const line = [];
    for (let at = element; at; at = at.parentElement) line.unshift(getComputedStyle(at));
    let ground = [255, 255, 255], ink = null;
    const paint = (styles, under) => {  // what stands on `under`: [ground, ink] with each opacity laid over
      if (styles.length === 0) return [under, under];
      const [style, ...rest] = styles, opacity = Number(style.opacity);
      const own = over(rgba(style.backgroundColor), under);
      const [below, top] = rest.length ? paint(rest, own) : [own, over(rgba(style.color), own)];
      return [over([...below, opacity], under), over([...top, opacity], under)];
    };
    [ground, ink] = paint(line, ground);
    const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const style = line.at(-1), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${said.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
})()"""


class Page:
    """One tab: evaluates expressions in it, and remembers what it asked for and complained of."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._lost = ""
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                answer = self._answers.pop(message["id"])
                if not answer.done():  # who asked may have gone meanwhile
                    answer.set_result(message)
            elif message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            elif message["method"] == "Fetch.requestPaused":
                self._losing = asyncio.create_task(self._lose(message["params"]))
            elif message["method"] == "Network.webSocketCreated":
                self.asked.append(message["params"]["url"])
            elif message["method"] in ("Runtime.exceptionThrown", "Log.entryAdded") or (
                message["method"] == "Runtime.consoleAPICalled" and message["params"]["type"] in ("error", "warning")
            ):
                self.complaints.append(text if isinstance(text, str) else text.decode())

    async def _lose(self, paused: dict[str, Any]) -> None:
        request = paused["requestId"]
        if paused["request"]["method"] == self._lost:
            self._lost = ""
            await self.call("Fetch.failRequest", requestId=request, errorReason="ConnectionReset")
            await self.call("Fetch.disable")
        else:
            await self.call("Fetch.continueRequest", requestId=request)

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        return (await answer).get("result")

    async def value(self, expression: str) -> Any:
        """What it is in the page; None also where the page is left meanwhile."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return None if found is None else found["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds, looking again at each frame that the page paints."""
        waiting = (
            f"new Promise(done => {{const look = () => ({expression}) ? done(true) : setTimeout(look, 20); look()}})"
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.value(waiting):  # the page that was asked is left: another comes
                    pass
        except TimeoutError:
            shown = await self.value("document.body.innerText")
            raise AssertionError(f"not within {PATIENCE:g} s: {expression}; the page: {shown[:600]}") from None

    async def open(self, url: str) -> None:
        """Load it; a page that has loaded has run its modules."""
        await self.call("Page.navigate", url=url)
        await self.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    async def log_in(self, url: str, email: str, password: str = PASSWORD, *, path: str = "/") -> None:
        """Open a page and log in there; nobody may be logged in yet. What visitors read has a button for it, and is
        live before anybody can press that."""
        await self.open(url + path)
        await self.until("document.querySelector('#email, .live-state[data-shade=live]') !== null")
        await self.value("document.querySelector('#login')?.click()")
        await self.until("document.querySelector('#email') !== null")
        await self.value(
            f"document.querySelector('#email').value = {json.dumps(email)};"
            f"document.querySelector('#password').value = {json.dumps(password)};"
            "document.querySelector('#email').form.requestSubmit()"
        )

    async def click(self, selector: str) -> None:
        """Press what the selector finds, once it is there."""
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{found} !== null")
        await self.value(f"{found}.click()")

    async def fill(self, selector: str, text: str) -> None:
        """Choose or type it as a person does, at once: the page hears of the input and of the change."""
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{found} !== null")
        await self.value(
            f"(() => {{ const control = {found}; control.value = {json.dumps(text)};"
            "for (const name of ['input', 'change']) control.dispatchEvent(new Event(name, {bubbles: true})) })()"
        )

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Tab, Enter or an arrow."""
        code, text = KEYS[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **about, text=text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def speak(self, language: str) -> None:
        """Be the browser of somebody who reads this language."""
        agent = await self.value("navigator.userAgent")
        await self.call("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        await self.call("Emulation.setLocaleOverride", locale=language)

    async def theme(self, scheme: str, *, forced: bool = False) -> None:
        """``forced``: in the few colours that the person has set for everything."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "forced-colors", "value": "active" if forced else "none"},
        ]
        await self.call("Emulation.setEmulatedMedia", features=features)

    async def width(self, pixels: int, height: int = 900) -> None:
        size = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600}
        await self.call("Emulation.setDeviceMetricsOverride", **size)

    async def faint_texts(self) -> list[str]:
        """What is seen and has less contrast than WCAG's AA asks for, whatever is laid over or under it."""
        found: list[str] = await self.value(FAINT_TEXTS)
        return found

    async def barriers(self) -> list[str]:
        """What axe-core finds that keeps people out, by its rule, with where it is."""
        if not await self.value("'axe' in globalThis"):
            await self.value(await asyncio.to_thread(AXE.read_text) + "; 0")
        found: list[str] = await self.value(
            "axe.run(document).then(({violations}) => violations.map(({id, nodes}) =>"
            "`${id}: ${nodes.map(({target, failureSummary}) => target + ' ' + failureSummary).join(' | ')}`))"
        )
        return found

    async def lose_answer(self, path: str, method: str = "POST") -> None:
        """The next answer to one there is lost on the way back: the hub has done what was asked."""
        self._lost = method
        await self.call("Fetch.enable", patterns=[{"urlPattern": f"*{path}", "requestStage": "Response"}])

    async def picture(self, path: Path) -> None:
        """A PNG of what is seen, for people."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@pytest.fixture(scope="package")
def browser(folder: Path) -> Iterator[str]:
    """The address at which one Chromium for all tests is driven."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with chromium(folder / "profile") as address:
        yield address


@pytest.fixture
async def page(browser: str) -> AsyncIterator[Page]:
    async with tab(browser) as made:
        yield made


@pytest.fixture
def open_tab() -> Callable[[str], AbstractAsyncContextManager[Page]]:
    """For tests with several tabs: each in a profile of its own."""
    return tab


@contextmanager
def chromium(profile: Path) -> Iterator[str]:
    """A Chromium of its own; yields the address at which it is driven."""
    assert CHROMIUM is not None, "chromium is not installed"
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    drain = threading.Thread(target=process.stderr.read)  # a full pipe would stop it
    with process.stderr:
        try:
            while "DevTools listening on" not in (line := process.stderr.readline()):
                assert line, "Chromium ended"
            drain.start()
            yield line.split()[-1]
        finally:
            process.terminate()
            process.wait()
            if drain.ident:
                drain.join()


@asynccontextmanager
async def tab(browser: str) -> AsyncIterator[Page]:
    """A tab in a profile of its own: no other tab's cookies, storage, cache or settings."""
    async with connect(browser, max_size=None, ping_interval=None) as root:
        tabs = Page(root)
        profile = await tabs.call("Target.createBrowserContext")
        target = await tabs.call("Target.createTarget", url="about:blank", **profile)
        address = f"{browser.rsplit('/devtools/', 1)[0]}/devtools/page/{target['targetId']}"
        try:
            async with connect(address, max_size=None, ping_interval=None) as socket:
                made = Page(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await made.call(f"{domain}.enable")
                yield made
        finally:
            await tabs.call("Target.disposeBrowserContext", **profile)


@pytest.fixture(scope="package")
def shared_hubs(servers: Servers, template: str, folder: Path) -> Iterator[SharedHubs]:
    with sharing(servers, template, folder) as shared:
        yield shared


@pytest.fixture
async def hub_server(share_hub: ShareHub) -> HubServer:
    """A hub that all of these tests share: each has accounts of its own."""
    return await share_hub()


@pytest.fixture
async def hub(share_hub: ShareHub) -> HubServer:
    """One in whose restaurant it is midday, and the evening is to come."""
    return await share_hub(**{name: str(value) for name, value in midday().items()})


@pytest.fixture
async def host(hub: HubServer) -> Account:
    return await hub.staff("host")

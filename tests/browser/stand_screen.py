"""One screen of the host stand: what a host does on it, and what it shows at which position."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import connect

from tests.browser.looking import LIVE
from tests.servers import PASSWORD, PATIENCE, Account

if TYPE_CHECKING:
    from tests.browser.conftest import Page

VERSION = "Number((document.querySelector('.counts')?.dataset.position ?? '').split(':')[1] ?? -1)"
"""Of the day that is shown."""
SHOWN = r"""(() => {
  const text = (element) => (element?.textContent ?? "").replace(/[\u2066-\u2069]/g, "").trim();
  const numbers = (element) => (text(element).match(/\d+/g) ?? []).map(Number);
  const bars = [...document.querySelectorAll(".timeline .row")].flatMap((row) => {
    const track = row.querySelector(".track");
    const [from, to] = [Number(track.dataset.axisStart), Number(track.dataset.axisEnd)];
    return [...track.querySelectorAll(":scope > .bar")].map((bar) => {
      const held = bar.querySelector("[data-booking]");
      const start = from + ((to - from) * parseFloat(bar.style.left)) / 100;
      return {
        table: Number(row.dataset.table), booking: held ? Number(held.dataset.booking) : null,
        phase: bar.dataset.phase, start, end: start + ((to - from) * parseFloat(bar.style.width)) / 100,
        said: text(bar.querySelector(held ? ".bar-text b" : ".bar-word")),
      };
    });
  });
  const plan = [...document.querySelectorAll(".plan-table")].map((each) =>
    ({table: Number(each.dataset.table), phase: each.dataset.phase, said: text(each.querySelector(".plan-who"))}));
  const pressed = [...document.querySelectorAll(".lists > .tabs button")];
  const entries = [...document.querySelectorAll(".list-scroll .entry")].map((each) => ({
    phase: each.dataset.phase, name: text(each.querySelector(".entry-name")),
    guests: numbers(each.querySelector(".entry-guests [aria-hidden]"))[0],
    where: text(each.querySelector(".entry-table")),
  }));
  return {
    position: document.querySelector(".counts")?.dataset.position ?? "", bars, plan, entries,
    list: pressed.findIndex((each) => each.getAttribute("aria-pressed") === "true"),
    tabs: pressed.map((each) => numbers(each.querySelector("small"))[0]),
    counts: [...document.querySelectorAll(".counts > *")].map((each) => numbers(each)[0]),
    view: document.querySelector(".timeline") ? "timeline" : "plan",
  };
})()"""


async def window_of(page: Page, browser: str, title: str) -> str:
    """The address at which the window of this title is driven, once it has opened."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for target in (await page.call("Target.getTargets"))["targetInfos"]:
                if title in target["title"]:
                    return f"{browser.rsplit('/devtools/', 1)[0]}/devtools/page/{target['targetId']}"


class Screen:
    """A tab with an account of its own. It counts what the person does: a touch, a key, a field that is filled."""

    def __init__(self, name: str, page: Page, account: Account, size: tuple[int, int]) -> None:
        self.name, self.page, self.account, self.size = name, page, account, size
        self.touches = 0
        self.fields = 0

    async def enter(self, url: str) -> None:
        """Log in, and see tonight."""
        await self.page.width(*self.size)
        await self.page.speak("en-GB")
        await self.page.open(url + "/stand")
        await self.page.until("document.querySelector('#password') !== null")
        await self.page.value(
            f"document.querySelector('#email').value = {json.dumps(self.account.email)};"
            f"document.querySelector('#password').value = {json.dumps(PASSWORD)};"
            "document.querySelector('form').requestSubmit()"
        )
        await self.page.until(f"{LIVE} && document.querySelector('.counts')?.dataset.position")

    async def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.value(SHOWN)
        return found

    async def until_version(self, version: int) -> None:
        await self.page.until(f"{VERSION} >= {version}")

    async def touch(self, selector: str, said: str = "") -> None:
        """The first of these that says so, by its label or else its text, once it is there and can be used."""
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})].find(each => !each.disabled && (each.ariaLabel ?? "
            rf"each.textContent).replace(/[\u2066-\u2069]/g, '').trim().startsWith({json.dumps(said)}))"
        )
        await self.page.until(f"{find} !== undefined")
        await self.page.value(f"{find}.click()")
        self.touches += 1

    async def do(self, verb: str, who: str) -> None:
        """One touch in the list that is shown."""
        await self.touch(".list-scroll .acts button", f"{verb}: {who}")

    async def list(self, name: str) -> None:
        await self.touch(".lists > .tabs button", name)
        await self.page.until(f"document.querySelector('.list-scroll').ariaLabel === {json.dumps(name)}")

    async def key(self, name: str) -> None:
        """A key where the focus is."""
        event = f"new KeyboardEvent('keydown', {{key: {json.dumps(name)}, bubbles: true, cancelable: true}})"
        await self.page.value(f"document.activeElement.dispatchEvent({event}); 0")
        self.touches += 1

    async def type(self, selector: str, text: str) -> None:
        await self.page.fill(selector, text)
        self.fields += 1

    async def open_card(self, booking: int) -> None:
        """By its bar, where the other half of a phone is seen first."""
        await self.page.until(f"document.querySelector('[data-booking=\"{booking}\"]') !== null")
        await self.touch(f"[data-booking='{booking}']")
        await self.page.until("document.querySelector('.card') !== null")

    async def close_card(self) -> None:
        await self.touch(".card .card-head button")
        await self.page.until("document.querySelector('.card') === null")

    async def until_listed(self, who: str, phase: str, says: str) -> None:
        """In the list that is shown they come to stand in this phase, with these words."""
        entry = (
            f"[...document.querySelectorAll('.list-scroll .entry[data-phase={phase}]')].find(each => "
            f"each.querySelector('.entry-name').textContent.includes({json.dumps(who)}))"
        )
        await self.page.until(f"({entry}?.textContent ?? '').includes({json.dumps(says)})")

    async def close_table(self, table: int, until: str) -> None:
        """From now on, until the clock shows this."""
        await self.touch(f".row[data-table='{table}'] .row-name")
        await self.touch(".free-menu button", "Close this table")
        await self.page.fill("dialog .pair .field:last-child input", until)
        await self.page.fill("dialog input[maxlength='120']", "lamp")
        await self.touch("dialog button[type=submit]")
        await self.dialog(closed=True)

    async def carry(self, booking: int, arrow: str, hint: str = "") -> None:
        """A bar by keys, by one step; let go once the page says that it may go there, and where that is."""
        await self.page.value(f"document.querySelector('[data-booking=\"{booking}\"]').focus()")
        await self.key("m")
        await self.key(arrow)
        good = "document.querySelector('.drop-hint.is-good')?.textContent"
        await self.page.until(f"({good} ?? null)?.includes({json.dumps(hint)}) === true")
        await self.key("Enter")

    async def paper(self, browser: str, day: str, since: str, button: str = "Print") -> str:
        """What the paper of what changed since a position says, in the window that opens for it."""
        await self.touch(".user > button")
        await self.touch(".user-menu button", button)
        await self.page.fill("dialog input", since)
        await self.page.value("document.querySelector('dialog form button[type=submit]').focus()")
        await self.page.press("Enter")
        async with connect(await window_of(self.page, browser, day), max_size=None) as socket:
            window = self.page.__class__(socket)
            await window.call("Page.enable")
            await window.until("document.querySelector('footer') !== null")
            said: str = await window.value("document.body.innerText")
            await window.call("Page.close")
        await self.touch("dialog .dialog-head button")
        await self.dialog(closed=True)
        return said

    async def dialog(self, closed: bool = False) -> None:
        await self.page.until(f"(document.querySelector('dialog') === null) === {json.dumps(closed)}")

    async def mouse(self, kind: str, x: float, y: float) -> None:
        held = {"button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
        await self.page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **held)

    async def box(self, selector: str) -> dict[str, float]:
        """Where it is on the screen, once it has been scrolled to and stays where it is."""
        found: dict[str, float] = await self.page.value(
            "new Promise((done) => { let before; const look = () => {"
            f"const found = document.querySelector({json.dumps(selector)});"
            "found?.scrollIntoView({block: 'center', inline: 'center'});"
            "const {x, y, width, height} = found?.getBoundingClientRect() ?? {};"
            "const now = found && JSON.stringify([x, y, width, height]);"
            "if (found && now === before) return done({x, y, width, height});"
            "before = now; setTimeout(look, 50) }; look() })"
        )
        return found

    async def drag(self, booking: int, table: int, steps: int = 12, hint: str = "is-good") -> None:
        """A bar to another row, at the time that it has; let go once the page says that it may go there, or what else
        ``hint`` stands for."""
        bar = f"[data-booking='{booking}']"
        await self.page.until(f"document.querySelector({json.dumps(bar)}) !== null")
        await self.box(f".row[data-table='{table}'] .row-name")
        at = await self.page.value(
            f"(() => {{ const a = document.querySelector({json.dumps(bar)}).getBoundingClientRect(),"
            f"b = document.querySelector('.row[data-table=\"{table}\"] .track').getBoundingClientRect(),"
            "s = document.querySelector('.timeline'), v = s.getBoundingClientRect();"
            "const wanted = v.x + v.width / 2; s.scrollLeft += a.x - wanted;"
            f"const n = document.querySelector({json.dumps(bar)}).getBoundingClientRect();"
            "return [n.x + 12, n.y + n.height / 2, b.y + b.height / 2] })()"
        )
        x, y, to = at
        await self.mouse("mousePressed", x, y)
        for step in range(1, steps + 1):
            await self.mouse("mouseMoved", x, y + (to - y) * step / steps)
        await self.page.until(f"document.querySelector('.drop-hint.{hint}') !== null")
        await self.mouse("mouseReleased", x, to)
        self.touches += 1

"""What the evening measures on its way and prints: nothing of it is asserted."""

from __future__ import annotations

import itertools
import os
import time
from typing import TYPE_CHECKING, Any

from tests.browser.stand_screen import VERSION

if TYPE_CHECKING:
    from tests.browser.stand_screen import Screen

WATCH = f"""globalThis.heard = [];
new MutationObserver(() => heard.push([{VERSION}, performance.timeOrigin + performance.now()]))
  .observe(document.querySelector('.counts'), {{attributes: true, attributeFilter: ['data-position']}}); 0"""
LINE = """performance.getEntriesByType('resource')
  .filter(({name}) => /[.](js|css)$/.test(new URL(name).pathname))
  .map(({name, encodedBodySize}) => [new URL(name).pathname, encodedBodySize])"""
FRAMES = """globalThis.frames_at = []; globalThis.counting = true;
(function next(at) { frames_at.push(at); if (counting) requestAnimationFrame(next) })(performance.now()); 0"""
SAMPLE = f"""globalThis.samples = []; setInterval(() => {{
  const shade = document.querySelector('.live-state')?.dataset.shade;
  samples.push([shade, {VERSION}, performance.timeOrigin + performance.now()])
}}, 50); 0"""
"""What the screen claims of itself, and which version it shows, twenty times a second."""


def percentile(found: list[float], share: float) -> float:
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


class Figures:
    """By name, in the order in which they were taken."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.found[name] = value

    def print(self) -> None:
        """With the date and what else the machine had to do."""
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        print(
            f"\nthe evening, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, load {load}, {os.cpu_count()} cores"
        )
        for name, value in self.found.items():
            print(f"  {name}: {value}")


async def from_act_to_screen(actor: Screen, other: Screen, who: str, times: int) -> list[float]:
    """Milliseconds from the touch on one screen until the other has it in its document; here and back, by turns."""
    await other.page.value(WATCH)
    waited: list[float] = []
    for number in range(times):
        verb = "Undo" if number % 2 else "Here"
        button = (
            f"[...document.querySelectorAll('.list-scroll .acts button')].find(each => !each.disabled && "
            rf"each.ariaLabel.replace(/[\u2066-\u2069]/g, '') === '{verb}: {who}')"
        )
        await actor.page.until(f"{button} !== undefined")
        version = await other.page.value(VERSION)
        begun = await actor.page.value(
            f"(() => {{ {button}.click(); return performance.timeOrigin + performance.now() }})()"
        )
        await other.until_version(version + 1)
        arrived = await other.page.value(f"heard.find(([version]) => version > {version})[1]")
        waited.append(arrived - begun)
    return waited


async def frames_while_dragging(screen: Screen, booking: int, moves: int) -> dict[str, float]:
    """Frames a second while a bar is carried over the rows, to and fro; it is let go where it was."""
    await screen.page.call("Page.bringToFront")
    bar = f"[data-booking='{booking}']"
    box = await screen.box(bar)
    x, y = box["x"] + min(12, box["width"] / 2), box["y"] + box["height"] / 2
    await screen.page.until(f'document.elementFromPoint({x}, {y})?.closest("{bar}") != null')
    await screen.mouse("mousePressed", x, y)
    await screen.mouse("mouseMoved", x + 8, y)
    await screen.page.until("document.querySelector('.drop-hint') !== null")
    await screen.page.value(FRAMES)
    for move in range(moves):
        turn = abs((move % 80) - 40) - 20
        await screen.mouse("mouseMoved", x + 8 + 3 * turn, y + 5 * turn)
    at: list[float] = await screen.page.value("counting = false, frames_at")
    await screen.page.call("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape")
    await screen.mouse("mouseReleased", x, y)
    await screen.page.until("document.querySelector('.drop-hint') === null")
    gaps = [after - before for before, after in itertools.pairwise(at)]
    return {
        "frames a second": round(len(gaps) / (at[-1] - at[0]) * 1000, 1),
        "the longest between two, ms": round(max(gaps), 1),
        "moves of the pointer": moves,
    }


def claims(samples: list[list[Any]], committed: list[tuple[int, float]], most_ms: float) -> list[str]:
    """Where a screen said that it is live over what it did not have `most_ms` after it was committed."""
    found = []
    for shade, version, at in samples:
        missed = [when for number, when in committed if number > version and at - when > most_ms]
        if shade == "live" and missed:
            found.append(f"live at {at:.0f} with version {version}, {at - min(missed):.0f} ms after a later one")
    return found

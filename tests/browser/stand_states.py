"""The states of the host stand in which axe-core looks for what keeps people out: in every colour, narrow, and twice as
large. Twice as large nothing may be cut off, or lie under something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tests.browser.looking import SMALL

if TYPE_CHECKING:
    from tests.browser.conftest import Page
    from tests.browser.stand_screen import Screen


class Seen(Protocol):
    """A tab, and the size of its screen."""

    page: Page
    size: tuple[int, int]


LOOKS = ("light", "dark", "forced", "narrow", "twice")
LOST = r"""(() => {
  const lost = [], all = document.querySelector("dialog[open], .card, .found, .user-menu, .free-menu") ?? document.body;
  const name = (each) => (each.ariaLabel || each.textContent.trim() || each.name || each.type || "").slice(0, 40);
  const isLeftOut = (each) =>
    !each.checkVisibility({visibilityProperty: true}) || each.closest(".unseen, .skip, .track, .plan-table, .sheet");
  for (const each of all.querySelectorAll("button, a[href], input, select, textarea")) {
    if (isLeftOut(each)) continue;
    each.scrollIntoView({block: "center", inline: "center"});
    const {left, right, top, bottom, width, height} = each.getBoundingClientRect();
    const isOut = left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1;
    if (isOut) lost.push(`cut off: ${name(each)}`);
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    const isHit = there && (each.contains(there) || there.closest("label")?.control === each);
    if (!isHit) lost.push(`under: ${name(each)}`);
  }
  for (const each of all.querySelectorAll("*")) {
    const style = getComputedStyle(each), clips = (axis) => ["hidden", "clip"].includes(axis);
    const hasText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || isLeftOut(each)) continue;
    if (clips(style.overflowX) && each.scrollWidth > each.clientWidth + 1) lost.push(`cut short: ${name(each)}`);
    if (clips(style.overflowY) && each.scrollHeight > each.clientHeight + 1) lost.push(`cut below: ${name(each)}`);
  }
  return lost;
})()"""
"""What can't be brought into sight, what lies under something else, and what is cut; of a window, a card or a menu
alone where one is open. The room is in two dimensions: what stands on it is left out. Links that skip are seen once
they are focused."""


async def barriers(screen: Seen, state: str) -> list[str]:
    """What is found in the state in which the screen is."""
    found: list[str] = []
    width, height = screen.size
    sizes = {"narrow": (SMALL, 640), "twice": (width // 2, height // 2)}
    for look in LOOKS if width // 2 >= SMALL else LOOKS[:-1]:  # nothing need be narrower than that
        await screen.page.theme("dark" if look == "dark" else "light", forced=look == "forced")
        size = sizes.get(look, screen.size)
        await screen.page.width(*size)
        await screen.page.until(f"innerWidth === {size[0]} && innerHeight === {size[1]}")
        await screen.page.until("document.getAnimations().length === 0")
        told = await screen.page.barriers()
        if look == "twice":
            told += await screen.page.value(LOST)
        if not await screen.page.value("document.documentElement.scrollWidth <= innerWidth"):
            told.append("stands out at the side")
        found += [f"{state}, {look}: {each[:600]}" for each in told]
    await screen.page.theme("light")
    await screen.page.width(*screen.size)
    await screen.page.until(f"innerWidth === {screen.size[0]}")
    return found


async def barriers_everywhere(screen: Screen, booking: int) -> list[str]:
    """Timeline, plan, card, phone form, wait list; one after the other. On a narrow screen the floor is its half."""
    page = screen.page
    found = await barriers(screen, "lists")
    await page.value("document.querySelectorAll('.phone-tabs button')[1].click()")
    found += await barriers(screen, "timeline")
    await screen.touch(".room-head button", "Plan")
    await page.until("document.querySelector('.plan-table') !== null")
    found += await barriers(screen, "plan")
    await screen.touch(".room-head button", "Timeline")
    await screen.open_card(booking)
    found += await barriers(screen, "card")
    await screen.close_card()
    await screen.touch(".adders button", "+ Phone")
    await screen.dialog()
    found += await barriers(screen, "phone form")
    await screen.touch("dialog .dialog-head button")
    await screen.dialog(closed=True)
    await page.value("document.querySelectorAll('.phone-tabs button')[0].click()")
    await screen.list("Wait")
    found += await barriers(screen, "wait list")
    await screen.list("Arrivals")
    return found

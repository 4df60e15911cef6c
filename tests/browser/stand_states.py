"""The states of the host stand in which axe-core looks for what keeps people out: in every colour, and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.looking import SMALL

if TYPE_CHECKING:
    from tests.browser.stand_screen import Screen

LOOKS = (("light", False, False), ("dark", False, False), ("light", True, False), ("light", False, True))
"""Scheme, forced colours, the narrowest screen."""


async def barriers(screen: Screen, state: str) -> list[str]:
    """What is found in the state in which the screen is."""
    found: list[str] = []
    for scheme, forced, narrow in LOOKS:
        await screen.page.theme(scheme, forced=forced)
        await screen.page.width(*((SMALL, 640) if narrow else screen.size))
        await screen.page.until(f"innerWidth === {SMALL if narrow else screen.size[0]}")
        await screen.page.until("document.getAnimations().length === 0")
        look = (state, scheme, "forced" if forced else "", "narrow" if narrow else "")
        found += [f"{look}: {each[:600]}" for each in await screen.page.barriers()]
        if not await screen.page.value("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{look}: stands out at the side")
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

"""The owner's page in Chromium: tables, areas, tables that join, and the plan on which tables are put."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import BUILT, LIVE, shows, unexpected, usable
from tests.integration.rest import day_after
from tests.servers import Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT


async def entered(page: Page, hub: HubServer) -> Account:
    admin = await hub.staff("admin")
    await page.log_in(hub.url, admin.email, path="/admin")
    await page.until(LIVE)
    await page.until("document.querySelector('#tables li') !== null")
    return admin


async def made(account: Account, kind: str, **body: Any) -> dict[str, Any]:
    answer = await account.client.post(f"/admin/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(account: Account, kind: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in (await account.client.get(f"/admin/{kind}")).json()["items"]}


def labelled(label: str) -> str:
    """A selector: names in labels stand between marks of direction."""
    before, name = label.rsplit(" ", 1)
    return f'[aria-label="{before} \u2068{name}\u2069"]'


async def careful(page: Page, label: str) -> None:
    """Press a button that asks back, and then the same again."""
    await page.click(labelled(label))
    await page.click("button.sure")


async def test_manager_adds_changes_and_removes_a_table(page: Page, hub_server: HubServer) -> None:
    name = f"W{secrets.token_hex(3)}"
    admin = await entered(page, hub_server)
    await page.fill("#tables .new [name=name]", name)
    await page.fill("#tables .new [name=seats]", "4")
    await page.click("#tables .new [type=submit]")
    await page.until(shows("#said", "is added"))
    assert (await listed(admin, "tables"))[name]["seats"] == 4
    assert await page.value("document.activeElement.name") == "name"  # ready for the next one

    # A name that is taken is refused beside the line, and what is typed stays.
    await page.fill(labelled(f"Name of {name}"), "T2-1")
    await page.click(labelled(f"Save {name}"))
    await page.until("document.querySelector('#tables li .problem') !== null")
    assert "taken" in await page.value("document.querySelector('#tables li .problem').textContent")
    await page.fill(labelled(f"Name of {name}"), f"{name}b")
    await page.fill(labelled(f"Seats of {name}"), "5")
    await page.click(labelled(f"Save {name}"))
    await page.until(shows("#said", f"{name}b"))
    assert (await listed(admin, "tables"))[f"{name}b"]["seats"] == 5

    await careful(page, f"Remove {name}b")
    await page.until(shows("#said", "is removed"))
    assert f"{name}b" not in await listed(admin, "tables")
    assert await page.value("document.activeElement.id") == "tables-title"
    assert unexpected(page, 409) == []


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
async def test_line_of_a_table_is_one_line_on_a_desktop(page: Page, hub_server: HubServer, language: str) -> None:
    await page.speak(language)
    await page.width(1280)
    await entered(page, hub_server)
    tops = "[...document.querySelectorAll('#tables li:first-child :is(input, select, button)')].map(each => "
    assert len(set(await page.value(tops + "Math.round(each.getBoundingClientRect().top))"))) == 1


async def test_table_with_a_booking_stays_and_the_page_says_why(page: Page, hub_server: HubServer) -> None:
    name = f"B{secrets.token_hex(3)}"
    admin = await entered(page, hub_server)
    table = await made(admin, "tables", name=name, seats=2)
    body = {"date": day_after(50), "time": "18:00", "guests": 2, "table_id": table["id"]}
    booked = (await admin.client.post("/bookings", json=body)).json()
    await careful(page, f"Remove {name}")
    await page.until(shows("#tables", "A booking that is still to come"))
    assert name in await listed(admin, "tables")
    assert (await admin.client.delete(f"/bookings/{booked['id']}")).status_code == 200
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    await page.until(f"document.querySelector({json.dumps(labelled(f'Remove {name}'))}) === null")  # by itself
    assert unexpected(page, 409) == []


async def test_change_by_another_shows_and_is_not_overwritten(page: Page, hub_server: HubServer) -> None:
    name = f"C{secrets.token_hex(3)}"
    admin = await entered(page, hub_server)
    table = await made(admin, "tables", name=name, seats=2)
    seats = f"document.querySelector({json.dumps(labelled(f'Seats of {name}'))})"
    await page.until(f"{seats} !== null")
    await page.fill(labelled(f"Name of {name}"), f"{name}x")  # typed, not saved
    assert (await admin.client.patch(f"/admin/tables/{table['id']}", json={"seats": 6})).status_code == 200
    await page.until(f"{seats}.value === '6'")
    assert await page.value(f"document.querySelector({json.dumps(labelled(f'Name of {name}'))}).value") == f"{name}x"

    await page.click(labelled(f"Save {name}"))
    await page.until(shows("#said", f"{name}x"))
    assert (await listed(admin, "tables"))[f"{name}x"]["seats"] == 6
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    assert page.complaints == []


@pytest.mark.slow
async def test_who_comes_second_sees_both_versions_and_may_apply_theirs_anew(
    page: Page, hub_server: HubServer, browser: str, open_tab: Any
) -> None:
    name = f"D{secrets.token_hex(3)}"
    first = await entered(page, hub_server)
    table = await made(first, "tables", name=name, seats=2)
    seats, line = labelled(f"Seats of {name}"), "[...document.querySelectorAll('#tables li')]"
    mine = f"{line}.find(each => each.querySelector({json.dumps(seats)}))"
    async with open_tab(browser) as other:
        await entered(other, hub_server)
        await other.until(f"document.querySelector({json.dumps(seats)}) !== null")
        await other.fill(seats, "5")
        # The one saves; the other, who has typed something else, is shown it at once beside what they typed.
        await page.fill(seats, "6")
        await page.click(labelled(f"Save {name}"))
        await other.until(f"{mine}?.querySelector('.is-now').textContent.includes('6 seats')")
        assert await other.value(f"document.querySelector({json.dumps(seats)}).value") == "5"
        await usable(other)
        # Once more, and the other does not hear of it in time: it is refused (412), and shown with the refusal.
        await page.until(f"!{mine}.querySelector('.acts button').matches('[aria-disabled=false]')")
        await other.call("Network.setBlockedURLs", urls=["*/admin/areas"])  # lists are taken together or not at all
        await page.fill(seats, "8")
        await page.click(labelled(f"Save {name}"))
        await page.until(f"{NUMBER} === 2")
        await other.click(labelled(f"Save {name}"))
        await other.until(
            f"{mine}?.querySelector('.problem')?.textContent.includes('Somebody else changed this first')"
        )
        await other.until(f"{mine}.querySelector('.is-now').textContent.includes('8 seats')")
        assert (await listed(first, "tables"))[name]["seats"] == 8
        await usable(other)
        await other.call("Network.setBlockedURLs", urls=[])
        await other.click(labelled(f"Save {name}"))
        await page.until(f"document.querySelector({json.dumps(seats)}).value === '5'")
        await other.until(f"{mine}.querySelector('.is-now').textContent === ''")
        assert (await listed(first, "tables"))[name]["seats"] == 5
        assert (await first.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
        refusals = [each for each in unexpected(other, 412) if "ERR_BLOCKED_BY_CLIENT" not in each]
    assert refusals == page.complaints == []


@pytest.mark.slow
async def test_areas_and_tables_that_join(page: Page, hub_server: HubServer) -> None:
    mark = secrets.token_hex(3)
    admin = await entered(page, hub_server)
    await page.fill("#areas .new [name=name]", f"Terrace{mark}")
    await page.click("#areas .new [type=submit]")
    await page.until(shows("#said", "is added"))
    area = (await listed(admin, "areas"))[f"Terrace{mark}"]
    await page.fill(labelled(f"Name of Terrace{mark}"), f"Garden{mark}")
    await page.click(labelled(f"Save Terrace{mark}"))
    await page.until(shows("#said", f"Garden{mark}"))

    one, two = [await made(admin, "tables", name=f"J{mark}{n}", seats=2, area_id=area["id"]) for n in (1, 2)]
    ticks = "[...document.querySelectorAll('#combinations .tick')]"
    for name in (one["name"], two["name"]):
        found = f"{ticks}.find(tick => tick.innerText.includes({json.dumps(name)}))"
        await page.until(f"{found} !== undefined")
        await page.value(f"{found}.click()")
    await page.until("document.querySelector('#combinations .new [name=max_guests]').value === '4'")
    await page.fill("#combinations .new [name=max_guests]", "5")
    await page.click("#combinations .new [type=submit]")
    await page.until(shows("#combinations .problem", "more guests than they have seats together"))
    await page.fill("#combinations .new [name=max_guests]", "4")
    await page.click("#combinations .new [type=submit]")
    joined = f"{one['name']} + {two['name']}"
    await page.until(shows("#said", joined))
    assert (await listed(admin, "combinations"))[joined]["table_ids"] == [one["id"], two["id"]]
    await usable(page)

    # A table that joins others can't leave their area: the rule that it would break is said.
    await page.fill(labelled(f"Area of {one['name']}"), "")
    await page.click(labelled(f"Save {one['name']}"))
    await page.until(shows("#tables .problem", "Only tables of one area join"))
    assert joined in await page.value("document.querySelector('#tables .problem').textContent")

    await page.value(f"document.querySelector('[aria-label=\"Remove \\u2068{joined}\\u2069\"]').click()")
    await page.click("button.sure")
    await page.until(shows("#said", "is removed"))
    assert joined not in await listed(admin, "combinations")
    await careful(page, f"Remove Garden{mark}")
    await page.until(shows("#areas .problem", "still to come"))
    for table in (one, two):
        assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    await page.until(f"document.querySelector({json.dumps(labelled('Remove ' + two['name']))}) === null")
    await careful(page, f"Remove Garden{mark}")
    await page.until(shows("#said", f"Garden{mark}") + " && " + shows("#said", "is removed"))
    assert f"Garden{mark}" not in await listed(admin, "areas")
    assert unexpected(page, 409) == []


NUMBER = "Number(document.querySelector('#said span')?.dataset.number ?? 0)"
"""Counts what the page has said of its deeds."""


async def drag(page: Page, selector: str, right: int, down: int) -> None:
    """With the mouse, in steps, as a hand does."""
    box = await page.value(
        f"(() => {{ const element = document.querySelector({json.dumps(selector)});"
        "element.scrollIntoView({block: 'center'});"
        "const {x, y, width, height} = element.getBoundingClientRect(); return [x + width / 2, y + height / 2] })()"
    )
    x, y = box
    held = {"button": "left", "buttons": 1, "clickCount": 1}
    await page.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, **held)
    for step in range(1, 6):
        await page.call(
            "Input.dispatchMouseEvent", type="mouseMoved", x=x + right * step / 5, y=y + down * step / 5, **held
        )
    await page.call("Input.dispatchMouseEvent", type="mouseReleased", x=x + right, y=y + down, **held)


@pytest.mark.slow
async def test_table_is_put_on_the_plan_dragged_and_moved_by_keys(page: Page, hub_server: HubServer) -> None:
    mark = secrets.token_hex(3)
    admin = await entered(page, hub_server)
    area = await made(admin, "areas", name=f"Hall{mark}")
    table = await made(admin, "tables", name=f"P{mark}", seats=4, area_id=area["id"])

    async def place(said: int) -> dict[str, Any]:
        """Where it stands for the hub, once the page has said so many things."""
        await page.until(f"{NUMBER} === {said}")
        found: dict[str, Any] = (await listed(admin, "tables"))[table["name"]]["place"]
        return found

    areas = "[...document.querySelectorAll('#plan .chips button')]"
    tab = f"{areas}.find(each => each.textContent === {json.dumps(area['name'])})"
    await page.until(f"{tab} !== undefined")
    await page.value(f"{tab}.click()")
    await page.click(f"#plan [data-put='{table['id']}']")
    first = await place(1)
    assert first["shape"] == "rect"

    on_plan = f"#plan [data-table='{table['id']}']"
    width = await page.value("document.querySelector('.plan-canvas').clientWidth")
    await drag(page, on_plan, round(width / 4), 60)
    await page.until(f"document.querySelector({json.dumps(on_plan)}).getAttribute('aria-pressed') === 'true'")
    moved = await place(2)
    assert abs(moved["x"] - first["x"] - 250) <= 5 and moved["y"] > first["y"]

    await page.value(f"document.querySelector({json.dumps(on_plan)}).focus()")
    await page.press("ArrowRight")
    await page.press("ArrowDown", shift=True)
    stepped = await place(3)
    assert (stepped["x"], stepped["y"]) == (moved["x"] + 10, moved["y"] + 50)
    assert await page.value("document.activeElement.dataset.table") == str(table["id"])
    await usable(page)

    await page.fill("#plan [name=shape]", "round")
    round_ = await place(4)
    assert round_ == {**stepped, "shape": "round"}
    await page.value("[...document.querySelectorAll('.place-panel button')].at(-1).click()")  # Undo
    assert await place(6) == stepped  # it is saved, and stands where it stood before

    # Somebody else moves it meanwhile: it goes there by itself, and no drag starts from where it was.
    other = {**stepped, "x": 600}
    assert (await admin.client.patch(f"/admin/tables/{table['id']}", json={"place": other})).status_code == 200
    await page.until(f"document.querySelector({json.dumps(on_plan)}).closest('li').style.left === '60%'")
    assert (await admin.client.delete(f"/admin/tables/{table['id']}")).status_code == 204
    assert (await admin.client.delete(f"/admin/areas/{area['id']}")).status_code == 204
    assert page.complaints == []


async def test_page_is_for_managers(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    await page.log_in(hub_server.url, host.email, path="/admin")
    await page.until(LIVE)
    await page.until(shows("[role=alert]", "for managers and owners"))
    assert await page.value("document.querySelector('#tables')") is None
    assert not any("/admin/tables" in url for url in page.asked)
    await usable(page)
    assert page.complaints == []


@pytest.mark.slow
async def test_page_is_usable_in_russian_and_nobody_else_is_asked(page: Page, hub_server: HubServer) -> None:
    await page.speak("ru-RU")
    await entered(page, hub_server)
    assert await page.value("document.querySelector('h1').textContent") == "Столы и залы"
    await usable(page)
    own = (hub_server.url + "/", hub_server.live_url, "data:")
    assert [url for url in page.asked if not url.startswith(own)] == []
    assert page.complaints == []


@pytest.mark.slow
async def test_table_that_shrinks_lowers_its_combination_by_a_button(page: Page, hub_server: HubServer) -> None:
    admin = await entered(page, hub_server)
    names = [f"S{secrets.token_hex(3)}" for _ in range(2)]
    ids = [(await made(admin, "tables", name=name, seats=4))["id"] for name in names]
    joined = await made(admin, "combinations", table_ids=ids, min_guests=5, max_guests=8)
    await page.until(f"document.querySelector({json.dumps(labelled(f'Seats of {names[0]}'))}) !== null")
    await page.fill(labelled(f"Seats of {names[0]}"), "2")
    await page.click(labelled(f"Save {names[0]}"))
    await page.until(shows("#tables .problem", "have seats together"))
    await usable(page)
    await page.click("#tables .problem button")
    await page.until(shows("#said", names[0]))
    assert (await listed(admin, "tables"))[names[0]]["seats"] == 2
    assert (await listed(admin, "combinations"))[joined["name"]]["max_guests"] == 6
    assert unexpected(page, 409) == []

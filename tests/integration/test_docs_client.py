"""The client that docs/live-protocol.md shows, cut out of the page and run against a hub."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.client.mirror import Mirror, Took
from tests.conftest import StartHub
from tests.integration.rest import day_after
from tests.servers import CHECKOUT, Account
from tests.watching import truth

DAY = day_after(42)
CHANNEL = f"availability:{DAY}"
PAGE = CHECKOUT / "docs" / "live-protocol.md"


def shown() -> dict[str, Any]:
    """What the page's one block of Python defines."""
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


class Screen:
    """What the client showed, and whose token it is given."""

    def __init__(self, account: Account) -> None:
        self.shown: list[dict[str, Any]] = []
        self.account = account
        self.tokens = 0
        self._news = asyncio.Event()

    def show(self, held: dict[str, Any]) -> None:
        self.shown.append(deepcopy(held))
        self._news.set()

    async def get_token(self) -> str:
        self.tokens += 1
        return self.account.token

    async def until(self, right: Callable[[dict[str, Any]], bool], within: float = 60.0) -> None:
        async with asyncio.timeout(within):
            while not (self.shown and right(self.shown[-1])):
                self._news.clear()
                await self._news.wait()


@pytest.mark.slow
async def test_shown_client_follows_renews_resumes_and_takes_a_new_epoch(
    start_hub: StartHub, database_url: str
) -> None:
    hub = await start_hub(JWT_EXPIRE_MINUTES="1")
    guest = await hub.register()
    screen = Screen(guest)
    client = asyncio.create_task(shown()["watch"](hub.live_url, CHANNEL, screen.get_token, screen.show))

    async def current() -> None:
        view = (await truth(database_url, CHANNEL))[CHANNEL]
        wanted = {"position": view.position, "data": view.data, "fresh": "live"}
        await screen.until(lambda held: held == wanted)

    async def book(at: str) -> str:
        answer = await guest.client.post("/bookings", json={"date": DAY, "time": at})
        assert answer.status_code == 201, answer.text
        return f"/bookings/{answer.json()['id']}"

    await current()
    first = await book("12:00")
    await current()
    await guest.client.delete(first)
    await current()
    assert screen.shown[-1]["data"] == {"tables": {}}
    await screen.until(lambda _: screen.tokens >= 2)  # the hub said that the token ends, and took another

    await hub.stop()
    await screen.until(lambda held: held["fresh"] == "stale")
    port = int(hub.url.rpartition(":")[2])
    hub = await start_hub(port=port)
    guest = await hub.log_in(guest.email)
    await book("14:00")
    await current()

    await hub.command("new-epoch")
    await screen.until(lambda held: held["position"].split(":")[0] != screen.shown[0]["position"])
    await current()
    client.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await client


@pytest.mark.slow
async def test_shown_client_ends_when_the_channel_or_the_token_is_refused(start_hub: StartHub) -> None:
    hub = await start_hub()
    screen = Screen(await hub.register())
    watch = shown()["watch"]
    with pytest.raises(SystemExit, match="role"):
        await watch(hub.live_url, f"floor:{DAY}", screen.get_token, screen.show)
    screen.account.token = "no token"
    with pytest.raises(SystemExit):
        await watch(hub.live_url, CHANNEL, screen.get_token, screen.show)


VERSIONS = st.integers(0, 12)
EPOCHS = st.sampled_from(["aaaaaaaa", "aaaaaaaa", "aaaaaaaa", "bbbbbbbb"])
VALUES = st.dictionaries(st.sampled_from("123"), st.sampled_from([None, [], [["x", "y"]]]), max_size=2)


@given(st.lists(st.tuples(EPOCHS, VERSIONS, VERSIONS, VALUES), max_size=10))
def test_shown_rule_is_the_rule_of_the_mirror(updates: list[tuple[str, int, int, Any]]) -> None:
    take, mirror = shown()["take"], Mirror("tables")
    snapshot = {"op": "snapshot", "position": "aaaaaaaa:4", "at": "", "data": {"tables": {"1": [["x", "y"]]}}}
    held: dict[str, Any] = {}
    assert take(held, deepcopy(snapshot)) and mirror.take(deepcopy(snapshot)) is Took.APPLIED
    for epoch, previous, more, values in updates:
        position = f"{epoch}:{previous + 1 + more}"
        update = {"op": "update", "previous": f"{epoch}:{previous}", "position": position, "at": ""}
        update["data"] = {"tables": values}
        assert take(held, deepcopy(update)) is (mirror.take(deepcopy(update)) is not Took.ASK_AGAIN)
        assert (held["position"], held["data"]) == (mirror.position, mirror.data)

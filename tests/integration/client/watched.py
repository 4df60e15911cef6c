"""What a client under test holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hub.client.client import LiveClient, State
from tests.integration.client.scripted import CHANNEL, PATIENCE, Peer


async def held(client: LiveClient, wanted: Callable[[State], bool] = lambda state: True, channel: str = CHANNEL) -> Any:
    async with asyncio.timeout(PATIENCE):
        async for state in client.watch(channel):
            if wanted(state):
                return state
    raise AssertionError


def is_live(state: State) -> bool:
    return state.fresh == "live"


async def show(peer: Peer) -> None:
    await peer.bring()

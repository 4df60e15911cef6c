"""Watch a channel from a terminal: ``python -m hub.live.watch URL TOKEN CHANNEL`` prints one line a state."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from hub.live.client import LiveClient, LiveClosed, LiveRefused


async def watch(url: str, token: str, channel: str) -> int:
    """Print the states of a channel until it ends; returns the exit code."""
    async with LiveClient(url, token) as live:
        try:
            async for state in live.watch(channel):
                print(state.at, state.position, state.fresh, json.dumps(state.data), flush=True)
        except (LiveClosed, LiveRefused) as error:
            print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python -m hub.live.watch URL TOKEN CHANNEL")
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(watch(*sys.argv[1:])))

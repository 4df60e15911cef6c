"""Watch a channel from a terminal: ``python -m hub.client.watch URL [TOKEN] CHANNEL`` prints one line a state.

A line says when its newest change was committed, its position, and whether it is live; when that ends, the next line
says so by itself. Without a token one watches as a visitor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from hub.client.client import LiveClient, LiveClosed, LiveRefused, State


def how_fresh(state: State) -> str:
    """How far the state can be trusted; instants in this machine's zone."""
    if state.fresh == "live":
        return "live"
    if state.stale_since is None:
        return "stale (not checked yet)"
    return f"stale since {state.stale_since.astimezone():%H:%M:%S}"


async def watch(url: str, token: str | None, channel: str) -> int:
    """Print the states of a channel until it ends; returns the exit code."""
    async with LiveClient(url, token) as live:
        try:
            async for state in live.watch(channel):
                print(state.at, state.position, how_fresh(state), json.dumps(state.data), flush=True)
        except (LiveClosed, LiveRefused) as error:
            print(error, file=sys.stderr)
    return 1


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3):
        print("usage: python -m hub.client.watch URL [TOKEN] CHANNEL", file=sys.stderr)
        return 2
    url, *token, channel = arguments
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(watch(url, token[0] if token else None, channel))
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

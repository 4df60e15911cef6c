"""Draws docs/host-stand.png: the host stand of a demo hub with its demo evening, in headless Chromium.

`make pictures` runs it, by hand and not in `make check`: a picture is never the same twice; a slow test runs it too, so
that it still works when somebody wants a new one. It needs Chromium and the built pages, and starts a hub with servers
of its own, on a free port and in a folder that is removed at the end.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

import httpx  # noqa: E402 - the path comes first

from hub.config import read_env_file  # noqa: E402 - found by the path above
from hub.process.ports import free_port  # noqa: E402 - found by the path above
from tests import tonight  # noqa: E402 - found by the path above
from tests.browser.conftest import Page, chromium, tab  # noqa: E402 - found by the path above
from tests.servers import environment  # noqa: E402 - found by the path above

PICTURE = CHECKOUT / "docs" / "host-stand.png"
MOST_BYTES = 250_000
WAITING = 2
"""So many parties wait at the end of the demo evening, when all of it is made."""
EVENING = 19
"""The hour that it is there: the demo's evening is around the present moment."""


@asynccontextmanager
async def demo_hub(folder: Path) -> AsyncIterator[str]:
    """The address of a `hub up`."""
    port = free_port()
    command = [sys.executable, "-m", "hub.process.cli", "up", "--port", str(port), "--data-dir", str(folder)]
    variables = {"RESTAURANT_TIMEZONE": tonight.zone(EVENING), "WORKDAY_END_HOUR": "24"}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        env=environment(WORKER_METRICS_PORT=str(free_port()), **variables),
        cwd=CHECKOUT,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address) as client, asyncio.timeout(120):
            while True:
                try:
                    if (await client.get("/health/ready")).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def draw(page: Page, address: str, folder: Path) -> bytes:
    demo = read_env_file(folder / "demo-log-ins")
    await page.width(1440, 860)
    await page.theme("light")
    await page.log_in(address, demo["HOST_EMAIL"], demo["HOST_PASSWORD"], path="/stand")
    await page.until("document.querySelector('.live-state')?.dataset.shade === 'live'")
    await page.until(f"document.querySelector('.counts').textContent.includes('waiting {WAITING}')")
    await page.until("document.getAnimations().length === 0")
    shot = await page.call("Page.captureScreenshot", format="png")
    return base64.b64decode(shot["data"])


async def drawn_in(folder: Path) -> bytes:
    with chromium(folder / "profile") as browser:
        async with demo_hub(folder / "hub") as address, tab(browser) as page:
            return await draw(page, address, folder / "hub")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another account where this one is root
        drawn = asyncio.run(drawn_in(folder))
    if len(drawn) > MOST_BYTES:
        sys.exit(f"the picture has {len(drawn)} bytes, more than {MOST_BYTES}")
    PICTURE.write_bytes(drawn)
    print(f"{PICTURE.relative_to(CHECKOUT)}: {len(drawn)} bytes")


if __name__ == "__main__":
    main()

"""``python -m bench.pour DATABASE_URL VALKEY_URL DAY RATE SECONDS``: changes of one day, published at a steady rate.

A process of its own, for where the one that holds the subscribers is too busy to publish in time.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import date

import uvloop

from bench.live_sides import Publisher


async def pour(publisher: Publisher, rate: float, seconds: float) -> None:
    await publisher.open()
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        await publisher.tell(await publisher.append(1))
    await publisher.close()


if __name__ == "__main__":
    made = Publisher(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]))
    uvloop.run(pour(made, float(sys.argv[4]), float(sys.argv[5])))

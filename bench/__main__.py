"""``python -m bench [--quick] [PART …]``: every measure, as tables in Markdown on standard output.

It starts what it needs and leaves nothing behind; "choosing" needs nothing. --quick makes shorter rounds and leaves out
the million bookings.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
from datetime import UTC, datetime, timedelta

from bench import (
    attackers,
    choosing,
    deliveries,
    growth,
    live,
    quotes,
    reading,
    servers,
    starts,
    venues,
    waiting,
    writing,
)

PARTS = ("choosing", "reading", "writing", "growth", "deliveries", "live", "attackers", "venues", "quotes")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter rounds, and no million bookings")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    options = parser.parse_args()
    if wrong := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(wrong))}")
    servers.clean_exit()
    try:
        run(options.parts or PARTS, quick=options.quick)
    except KeyboardInterrupt:
        sys.exit(130)


def run(parts: tuple[str, ...], *, quick: bool) -> None:
    rounds, seconds = (3, 2.0) if quick else (5, 4.0)
    say(
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {os.cpu_count()} cores ({platform.machine()}), CPython "
        f"{platform.python_version()}; load average before: {os.getloadavg()[0]:.2f}. Medians of rounds, in brackets "
        "the least and the most; ratios are taken round by round.\n"
    )
    if "choosing" in parts:
        say(choosing.measure())
        say(starts.measure())
    if "quotes" in parts:
        say(quotes.measure(quick=quick))
    if set(parts) <= {"choosing", "quotes"}:
        return  # the others are measured on servers
    with servers.running() as started:
        if "reading" in parts:
            requests = reading.prepare(started)
            hub = started.start_hub("small")
            fresh = waiting.memory([("after the start", hub)])
            shown, rate = reading.measure(started, hub, requests, rounds=rounds * 5, seconds=seconds / 8)
            say(shown)
            peers = {each.name: each for each in started.processes if each is not hub}
            rows = [
                (name, server, itertools.cycle(requests), rate / 2, b"200")
                for name, server in (
                    ("fixed bytes, at the same rate: the floor of this measure", peers["fixed"]),
                    ("bare Sanic, at the same rate", peers["bare"]),
                    ("GET /tables/available", hub),
                )
            ]
            say(waiting.measure(rows, connections=256, seconds=seconds * 2))
            say(fresh)
            say(waiting.memory([("after all of these reads", hub), ("bare Sanic", peers["bare"])]))
            for each in (hub, *peers.values()):
                started.stop(each)
        if "writing" in parts:
            for name, how in (("durable", "as shipped"), ("quick", "no commit waits for the disk")):
                tokens, _ = writing.prepare(started, name, 10_000, durable=name == "durable")
                hub = started.start_hub(name)
                shown, rate, more = writing.measure(started, hub, name, tokens, rounds=rounds, seconds=seconds, how=how)
                say(shown)
                rows = [(f"POST /bookings, {how}", hub, more, rate / 2, b"201")]
                say(waiting.measure(rows, connections=256, seconds=seconds * 2))
                say(waiting.memory([("after these bookings", hub)]))
                started.stop(hub)
        if "growth" in parts:
            counts = [1_000, 100_000] if quick else [1_000, 100_000, 1_000_000]
            say(growth.measure(started, counts, rounds=rounds, seconds=seconds))
        if "deliveries" in parts:
            say(deliveries.measure(started, rounds=rounds, count=2000))
        if "attackers" in parts:
            say(attackers.measure(started, lambda on, name: on.start_hub(name, shipped=True), a_day()))
        if "venues" in parts:
            for shown in venues.measure(started, rounds=rounds):
                say(shown)
        if "live" in parts:
            for shown in live.measure(started, quick=quick):
                say(shown)


def a_day() -> str:
    return (datetime.now(UTC).date() + timedelta(days=30)).isoformat()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()

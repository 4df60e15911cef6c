"""A real Prometheus over a real hub and worker: every graph and every alert has something to show.

A name that nobody counts any more, or a label that was renamed, gives no error anywhere: it gives an empty panel, and
an alert that never fires. So each expression is asked, of a hub that did a little of everything.
"""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import shutil
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hub.config import Settings
from tests.conftest import StartHub
from tests.guests import make_context, make_guest, workers
from tests.http_clients import http_client
from tests.servers import CHECKOUT, HubServer, free_port
from tests.watching import Watcher

INFRA = CHECKOUT / "infra"
DAY = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
BOOKING = {"date": DAY, "time": "18:00", "guests": 2}
PATIENCE = 45.0
"""Three times what a few scrapes and evaluations, one a second, may need on a busy machine."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="Debian's prometheus is not installed"),
]


class Prometheus:
    """A running Prometheus, and what it answers."""

    def __init__(self, url: str) -> None:
        self.http = http_client(base_url=url, timeout=10)

    async def ask(self, expression: str) -> list[dict[str, Any]]:
        """The answers to an expression that are numbers; NaN is what a graph leaves out."""
        answer = (await self.http.get("/api/v1/query", params={"query": expression})).json()
        assert answer["status"] == "success", (expression, answer)
        return [each for each in answer["data"]["result"] if not math.isnan(float(each["value"][1]))]

    async def until(self, expressions: dict[str, str], within: float = PATIENCE) -> dict[str, str]:
        """Ask all of these until each has an answer; what has none ``within`` these seconds is returned."""
        empty = dict(expressions)
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while empty and loop.time() < until:
            empty = {what: expression for what, expression in empty.items() if not await self.ask(expression)}
            if empty:
                await asyncio.sleep(0.5)  # what would tell us is this very question
        return empty


@pytest.fixture
async def prometheus(start_hub: StartHub, settings: Settings, data_dir: Path) -> AsyncIterator[tuple[Prometheus, Any]]:
    """Our configuration and rules, each second, over a hub of two processes and a worker of this test's own."""
    hub = await start_hub(workers=2, METRICS_TOKEN=(token := secrets.token_urlsafe(24)))
    (data_dir / "metrics-token").write_text(token)
    metrics_port, port = free_port(), free_port()
    targets = {"hub": hub.url.removeprefix("http://"), "worker": f"127.0.0.1:{metrics_port}"}
    config = yaml.safe_load((INFRA / "prometheus/prometheus.yml").read_text())
    config["global"] = dict.fromkeys(("scrape_interval", "evaluation_interval"), "1s")
    config["rule_files"] = [str(INFRA / "prometheus" / pattern) for pattern in config["rule_files"]]
    assert [job["job_name"] for job in config["scrape_configs"]] == list(targets)
    for job in config["scrape_configs"]:
        del job["dns_sd_configs"]
        if "authorization" in job:
            job["authorization"] = {"credentials_file": str(data_dir / "metrics-token")}
        job["static_configs"] = [{"targets": [targets[job["job_name"]]]}]
    (data_dir / "prometheus.yml").write_text(yaml.safe_dump(config))
    with workers(settings) as start, (data_dir / "prometheus.log").open("wb") as log:
        start(WORKER_METRICS_PORT=str(metrics_port))
        process = await asyncio.create_subprocess_exec(
            *("prometheus", f"--config.file={data_dir}/prometheus.yml", f"--storage.tsdb.path={data_dir}/prometheus"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        asked = Prometheus(f"http://127.0.0.1:{port}")
        try:
            await up(asked)
            yield asked, hub
        finally:
            await asked.http.aclose()
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 15)


async def up(prometheus: Prometheus) -> None:
    """Wait until both targets answered, and twice: what happens from then on is an increase."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if not await prometheus.until({"scrapes": "sum(count_over_time(up[1m]) >= bool 2) == 2"}):
                    break
            except (httpx.TransportError, json.JSONDecodeError):
                await asyncio.sleep(0.2)  # it is starting
    assert await prometheus.until({"both": "sum(up) == 2"}) == {}


async def do_a_little_of_everything(hub: HubServer, settings: Settings) -> None:
    """Bookings and refusals, screens that watch, a change that no process hears of, and a client that is sent away."""
    guest = await hub.register()
    async with await Watcher.connected(hub.live_url, guest.token, f"availability:{DAY}", "tables") as watcher:
        made = [(await guest.client.post("/bookings", json=BOOKING)).json() for _ in range(3)]
        table = made[0]["table"]["id"]
        refused = await guest.client.post("/bookings", json={**BOOKING, "table_id": table})
        assert refused.json()["error_code"] == "slot_taken"
        moved = await guest.client.patch(f"/bookings/{made[0]['id']}", json={"time": "20:00"})
        canceled = await guest.client.delete(f"/bookings/{made[1]['id']}")
        assert (moved.status_code, canceled.status_code) == (200, 200)
        await guest.client.get("/tables/available", params=BOOKING)
        await guest.client.get("/nowhere")
        seen = len(watcher.said)
        await (await make_guest()).book(make_context(settings), day=datetime.fromisoformat(DAY).date())
        await watcher.until(lambda: watcher.all("update", seen))  # by the verification: nothing was published
    async with await Watcher.open(hub.live_url) as stranger:
        await stranger.say("subscribe", channel="tables")
        assert (await stranger.closed())[0] == 4000


def graphs() -> dict[str, str]:
    """Every expression of every panel, by where it stands."""
    found = {}
    for path in (INFRA / "grafana/dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", ()):
                found[f"{path.stem}: {panel['title']}: {target['refId']}"] = target["expr"]
    return found


def rules() -> dict[str, str]:
    """Every expression of a recording rule, and the number that each alert judges: its left side."""
    found = {}
    for path in (INFRA / "prometheus/rules").glob("*.yml"):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                judged = rule["expr"].split()[0] if "alert" in rule else rule["expr"]
                found[f"{path.stem}: {rule.get('alert') or rule['record']}"] = judged
    return found


async def test_every_graph_and_alert_has_an_answer(
    prometheus: tuple[Prometheus, HubServer], connected: Settings
) -> None:
    asked, hub = prometheus
    await do_a_little_of_everything(hub, connected)
    expressions = graphs() | rules()
    assert len(expressions) > 80
    assert await asked.until(expressions) == {}
    control = {"control": 'sum(rate(hub_bookings_total{outcome="no_such_code"}[5m]))', "NaN": "vector(0) / 0"}
    assert await asked.until(control, within=0.1) == control, "what nobody counts must be found empty"


async def test_all_processes_are_one_and_what_they_count_is_true(
    prometheus: tuple[Prometheus, HubServer], connected: Settings
) -> None:
    asked, hub = prometheus
    await do_a_little_of_everything(hub, connected)
    expected = {
        "processes": "sum(hub_processes) == 2 and sum(hub_processes_wanted) == 2",
        "booked": 'sum(hub_bookings_total{action="book",outcome="done"}) == 3',
        "moved": 'sum(hub_bookings_total{action="reschedule",outcome="done"}) == 1',
        "canceled": 'sum(hub_bookings_total{action="cancel",outcome="done"}) == 1',
        "refused": 'sum(hub_bookings_total{outcome="slot_taken"}) == 1',
        "nothing else refused": 'sum(hub_bookings_total{outcome!~"done|slot_taken"}) == 0',
        "repaired": 'sum(hub_view_repairs_total{cause="freshness_check"}) >= 1',
        "behind": "sum(hub_view_lag_versions_sum) >= 1",
        "sent": "sum(hub_outbox_sent_total) >= 4",
        "nobody watches any more": "sum(hub_live_sessions) == 0",
        "tables": "sum(hub_service_tables) == 16",
        "redis": "min(hub_redis_up) == 1",
        "no alert": 'absent(ALERTS{alertstate="firing"}) == 1',
    }
    assert await asked.until(expected) == {}
    labels = await asked.ask("group by (route) (hub_http_requests_total)")
    routes = {each["metric"]["route"] for each in labels}
    assert "/bookings/<booking_id:str>" in routes and not any(part.isdigit() for r in routes for part in r.split("/"))

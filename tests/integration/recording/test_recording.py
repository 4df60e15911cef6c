"""The hub answers as it was recorded: what clients see of it stays, however its insides are made.

RECORD=1 .venv/bin/python -m pytest tests/integration/recording   writes the answers anew; look at the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.live import channels
from hub.rest.contract import ENDPOINTS
from hub.rest.endpoint import Endpoint
from tests import event_data
from tests.integration.recording.compare import differences, folded, pretty, short, unfolded
from tests.integration.recording.conftest import Stage
from tests.integration.recording.days import some_days
from tests.integration.recording.play import Player, Venue
from tests.integration.recording.scenario import CAPABILITIES
from tests.integration.recording.steps import Capability

HERE = Path(__file__).parent / "answers"
MOST_SHOWN = 40
UNSEEN = {("update", "venue")}
"""A venue changes when its service day ends, and by the operator: no request does it."""


def file_of(capability: Capability) -> Path:
    return HERE / f"{capability.name.replace(' ', '_')}.json"


async def check_events(venue: Venue) -> None:
    """No call wrote into an event what was said of a guest."""
    sql = await asyncpg.connect(venue.hub.environ["DATABASE_URL"])
    try:
        await event_data.check_all(sql)
    finally:
        await sql.close()


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda each: each.name.replace(" ", "_"))
def test_answers_are_those_that_were_recorded(stage: Stage, capability: Capability) -> None:
    venue = stage.venues[capability.hub]
    of_this_hub = [each for each in CAPABILITIES if each.hub == capability.hub]
    days = some_days(datetime.now(venue.zone).date(), of_this_hub.index(capability))
    seen = stage.runner.run(Player(venue, days).play(capability))
    stage.runner.run(check_events(venue))
    path = file_of(capability)
    if os.environ.get("RECORD") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(pretty(folded(seen)) + "\n")
    recorded = unfolded(json.loads(path.read_text()))
    found = [line for name in recorded if name in seen for line in differences(recorded[name], seen[name], name)]
    found += [f"{name}: recorded, and no step any more" for name in recorded if name not in seen]
    found += [f"{name}: not recorded: {short(seen[name])}" for name in seen if name not in recorded]
    if found:
        pytest.fail("\n".join([f"{len(found)} differences to {path.name}:", *found[:MOST_SHOWN]]), pytrace=False)


def test_every_recorded_file_is_of_a_capability() -> None:
    assert sorted(HERE.glob("*")) == sorted(map(file_of, CAPABILITIES))


def recorded() -> Iterator[dict[str, Any]]:
    """Every answer of every file."""
    for capability in CAPABILITIES:
        yield from unfolded(json.loads(file_of(capability).read_text())).values()


def endpoint_of(call: str) -> Endpoint | None:
    """The call of the contract that a request is; None: it is none, or wrong on purpose."""
    method, _, path = call.partition("?")[0].partition(" ")
    asked = path.split("/")

    def is_of(endpoint: Endpoint) -> bool:
        parts = endpoint.path.split("/")
        fits = (part == given or part.startswith("<") for part, given in zip(parts, asked, strict=False))
        return endpoint.method == method and len(parts) == len(asked) and all(fits)

    return min(filter(is_of, ENDPOINTS), key=lambda endpoint: endpoint.path.count("<"), default=None)


def test_every_call_of_the_contract_is_recorded_as_it_is_carried_out() -> None:
    done = [endpoint_of(each["call"]) for each in recorded() if "call" in each and 200 <= each["status"] < 300]
    assert [f"{each.method} {each.path}" for each in ENDPOINTS if each not in done] == []


def test_every_kind_of_channels_is_recorded_with_a_snapshot_and_an_update() -> None:
    heard = {
        (frame["op"], frame["channel"].partition(":")[0])
        for answer in recorded()
        for frame in answer.get("hears", ())
        if isinstance(frame, dict) and "data" in frame
    }
    wanted = {(op, kind) for kind in channels.KINDS for op in ("snapshot", "update")}
    assert wanted - heard == UNSEEN

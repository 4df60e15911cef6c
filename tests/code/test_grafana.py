"""The dashboards as files: what Grafana would only show as an empty or a crooked panel."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.servers import CHECKOUT

GRAFANA = CHECKOUT / "infra/grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
WIDTH = 24


def panels(path: Any) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["panels"]  # type: ignore[no-any-return]


def test_both_dashboards_are_there_and_found() -> None:
    found = {json.loads(path.read_text())["title"]: json.loads(path.read_text())["uid"] for path in DASHBOARDS}
    assert found == {"Service tonight": "service-tonight", "Hub health": "hub-health"}
    [provider] = yaml.safe_load((GRAFANA / "provisioning/dashboards/hub.yml").read_text())["providers"]
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    assert f"./infra/grafana/dashboards:{provider['options']['path']}:ro" in compose["services"]["grafana"]["volumes"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_each_panel_says_what_it_shows_and_from_where(path: Any) -> None:
    [source] = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    for panel in panels(path):
        assert panel["title"]
        if panel["type"] == "row":
            continue
        assert panel["description"].endswith("."), panel["title"]
        if panel["type"] == "text":
            continue
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert target["expr"] and "$" not in target["expr"], panel["title"]
            assert target["datasource"] == panel["datasource"] == {"type": source["type"], "uid": source["uid"]}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_have_an_id_and_a_place_of_their_own(path: Any) -> None:
    placed = panels(path)
    assert len({panel["id"] for panel in placed}) == len(placed)
    for panel in placed:
        place = panel["gridPos"]
        assert place["x"] >= 0 and place["w"] > 0 and place["h"] > 0 and place["x"] + place["w"] <= WIDTH
    for one, other in combinations(placed, 2):
        a, b = one["gridPos"], other["gridPos"]
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert beside or above, (one["title"], other["title"])

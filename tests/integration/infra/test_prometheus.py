"""The rules as files, and what Debian's promtool says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import CHECKOUT

PROMETHEUS = CHECKOUT / "infra/prometheus"
JUDGEMENT = re.compile(r"([a-z][\w:]*:[\w:]+) (>|<) ([\d.]+)")
"""An alert's whole expression: a recorded number and its bound."""
promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (of Debian's prometheus) is not installed")


def rules(name: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules" / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def run_promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def names_in(*parts: str) -> set[str]:
    """The alerts that the cases of a file of promtool's judge."""
    cases = yaml.safe_load(PROMETHEUS.joinpath(*parts).read_text())["tests"]
    return {judged["alertname"] for case in cases for judged in case["alert_rule_test"]}


def test_each_alert_judges_one_recorded_number() -> None:
    recorded = {rule["record"] for rule in rules("recording.yml")}
    for alert in rules("alerts.yml"):
        judged = JUDGEMENT.fullmatch(alert["expr"])
        assert judged and judged[1] in recorded, alert["alert"]


def test_each_alert_says_what_it_means_and_what_to_do() -> None:
    headings = re.findall(r"^#+ (\w+)$", (CHECKOUT / "docs/operations.md").read_text(), re.M)
    for alert in rules("alerts.yml"):
        name, said = alert["alert"], alert["annotations"]
        assert alert["labels"]["severity"] in ("page", "warn"), name
        assert said["summary"] and said["description"].endswith("."), name
        assert said["runbook"] == f"docs/operations.md#{name.lower()}"
        assert name in headings


def test_each_alert_has_a_case_that_calls_and_one_that_does_not() -> None:
    alerts = {alert["alert"] for alert in rules("alerts.yml")}
    assert names_in("tests", "alerts.yml") == alerts
    assert names_in("tests", "quiet.yml") == alerts


@promtool
def test_promtool_takes_the_configuration_and_the_rules(tmp_path: Path) -> None:
    text = (PROMETHEUS / "prometheus.yml").read_text()
    assert "/keys/prometheus/metrics-token" in text  # which promtool looks for, and the step `keys` makes
    (tmp_path / "token").write_text("t")
    text = text.replace("/keys/prometheus/metrics-token", str(tmp_path / "token"))
    (tmp_path / "prometheus.yml").write_text(text.replace("rules/*.yml", f"{PROMETHEUS}/rules/*.yml"))
    run_promtool("check", "config", str(tmp_path / "prometheus.yml"))
    run_promtool("check", "rules", "rules/recording.yml", "rules/alerts.yml")


@pytest.mark.slow
@promtool
def test_alerts_call_when_they_must_and_only_then() -> None:
    run_promtool("test", "rules", "tests/alerts.yml", "tests/quiet.yml")

"""A venue's rules: its own, and the installation's for what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.domain.rules import Rules
from hub.store.venues import rules_of
from tests.pure.hub.domain.rules import make_rules

USUAL = replace(make_rules(), days_back=31)


def test_venue_without_rules_of_its_own_has_the_installations_in_its_zone() -> None:
    assert rules_of("Europe/London", {}, USUAL) == replace(USUAL, zone=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("opens", 0, "opens", timedelta(0)),
        ("opens", 630, "opens", timedelta(hours=10.5)),
        ("closes", 1560, "closes", timedelta(hours=26)),
        ("slot", 90, "slot", timedelta(minutes=90)),
        ("cancel_deadline", 0, "cancel_deadline", timedelta(0)),
        ("days_ahead", 14, "days_ahead", 14),
    ],
)
def test_rule_of_a_venue_replaces_that_one_alone(name: str, value: int, field: str, read: object) -> None:
    changed: dict[str, object] = {"zone": ZoneInfo("Asia/Tokyo"), field: read}
    expected: Rules = replace(USUAL, **changed)  # type: ignore[arg-type]
    assert rules_of("Asia/Tokyo", {name: value}, USUAL) == expected

"""What the Python client does after a close, by the table that both clients share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.client.retry import BASE_MS, CAP_MS, Next, after_close, backoff
from hub.live.registry import CLOSES

CASES = json.loads((Path(__file__).parents[2] / "live_cases" / "closes.json").read_text())["cases"]


def next_of(case: dict[str, Any]) -> Next:
    given = {name: case[name] for name in ("code", "bye", "attempt", "renewed")}
    return after_close(**given, random=lambda: case["random"])


def test_client_does_what_the_table_says() -> None:
    made = {case["name"]: next_of(case) for case in CASES}
    assert len(made) == len(CASES) > 80
    assert made == {
        case["name"]: Next(case["next"]["act"], case["next"]["code"], case["next"]["pause"]) for case in CASES
    }


def test_table_has_every_close_of_the_hub_with_its_bye_and_without() -> None:
    """So that hub/web/src/lib/live/retry.ts, which has a table of its own, can't fall behind."""
    told = {(case["code"], case["bye"] is not None) for case in CASES}
    assert {(close.code, known) for close in CLOSES.values() for known in (True, False)} <= told


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_a_share_of_a_bound_that_doubles_up_to_a_cap(attempt: int, share: float) -> None:
    bound = BASE_MS * 2**attempt if attempt < 6 else CAP_MS
    assert backoff(attempt, lambda: share) == share * bound

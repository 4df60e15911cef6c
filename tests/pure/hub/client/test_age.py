"""The age rule: the table that both clients share, and a property over everything that a line and clocks can do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.client.age import JUMP_MS, AgeRule, Clocks

CASES = json.loads((Path(__file__).parents[2] / "live_cases" / "age.json").read_text())["cases"]


class Scene:
    """A client's two clocks, a hub's, and real time, which only this scene knows."""

    def __init__(self) -> None:
        self.rule = AgeRule()
        self.real, self.mono, self.wall, self.hub = 0.0, 5e5, 1.6e12, 1.6e12
        self.reads: dict[Any, float] = {}
        self.verified: dict[Any, tuple[float, float]] = {}
        """label → the hub's clock and real time when it verified."""
        self.shown: float | None = None
        """Real time of what the last fresh spoke of."""

    @property
    def now(self) -> Clocks:
        return Clocks(self.wall, self.mono)

    def step(self, op: str, value: Any) -> None:
        match op:
            case "pass" | "sleep":
                self.real, self.wall, self.hub = self.real + value, self.wall + value, self.hub + value
                self.mono += value if op == "pass" else 0
            case "set_clock":
                self.wall += value
            case "set_hub":
                self.hub += value
            case "ping":
                self.rule.ping(value, self.now)
            case "reads":
                self.reads[value] = self.hub
            case "pong":
                self.rule.pong(value, self.reads[value], self.now)
            case "verify":
                self.verified[value] = (self.hub, self.real)
            case "fresh":
                hub, self.shown = self.verified[value] if value is not None else (None, None)
                self.rule.fresh(hub)
            case "reset":
                self.rule.reset()
            case "stale_after":
                self.rule.stale_after = value
            case "expect":
                age = self.rule.age(self.now)
                assert (age, self.rule.live_for(self.now) > 0) == (value["age"], value["live"])
            case _:
                raise AssertionError(op)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rule_follows_the_table(case: dict[str, Any]) -> None:
    scene = Scene()
    for step in case["steps"]:
        [(op, value)] = step.items()
        scene.step(op, value)


DELAYS = st.sampled_from([0, 1, 30, 400, 2000, 4990, 9000, 40_000])
SETS = st.sampled_from([-3_600_000, -27_000, -3_000, 3_000, 27_000, 3_600_000])
STEPS = st.one_of(
    st.tuples(st.just("pass"), DELAYS),
    st.tuples(st.just("sleep"), st.sampled_from([3_000, 27_000, 3_600_000])),
    st.tuples(st.just("set_clock"), SETS),
    st.tuples(st.just("say"), st.none()),
    st.tuples(st.just("hear"), st.integers(1, 4)),
    st.tuples(st.just("ping"), st.none()),
    st.tuples(st.just("reads"), st.none()),
)


@given(st.lists(STEPS, max_size=60))
def test_never_live_with_something_older_than_the_limit(steps: list[tuple[str, Any]]) -> None:
    """Frames of the hub wait in the line, in order, for as long as it pleases; pings wait on their way to the hub."""
    scene, line, pinged, number = Scene(), [], [], 0
    looked = scene.now
    for op, value in [("say", None), ("ping", None), ("reads", None), ("hear", 4), *steps]:
        number += 1
        if op == "say":
            scene.step("verify", number)
            line.append(("fresh", number))
        elif op == "ping":
            scene.step("ping", number)
            pinged.append(number)
        elif op == "reads":
            if pinged:
                scene.step("reads", pinged[0])
                line.append(("pong", pinged.pop(0)))
        elif op == "hear":
            for frame in line[:value]:
                scene.step(*frame)
            del line[:value]
        else:
            scene.step(op, value)
            # A sleep that is made undone by a clock set back by as much before anybody looked can't be seen.
            scene.rule.age(scene.now)
        looked = scene.now
        if scene.rule.live_for(looked) > 0:
            assert scene.shown is not None
            assert scene.real - scene.shown <= scene.rule.stale_after + JUMP_MS


@given(st.lists(st.integers(0, 150), min_size=1, max_size=40))
def test_never_stale_on_a_good_line(trips: list[int]) -> None:
    scene = Scene()
    for number, trip in enumerate(trips):
        scene.step("ping", number)
        scene.step("pass", trip)
        scene.step("reads", number)
        scene.step("verify", number)
        scene.step("pass", trip)
        scene.step("fresh", number)
        scene.step("pong", number)
        assert scene.rule.live_for(scene.now) > 0
        scene.step("pass", 2000)
        assert scene.rule.live_for(scene.now) > 0
        assert not scene.rule.lost_bounds(scene.now)


def test_lost_bounds_ask_for_one_ping() -> None:
    scene = Scene()
    assert scene.rule.lost_bounds(scene.now)
    scene.step("ping", 1)
    assert not scene.rule.lost_bounds(scene.now)
    scene.step("reads", 1)
    scene.step("pong", 1)
    assert not scene.rule.lost_bounds(scene.now)
    scene.step("ping", 2)
    scene.step("set_clock", 9000)
    assert scene.rule.lost_bounds(scene.now)

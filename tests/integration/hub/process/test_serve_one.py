"""How a process that serves is loaded."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from hub.process import serve_one


@pytest.mark.parametrize("failing", [False, True])
def test_garbage_is_looked_for_again_once_all_is_loaded(monkeypatch: pytest.MonkeyPatch, failing: bool) -> None:
    looked_for = []

    def create_app(settings: Any) -> str:
        looked_for.append(gc.isenabled())
        if failing:
            raise RuntimeError("no application")
        return f"the application of {settings}"

    monkeypatch.setattr("hub.process.app.create_app", create_app)
    made = ""
    try:
        made = serve_one._load("these settings")[0]  # type: ignore[arg-type]
    except RuntimeError:
        assert failing
    assert looked_for == [False] and gc.isenabled()
    assert made == ("" if failing else "the application of these settings")

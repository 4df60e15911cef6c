"""The diagram of the documents is the table of the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_lifecycle", CHECKOUT / ".ci" / "draw_lifecycle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_is_drawn_from_the_table(drawing: ModuleType) -> None:
    text = drawing.DOCUMENT.read_text()
    assert drawing.drawn(text) == text, "draw it anew with `make format`"
    assert "    booked --> canceled: cancel\n" in text and "| seated | finish | finished | staff | seated |\n" in text


def test_a_row_that_the_document_lacks_is_seen(drawing: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawing.DOCUMENT.read_text()
    fewer = {pair: to for pair, to in drawing.TRANSITIONS.items() if pair != ("no_show", "seat")}
    monkeypatch.setattr(drawing, "TRANSITIONS", fewer)
    assert drawing.drawn(text) != text

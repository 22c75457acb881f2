"""The pull request's text: what it tells, and what user's text can't do in it."""

from __future__ import annotations

from typing import Any

from olo_converters.findings import Finding
from olo_jupyter.promotion.pull_request_body import BEGIN, END, Content, body, merged_body

EVIDENCE: dict[str, Any] = {
    "name": "delays", "kind": "dbt", "relation": "gold.delays", "label": "verified", "engine": "embedded",
    "comparison": {
        "method": "rows", "rows": {"notebook": 1200, "artefact": 1200}, "float_tolerance": 1e-9,
        "fingerprints": {"notebook": "ab", "artefact": "ab"},
    },
    "pins": {"dev.silver.flights": "123"}, "read": {"dev.silver.flights": "123"}, "parameters": {"threshold": 15},
    "tests": {"passed": ["a"], "failed": []}, "notebook": {"path": "notebooks/f.ipynb", "cells": ["c1", "c2"]},
}  # fmt: skip


def content(**more: Any) -> Content:
    values: dict[str, Any] = {
        "evidence": EVIDENCE, "description": "Flights.", "findings": [], "job": "delays",
        "files": [("models/gold/delays.sql", "https://git.example.org/f")], **more,
    }  # fmt: skip
    return Content(**values)


def test_it_tells_what_was_proved() -> None:
    text = body(content(builds_on=["olo/ana/base"], notebook_url="https://git.example.org/n"))
    for told in (
        "**verified**", "`1,200`", "at snapshot `123`", "| `:threshold` | `15` |", "1 passed, 0 failed",
        't0["dev.silver.flights"] --> out', "olo run delays --target sandbox", "`c1`, `c2`",
        "**Merge first:** `olo/ana/base`", "[`notebooks/f.ipynb`](https://git.example.org/n)",
    ):  # fmt: skip
        assert told in text, told


def test_text_of_users_stays_text() -> None:
    finding = Finding("x", "warning", "a | b <img src=x> @all `x` [l](u)", hint="*do*", cell="c`1")
    text = body(content(description=f"hi @everyone {END} <script>", findings=[finding]))
    assert "@everyone" not in text
    assert "@all" not in text
    assert "<script>" not in text
    assert "<img" not in text.replace(r"\<img", "")
    assert text.count(END) == 1


def test_what_people_wrote_around_it_survives() -> None:
    old = body(content())
    edited = f"Please look, Bo.\n\n{old}\nChecked by hand."
    new = merged_body(edited, body(content(description="Better.")))
    assert new.startswith("Please look, Bo.")
    assert new.rstrip().endswith("Checked by hand.")
    assert "Better." in new
    assert new.count(BEGIN) == 1
    assert merged_body(old, old).strip() == old.strip()

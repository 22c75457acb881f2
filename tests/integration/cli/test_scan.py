"""``olo scan`` and ``olo promote --plan`` outside of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Olo


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good notebook, a damaged one and a text one."""
    monkeypatch.delenv("OLO_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    sources = ["import pandas as pd", "df = pd.DataFrame({'a': [1, 2]})", "Report = df.assign(b=1)", "Report.head()"]
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "outputs": [], "source": source}
        for number, source in enumerate(sources)
    ]
    (folder / "good.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    (folder / "bad.ipynb").write_text("{")
    (folder / "percent.py").write_text("# %%\nimport pandas as pd\n# %%\nx = pd.DataFrame()\n")
    (folder / "script.py").write_text("print(1)\n")
    return folder


def test_scan_as_json_lines(notebooks: Path, olo: Olo) -> None:
    ended = olo("scan", str(notebooks), "--json", "--out", "out", "--jobs", "1")
    bad, good, percent, last = ended.json()
    assert ended.code == 0
    assert set(bad) == {"notebook", "status", "cells", "promotable", "artefacts", "findings", "seconds"}
    assert [bad["status"], good["status"], percent["status"]] == ["explained", "clean", "clean"]
    assert last["totals"]["notebooks"] == 3
    assert last["totals"]["promoted"] == last["totals"]["targets"] == 2
    assert all((Path("out") / one["path"]).is_file() for one in good["artefacts"])


def test_scan_as_a_table(notebooks: Path, olo: Olo) -> None:
    ended = olo("scan", str(notebooks / "good.ipynb"), "--jobs", "1")
    assert ended.code == 0
    assert "1 clean" in ended.out


def test_scan_used_wrongly(notebooks: Path, olo: Olo) -> None:
    assert olo("scan", "nowhere").code == 2
    (notebooks.parent / "none").mkdir()
    assert olo("scan", "none").code == 2
    assert olo("scan", str(notebooks), "--out", str(notebooks)).code == 2


def test_a_plan_needs_no_project(notebooks: Path, olo: Olo) -> None:
    ended = olo("promote", str(notebooks / "good.ipynb"), "--from", "Report", "--plan", "--json")
    (plan,) = ended.json()
    assert (ended.code, plan["cells"]) == (0, ["c0", "c1", "c2"])
    assert "Report = df.assign(b=1)" in plan["slice"]
    assert "Report.head()" not in plan["slice"]
    assert "src/project/report.py" in {one["path"] for one in plan["artefacts"]}

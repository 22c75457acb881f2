"""``olo tables``, ``describe``, ``refs``, ``tag``, ``diff``, ``history``, ``queries``, ``doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Olo


def test_the_catalog(project: Path, olo: Olo) -> None:
    (shown,) = olo("tables", "silver", "--json").json()
    assert shown["rows"] == [["silver", "items", "BASE TABLE"]]
    (shown,) = olo("describe", "silver.items", "--json").json()
    assert [row[0] for row in shown["rows"]] == ["id", "name"]
    assert olo("tag", "silver.items", "old", "--as-of", "now", "--json").json()[0]["tag"] == "old"
    (shown,) = olo("refs", "silver.items", "--json").json()
    assert [row[0] for row in shown["rows"]] == ["main", "old"]
    assert olo("tag", "silver.items", "old", "--drop").code == 0
    (error,) = olo("describe", "silver.itmes", "--json").json()
    assert error["error"]["hint"] == "Did you mean items?"


def test_a_diff(project: Path, olo: Olo) -> None:
    (listed,) = olo("snapshots", "silver.items", "--json").json()
    first = str(listed["rows"][-1][1])
    (found,) = olo("diff", "silver.items", first, "now", "--key", "id", "--json").json()
    assert (found["added"], found["removed"], found["changed"]) == (1, 0, 0)
    assert found["rows"] == [["added", 3, None]]
    assert found["files"] == {"before": 1, "after": 2, "same": 1}
    assert found["before"]["snapshot_id"] == first
    text = olo("diff", "silver.items", first, "now")
    assert "dev.silver.items: 0 removed, 1 added rows" in text.out
    assert "1 of 2 data files are the same" in text.out.replace("\n", " ")
    assert olo("diff", "silver.items", first, "now", "--exit-code").code == 1
    assert olo("diff", "silver.items", "now", "now", "--exit-code").code == 0
    (found,) = olo(
        "diff",
        first,
        "now",
        "--query",
        "SELECT count(*) AS n FROM silver.items WHERE id < :m",
        "--param",
        "m=9",
        "--json",
    ).json()
    assert [row[1] for row in found["rows"]] == [2, 3]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("diff", "silver.items", "now"), 2, "a table and two pins"),
        (("diff", "silver.items", "2026-13-01", "now"), 2, "month must be in 1..12"),
        (("diff", "silver.items", "now", "nwo"), 1, "no branch or tag"),
        (("diff", "silver.items", "now", "now", "--key", "idd"), 1, "Did you mean id?"),
        (("history", "--state", "lots"), 2, "there is no state"),
        (("queries", "--run", "nothing"), 2, "There is no query nothing"),
        (("tables", "slver"), 1, "Did you mean silver?"),
    ],
)
def test_used_wrongly(project: Path, olo: Olo, words: tuple[str, ...], code: int, said: str) -> None:
    ended = olo(*words)
    assert (ended.code, said in ended.err) == (code, True), ended


def test_history_and_queries(project: Path, olo: Olo) -> None:
    assert olo("sql", "SELECT id FROM silver.items").code == 0
    assert olo("sql", "SELECT nothing FROM silver.items").code == 1
    failed, done = olo("history", "FROM silver.items", "--json").json()[:2]
    assert (failed["state"], done["state"], done["rows"]) == ("failed", "finished", 3)
    assert olo("history", "--state", "failed", "--limit", "1").out.count("failed") == 1
    (project / "queries").mkdir()
    (project / "queries" / "late.sql").write_text(
        "-- description: The late ones\n-- parameters: {least: 2}\nSELECT id FROM silver.items WHERE id >= :least\n"
    )
    (listed,) = olo("queries", "--json").json()
    assert (listed["name"], listed["parameters"]) == ("late", {"least": 2})
    (shown,) = olo("queries", "--run", "late", "--json").json()
    assert len(shown["rows"]) == 2
    (shown,) = olo("queries", "--run", "late", "--param", "least=3", "--json").json()
    assert len(shown["rows"]) == 1
    (project / "queries" / "broken.sql").write_text("-- engine: spak\nSELECT 1\n")
    ended = olo("queries")
    assert ended.code == 1
    assert "queries/broken.sql: engine" in ended.err


def test_doctor(project: Path, olo: Olo, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = {(check["area"], check["name"]): check for check in olo("doctor", "--json").json()}
    assert checks["catalog", "dev"]["state"] == "ok"
    assert checks["engine", "embedded"]["state"] == "ok"
    text = (project / "olo.yml").read_text()
    (project / "olo.yml").write_text(text.replace("sqlite:///../lake/dev.db", "sqlite:////proc/none/dev.db"))
    ended = olo("doctor")
    assert ended.code == 1
    assert "✗ catalog: dev" in ended.out
    monkeypatch.setenv("PATH", "")
    assert "✗ git: git: not found" in olo("doctor").out

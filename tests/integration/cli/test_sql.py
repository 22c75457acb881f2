"""``olo sql`` and ``olo snapshots``: the JSON that scripts read, exit codes, files, parameters."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from .conftest import Olo

pytestmark = pytest.mark.usefixtures("project")


def test_json_is_one_object_a_statement_as_the_contract_says(olo: Olo) -> None:
    ended = olo("sql", "--json", "SELECT id, name FROM silver.items ORDER BY id; SELECT 1.5 AS d")
    first, second = ended.json()
    assert ended.code == 0
    assert set(first) == {"sql", "engine", "columns", "rows", "snapshots", "seconds"}
    assert first["sql"] == "SELECT id, name FROM silver.items ORDER BY id"
    assert first["engine"] == "embedded"
    assert first["columns"] == [{"name": "id", "type": "integer"}, {"name": "name", "type": "varchar"}]
    assert first["rows"] == [[1, "pen"], [2, "ink"], [3, None]]
    assert list(first["snapshots"]) == ["dev.silver.items"]
    assert isinstance(first["snapshots"]["dev.silver.items"], int)
    assert isinstance(first["seconds"], float)
    assert second["columns"] == [{"name": "d", "type": "decimal(2,1)"}]
    assert second["rows"] == [["1.5"]]


def test_a_failed_statement_is_an_object_with_its_place_and_ends_the_script(olo: Olo) -> None:
    ended = olo("sql", "--json", "SELECT 1;\nSELECT nmae FROM silver.items;\nSELECT 2")
    _, failed = ended.json()
    assert ended.code == 1
    assert failed == {
        "sql": "SELECT nmae FROM silver.items",
        "error": {
            "code": "column-not-found",
            "message": failed["error"]["message"],
            "hint": "Did you mean name?",
            "line": 2,
            "column": 8,
        },
    }


def test_keep_going_runs_the_rest_and_still_fails(olo: Olo) -> None:
    ended = olo("sql", "--json", "--keep-going", "SELEC 1; SELECT 2 AS two")
    failed, good = ended.json()
    assert ended.code == 1
    assert failed["error"]["code"] == "syntax-error"
    assert good["rows"] == [[2]]


def test_a_refusal_has_its_own_code(olo: Olo) -> None:
    (refused,) = olo("sql", "--json", "SELECT CAST('10.0.0.1' AS ipaddress) FROM silver.items").json()
    assert refused["error"]["code"] == "unsupported"


def test_people_see_a_caret_under_the_place(olo: Olo) -> None:
    ended = olo("sql", "SELECT *\nFROM silver.itmes")
    assert ended.code == 1
    assert ended.out == ""
    assert "Did you mean items?" in ended.err
    assert "  FROM silver.itmes\n       ^\n" in ended.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["sql", "--josn", "SELECT 1"], "usage"),
        (["sql"], "usage"),
        (["sql", ""], "no-sql"),
        (["sql", " ; ;; "], "no-sql"),
        (["sql", "--param", "x", "SELECT :x"], "usage"),
        (["sql", "--engine", "trno", "SELECT 1"], "engine-not-found"),
        (["sql", "--target", "sandbx", "SELECT 1"], "target-not-found"),
        (["sql", "--as-of", "2026-13-45", "SELECT 1"], "invalid-pin"),
        (["sql", "--file", "nowhere.sql"], "file-not-read"),
        (["sql", "--file", "."], "file-not-read"),
        (["nope"], "usage"),
    ],
)
def test_wrong_use_is_two_and_json_where_json_was_asked_for(olo: Olo, words: list[str], code: str) -> None:
    assert olo(*words).code == 2
    ended = olo(*words, "--json")
    (shown,) = ended.json()
    assert ended.code == 2
    assert ended.err == ""
    assert shown["error"]["code"] == code
    assert shown["error"]["message"]


def test_a_broken_olo_yml_is_json_too(olo: Olo, project: Path) -> None:
    (project / "olo.yml").write_text("version: 1\n  name: x\n", encoding="utf-8")
    ended = olo("sql", "--json", "SELECT 1")
    assert ended.code == 2
    assert ended.json()[0]["error"]["code"] == "config"
    assert "olo.yml:2:" in ended.json()[0]["error"]["message"]


def test_parameters_are_bound_never_text(olo: Olo) -> None:
    query = "SELECT id FROM silver.items WHERE name = :name"
    assert olo("sql", "--json", "--param", "name=pen", query).json()[0]["rows"] == [[1]]
    assert olo("sql", "--json", "--param", "name=a' OR 1=1 --", query).json()[0]["rows"] == []
    unbound = olo("sql", "--json", "--param", "nmae=pen", query)
    assert unbound.code == 1
    assert unbound.json()[0]["error"]["code"] == "unknown-parameter"


def test_statements_from_a_file_and_from_stdin(olo: Olo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.sql"
    file.write_bytes(b"\xef\xbb\xbf-- the report\nSELECT 1 AS one;\n")
    assert olo("sql", "--json", "--file", str(file)).json()[0]["rows"] == [[1]]
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 2"))
    assert olo("sql", "--json", "--file", "-").json()[0]["rows"] == [[2]]
    file.write_bytes(b"SELECT '\xff'")
    assert olo("sql", "--json", "--file", str(file)).code == 2


def test_a_write_says_where_and_a_failed_one_leaves_the_table(olo: Olo) -> None:
    (made,) = olo("sql", "--json", "CREATE TABLE silver.copy AS SELECT id FROM silver.items").json()
    assert list(made["written"]) == ["dev.silver.copy"]
    for failing in (
        "CREATE TABLE silver.copy AS SELECT 1 AS x",
        "INSERT INTO silver.copy SELECT 1 / (id - 3) FROM silver.items",
    ):
        assert olo("sql", "--json", failing).code == 1
    (after,) = olo("sql", "--json", "SELECT count(*) FROM silver.copy").json()
    assert after["rows"] == [[3]]
    assert after["snapshots"] == made["written"]


def test_snapshots_are_newest_first_and_can_be_read_at(olo: Olo) -> None:
    (listed,) = olo("snapshots", "--json", "silver.items").json()
    ids = [row[[column["name"] for column in listed["columns"]].index("snapshot_id")] for row in listed["rows"]]
    counts = [
        olo("sql", "--json", f"SELECT count(*) FROM silver.items FOR VERSION AS OF {id_}").json()[0]["rows"][0][0]
        for id_ in ids
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 3


def test_unknown_points_in_time_list_what_exists(olo: Olo) -> None:
    for pin in ("5", "'q1-close'"):
        (shown,) = olo("sql", "--json", f"SELECT * FROM silver.items FOR VERSION AS OF {pin}").json()
        assert shown["error"]["hint"], shown
    (early,) = olo("sql", "--json", "--as-of", "1999-01-01", "SELECT * FROM silver.items").json()
    assert "1999-01-01" in early["error"]["message"]
    assert early["error"]["hint"].startswith("Snapshots: ")

"""Diff, charts, history, saved queries, tags, export and masked columns in a real shell."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import altair
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.charts import CELLS, POINTS
from olo_jupyter.lakehouse.session import Session
from olo_magics.chart import MIME_TYPE as VEGA_LITE
from tests.shop import lay_out

from .conftest import Run

Refused = Callable[[str], str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own: dev.silver.people has a restricted column and two snapshots, the first of them tagged."""
    root = lay_out(tmp_path_factory.mktemp("explore"))
    with Session(load_settings(root, {})) as session:
        session.sql("CREATE SCHEMA silver")
        session.sql(
            "CREATE TABLE silver.people AS SELECT * FROM (VALUES (1, 'Ana', 3), (2, 'Bo', 4)) AS t (id, name, n)"
        )
        table = session.catalogs.load(session.name("silver.people"))
        with table.transaction() as change:
            change.set_properties({"olo.column.name.sensitivity": "restricted"})
        table.manage_snapshots().create_tag(table.metadata.current_snapshot_id or 0, "old").commit()
        session.sql("UPDATE silver.people SET name = 'Bob' WHERE id = 2")
    return root


def stored(shell: Any, value: Any) -> str:
    """Everything that a notebook keeps of a value, Arrow decoded."""
    bundle, metadata = shell.display_formatter.format(value)
    preview = bundle.get("application/vnd.olo.result+json", {}).pop("preview", "")
    rows = pa.ipc.open_stream(base64.b64decode(preview)).read_all().to_pylist() if preview else []
    return f"{bundle} {metadata} {rows}"


def test_restricted_values_are_not_stored(shell: Any, run: Run) -> None:
    people = run("%%olo sql people <<\nSELECT id, name, upper(name) AS loud, n FROM silver.people")
    assert people.masked == ("name", "loud")
    kept = stored(shell, people)
    assert "Ana" not in kept
    assert "ANA" not in kept
    assert "masked here: name, loud" in kept
    assert sorted(people.to_pandas()["name"]) == ["Ana", "Bob"]
    again = run("%%olo sql\nSELECT loud AS l, n FROM people")
    assert again.masked == ("l",)
    assert run("%%olo sql\nSELECT count(name) AS n FROM silver.people").masked == ()
    assert "Bob" not in stored(shell, run("%olo diff silver.people old now --key id"))
    kept = stored(shell, run("%%olo diff old now --key id\nSELECT id, lower(name) AS name FROM silver.people"))
    assert "bob" not in kept


def test_a_secret_that_is_bound_is_not_stored(shell: Any, run: Run) -> None:
    run("api_token = 'abcdef123'")
    assert "abcdef123" not in stored(shell, run("%%olo sql\nSELECT 1 AS n WHERE :api_token <> ''"))


def test_a_diff_and_its_picture(shell: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("%olo diff d << silver.people old now --key id")
    assert (found.removed, found.added, found.changed) == (0, 0, 1)
    assert shell.user_ns["d"] is found
    bundle, _ = shell.display_formatter.format(found)
    assert "0 removed, 0 added, 1 changed rows" in bundle["text/html"]
    assert bundle["application/vnd.olo.diff+json"]["before"]["snapshot_id"].isdigit()
    from olo_magics.diff import picture

    drawn = picture(found)
    altair.LayerChart.from_dict(drawn)
    shown = {value["kind"]: value["rows"] for value in drawn["data"]["values"]}
    assert shown == {
        "removed": 0,
        "changed": 1,
        "added": 0,
    }


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%olo diff silver.people old", "a table and two pins"),
        ("%olo diff silver.people old now --kye id", "Did you mean --key?"),
        ("%olo diff silver.people old now --key idd", "Did you mean id?"),
        ("%olo diff silver.people odl now", "Did you mean old?"),
        ("%%olo diff old\nSELECT 1", "two pins"),
        ("%%olo diff old now\nSELECT 1 AS a FROM silver.people WHERE", "mismatched input"),
        ("%olo chart", "Name a result to draw"),
        ("%olo chart peple", "There is no result"),
        ("%olo chart rows pi", "There is no kind 'pi'"),
        ("%olo chart rows --x nme", "Did you mean name?"),
        ("%olo chart rows --y name", "holds no numbers"),
        ("%olo chart rows histogram --x name", "needs a column of numbers"),
        ("%olo chart rows --agg averge", "Did you mean avg?"),
        ("%olo chart rows --bins 0", "1 to 1000"),
        ("%olo chart people2 --x name", "is restricted"),
        ("%olo history --state fnished", "There is no state"),
        ("%olo save", "Name the query"),
        ("%olo save a/b", "leaves its folder"),
        ("%olo queries --run nothing", "There is no query nothing"),
        ("%olo tag silver.people", "Name a table and the tag"),
        ("%olo tag silver.people old", "already exists"),
        ("%olo export rows rows.xls", ".csv, .csv.gz, .parquet"),
        ("%olo export rows", "Name a result and a file"),
        ("%olo doctor x", "takes nothing"),
        ("%%olo sql --max-scan 1B\nSELECT * FROM silver.people", "that --max-scan allows"),
        ("%%olo sql --max-scn 1B\nSELECT * FROM silver.people", "Did you mean --max-scan?"),
    ],
)
def test_typing_errors_say_what_to_write(run: Run, refused: Refused, cell: str, said: str) -> None:
    run("%%olo sql rows <<\nSELECT DATE '2026-01-01' AS t, 1 AS n, 'a' AS name")
    run("%%olo sql people2 <<\nSELECT * FROM silver.people")
    assert said in refused(cell)


DATES = (
    "SELECT date_add('day', i, DATE '2000-01-01') AS day, i % 7 AS week, i AS n FROM UNNEST(sequence(0, 4999)) AS t (i)"
)


def points(shell: Any, view: Any) -> list[dict[str, Any]]:
    drawn = shell.display_formatter.format(view)[0][VEGA_LITE]
    altair.Chart.from_dict(drawn)  # Vega-Lite's own schema
    values: list[dict[str, Any]] = drawn["data"]["values"]
    return values


def test_charts_show_all_rows_and_say_how(shell: Any, run: Run) -> None:
    run(f"%%olo sql many <<\n{DATES}")
    line = run("%olo chart many")
    assert (line.chart.kind, line.chart.y) == ("line", "avg(week)")
    assert "by week of all 5,000 rows" in repr(line)
    assert sum(point["rows"] for point in points(shell, line)) == 5000
    assert points(shell, line)[0]["x"].startswith("1999-12-27T00:00:00")
    bars = run("%olo chart many bar --x week --y n --agg sum")
    assert [point["y"] for point in points(shell, bars)] == [sum(range(day, 5000, 7)) for day in range(7)]
    most = run("%olo chart many bar --x n --agg count")
    assert sum(point["y"] for point in points(shell, most)) == 5000
    assert "all others are one bar" in repr(most)
    histogram = run("%olo chart many histogram --x n --bins 10")
    assert [point["y"] for point in points(shell, histogram)] == [500] * 9 + [500]
    cells = run("%olo chart many scatter --x n --y week")
    assert sum(point["rows"] for point in points(shell, cells)) == 5000 > POINTS
    assert f"{CELLS} × {CELLS} cells" in repr(cells)
    run("%%olo sql few << --limit 3\nSELECT n, n * 2 AS m FROM many")
    few = run("%olo chart few scatter --x n --y m")
    assert len(points(shell, few)) == 3
    assert "cut off by --limit" in repr(few)


def test_missing_and_odd_values_are_told(shell: Any, run: Run) -> None:
    run("%%olo sql odd <<\nSELECT * FROM (VALUES (1e0, 'a'), (nan(), 'b'), (NULL, NULL), (3e0, 'a')) AS t (x, name)")
    assert "Not shown: 2 rows where x is NULL, NaN" in repr(run("%olo chart odd histogram --x x"))
    bars = run("%olo chart odd bar --x name --agg count")
    assert {point["x"]: point["y"] for point in points(shell, bars)}["NULL"] == 1
    run("%%olo sql one <<\nSELECT TIMESTAMP '2026-01-01 00:30:00 +02:00' AS at, 5 AS n")
    assert points(shell, run("%olo chart one"))[0]["x"].startswith("2025-12-31T22:30:00")


def test_history_and_saved_queries(run: Run, capsys: pytest.CaptureFixture[str], project: Path) -> None:
    run("least = 2")
    run("%%olo sql found <<\nSELECT id FROM silver.people WHERE id >= :least")
    newest = run("%olo history least").iloc[0]
    assert (newest["state"], newest["rows"], newest["engine"]) == ("finished", 1, "embedded")
    run("%olo save from_two --description 'People from the second'")
    text = (project / "queries" / "from_two.sql").read_text()
    assert text.startswith("-- description: People from the second\n-- parameters:\n--   least: 2\nSELECT id")
    run("%olo save from_two --description 'People from the second'")  # the same again is no fault
    assert list(run("%olo queries second")["query"]) == ["from_two"]
    run("least = 99")
    assert list(run("%olo queries --run from_two").rows()) == [(2,)]
    assert len(run("%olo queries both << --run from_two --param least=1")) == 2
    assert len(run("both")) == 2
    (project / "queries" / "broken.sql").write_text("-- parameters: [\nSELECT 1\n")
    capsys.readouterr()
    run("%olo queries")
    assert "queries/broken.sql:" in capsys.readouterr().out
    (project / "queries" / "broken.sql").unlink()


def test_secrets_are_not_saved(run: Run, refused: Refused) -> None:
    run("%%olo sql\nSELECT 'postgres://ana:hunter22@db/x' AS url")
    assert "looks like a secret" in refused("%olo save leaky")


def test_export_is_whole_and_exact(
    run: Run, refused: Refused, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(
        "%%olo sql all_types <<\nSELECT 1 AS n, DECIMAL '1.50' AS d, '' AS blank, CAST(NULL AS varchar) AS nothing, "
        "ARRAY[1, NULL] AS a, TIMESTAMP '2026-01-01 00:00:00.123456 UTC' AS t, X'00ff' AS b, true AS yes, "
        "'say \"hi\",\nyou' AS quoted, 0.1e0 AS x, INTERVAL '1' DAY AS i"
    )
    run(f"%olo export all_types {tmp_path}/one.csv")
    assert (tmp_path / "one.csv").read_text() == (
        '"n","d","blank","nothing","a","t","b","yes","quoted","x","i"\n'
        '1,1.50,"",,"[1, null]","2026-01-01 00:00:00.123456 UTC","AP8=",true,"say ""hi"",\nyou",0.1,"1 00:00:00.000"\n'
    )
    assert "is there already" in refused(f"%olo export all_types {tmp_path}/one.csv")
    run(f"%olo export all_types {tmp_path}/one.parquet")
    assert pq.read_table(tmp_path / "one.parquet").column("d").to_pylist() == [Decimal("1.50")]
    run("%%olo sql people <<\nSELECT * FROM silver.people")
    capsys.readouterr()
    run(f"%olo export people {tmp_path}/p.csv.gz")
    assert "restricted columns in clear: name" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_dry_run_and_explain(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("%%olo sql --dry-run\nSELECT id FROM silver.people WHERE id = 7")
    assert "scans 0 of 1 file, 0 rows, 0 B" in capsys.readouterr().out
    run("%%olo sql --explain\nSELECT id FROM silver.people")
    shown = capsys.readouterr().out
    assert "scans 1 file, 2 rows" in shown
    assert "READ_PARQUET" in shown


def test_relative_pins_and_expiry(run: Run, capsys: pytest.CaptureFixture[str], shell: Any) -> None:
    run("%olo as-of 2 days ago")
    assert "To keep it: %olo as-of 20" in capsys.readouterr().out
    run("%olo as-of --clear")
    session = shell._olo_kernel.session
    table = session.catalogs.load(session.name("silver.people"))
    first = table.metadata.snapshots[0].snapshot_id
    with table.transaction() as change:
        change.set_properties({"history.expire.max-snapshot-age-ms": "1000"})
    session.sql("CREATE TABLE silver.plain AS SELECT 1 AS n")
    plain = session.catalogs.load(session.name("silver.plain"))
    with plain.transaction() as change:
        change.set_properties({"history.expire.max-snapshot-age-ms": "1"})
    old = plain.metadata.snapshots[0].snapshot_id
    session.sql("INSERT INTO silver.plain VALUES 2")
    capsys.readouterr()
    run(f"%%olo sql --snapshot {old}\nSELECT * FROM silver.plain")
    said = capsys.readouterr().out
    assert "%olo tag dev.silver.plain keep_" in said
    run(f"%%olo sql --snapshot {old}\nSELECT * FROM silver.plain")
    assert "%olo tag" not in capsys.readouterr().out  # once is enough
    run(f"%%olo sql --snapshot {first}\nSELECT id FROM silver.people")
    assert "%olo tag" not in capsys.readouterr().out  # the tag keeps it
    run(f"%olo tag silver.plain kept --snapshot {old}")
    assert list(run("%%olo sql --ref kept\nSELECT * FROM silver.plain").rows()) == [(1,)]

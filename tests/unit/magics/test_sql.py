"""``%%olo sql`` in a real shell: errors in the cell, parameters, results as tables, pins, provenance."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from IPython.core.interactiveshell import InteractiveShell

from olo_magics.render import MIME_TYPE, PREVIEW_ROWS, result_bundle

from .conftest import Run

Refused = Callable[[str], str]


def test_a_result_is_shown_kept_and_a_table_by_its_name(run: Run, shell: InteractiveShell) -> None:
    shown = run("%%olo sql items <<\nSELECT id, name FROM silver.items ORDER BY id")
    assert shown is shell.user_ns["items"]
    assert list(shown.to_pandas()["id"]) == [1, 2, 3]
    assert list(run("%%olo sql\nSELECT max(id) AS top FROM items").rows()) == [(3,)]


def test_a_frame_is_a_table_by_its_name(run: Run, refused: Refused, shell: InteractiveShell) -> None:
    import pandas as pd
    import polars as pl

    shell.user_ns["Prices"] = pd.DataFrame({"ID": [1, 2], "price": [1.5, None]})
    shell.user_ns["more"] = pl.DataFrame({"id": [3], "price": [7.0]})
    joined = (
        "SELECT p.id, p.price FROM silver.items i JOIN (TABLE prices UNION ALL TABLE more) p ON p.id = i.id ORDER BY 1"
    )
    shown = run(f"%%olo sql\n{joined}")
    assert list(shown.rows()) == [(1, 1.5), (2, None), (3, 7.0)]
    assert [column.type for column in shown.columns] == ["bigint", "double"]
    shell.user_ns["mixed"] = pd.DataFrame({"a": [1, "x"]})
    assert "type" in refused("%%olo sql\nSELECT * FROM mixed")
    assert list(run("%%olo sql\nWITH mixed AS (SELECT 4 AS a) SELECT a FROM mixed").rows()) == [(4,)]
    assert list(run("%%olo sql\nSELECT max(id) AS mixed FROM silver.items").rows()) == [(3,)]


def test_a_frame_with_a_masked_columns_name_is_masked(run: Run, shell: InteractiveShell) -> None:
    items = run("%%olo sql items <<\nSELECT id, name FROM silver.items")
    shell.user_ns["items"] = replace(items, masked=("name",))
    shell.user_ns["frame"] = items.to_pandas()
    assert run("%%olo sql\nSELECT name AS other FROM frame").masked == ("other",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--limt 5", "Did you mean --limit?"),
        ("--limit many", "'many' is no whole number"),
        ("class <<", "can't be a variable's name"),
        ("<<", "no name before <<"),
        ("--as-of 2026-01-31 --ref main", "a query has one pin"),
        ("--engine trno", "Did you mean trino?"),
        ("--as-of", "needs a value"),
        ("'open", "Close the quotation marks"),
        ("SELECT 1", "Put it on the lines below"),
    ],
)
def test_a_wrong_line_is_refused_with_the_way_out(refused: Refused, line: str, said: str) -> None:
    assert said in refused(f"%%olo sql {line}\nSELECT 1")


def test_an_error_stands_under_its_place_in_the_cell(refused: Refused) -> None:
    lines = refused("%%olo sql r <<\nSELECT id,\n\tnmae\nFROM silver.items").split("\n")
    assert lines[0].endswith("[column-not-found]")
    assert lines[1] == "  line 3, column 2"
    assert lines[2:4] == ["  3 | \tnmae", "      \t^"]
    assert lines[4] == "  → Did you mean name?"


def test_a_failed_cell_leaves_the_earlier_result(run: Run, refused: Refused, shell: InteractiveShell) -> None:
    kept = run("%%olo sql r <<\nSELECT 1 AS a")
    refused("%%olo sql r <<\nSELECT 1 / 0 AS a")
    assert shell.user_ns["r"] is kept


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("numpy.int64(7)", 7),
        ("numpy.float64(0.5)", 0.5),
        ("numpy.bool_(True)", True),
        ("numpy.str_('ink')", "ink"),
        ("numpy.datetime64('2026-01-31')", date(2026, 1, 31)),
        ("numpy.datetime64('2026-01-31T12:00:00', 'ns')", datetime(2026, 1, 31, 12)),
        ("pandas.Timestamp('2026-01-31 12:00')", datetime(2026, 1, 31, 12)),
        ("pandas.NaT", None),
        ("numpy.datetime64('NaT')", None),
        ("None", None),
        ('"a\' OR 1=1 --"', "a' OR 1=1 --"),
    ],
)
def test_values_out_of_frames_are_bound(run: Run, value: str, expected: Any) -> None:
    run(f"import numpy, pandas\nvalue = {value}")
    assert list(run("%%olo sql\nSELECT :value AS v").rows()) == [(expected,)]


def test_a_parameter_named_like_a_column_is_the_variable(run: Run) -> None:
    run("name = 'ink'")
    assert list(run("%%olo sql\nSELECT id FROM silver.items WHERE name = :name").rows()) == [(2,)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("pandas.DataFrame()", "A DataFrame can't be a parameter"),
        ("{1: 2}", "A dict can't be a parameter"),
        ("pandas.Timestamp(1)", "A TimeWithNanoseconds can't be a parameter"),
        ("numpy.datetime64(1, 'ns')", "A TimeWithNanoseconds can't be a parameter"),
    ],
)
def test_what_cant_be_bound_is_refused_by_its_type(run: Run, refused: Refused, value: str, said: str) -> None:
    run(f"import numpy, pandas\nvalue = {value}")
    assert said in refused("%%olo sql\nSELECT :value AS v")


def test_an_unbound_name_lists_only_the_users_own(run: Run, refused: Refused) -> None:
    run("import math\nday = 5")
    shown = refused("%%olo sql\nSELECT :dya")
    assert "Bound: day." in shown


def test_provenance_is_in_the_metadata_with_ids_as_text(run: Run) -> None:
    run("top = 2")
    result = run("%%olo sql r <<\nSELECT id FROM silver.items WHERE id <= :top")
    data, metadata = result_bundle(result)
    provenance = metadata["olo"]
    assert provenance == data[MIME_TYPE]["provenance"]
    assert provenance["parameters"] == {"top": 2}
    assert provenance["rows"] == 2
    assert provenance["fingerprint"]
    (snapshot,) = provenance["snapshots"].values()
    assert isinstance(snapshot, str)
    assert int(snapshot) == result.provenance.snapshots["dev.silver.items"]
    json.dumps(data)


def test_the_notebook_keeps_a_bounded_preview(run: Run) -> None:
    many = run("%%olo sql\nSELECT n FROM UNNEST(sequence(1, 5000)) AS t (n)")
    data, _ = result_bundle(many)
    with pa.ipc.open_stream(base64.b64decode(data[MIME_TYPE]["preview"])) as reader:
        assert reader.read_all().num_rows == PREVIEW_ROWS
    assert data[MIME_TYPE]["rows"] == 5000
    wide = run("%%olo sql\nSELECT rpad('x', 9000, 'x') AS s FROM UNNEST(sequence(1, 1000)) AS t (n)")
    assert len(json.dumps(result_bundle(wide)[0])) < 2_000_000


def test_names_and_values_are_escaped(run: Run) -> None:
    result = run("%%olo sql\nSELECT '<script>' AS \"<b>x</b>\"")
    html = result_bundle(result)[0]["text/html"]
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


def test_limit_says_that_rows_were_cut_off(run: Run) -> None:
    assert "cut off by --limit" in repr_of(run("%%olo sql --limit 2\nSELECT id FROM silver.items"))
    assert "cut off" not in repr_of(run("%%olo sql --limit 3\nSELECT id FROM silver.items"))


def test_explain_prints_a_plan_and_keeps_nothing(
    run: Run, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("%%olo sql plan << --explain\nSELECT id FROM silver.items") is None
    assert capsys.readouterr().out.strip()
    assert "plan" not in shell.user_ns


def test_strange_names_go_the_whole_way(run: Run) -> None:
    run('%%olo sql\nCREATE TABLE silver."select" AS SELECT 1 AS "from", 2 AS "😀", 3 AS "a""b"')
    result = run('%%olo sql\nSELECT "from", "😀", "a""b" FROM silver."select"')
    assert [column.name for column in result.columns] == ["from", "😀", 'a"b']
    assert list(result.rows()) == [(1, 2, 3)]
    run('%%olo sql\nDROP TABLE silver."select"')


def test_empty_duplicated_and_null_columns(run: Run) -> None:
    assert "0 rows" in repr_of(run("%%olo sql\nSELECT id FROM silver.items WHERE false"))
    assert repr_of(run("%%olo sql\nSELECT 1 AS a, NULL AS a")).startswith("a  a\n1  NULL")


def repr_of(result: Any) -> str:
    """What a terminal shows of a result."""
    return str(result_bundle(result)[0]["text/plain"])

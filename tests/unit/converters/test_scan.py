"""What a scan says of notebooks: good ones, ones with an obstacle, and bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from olo_converters.errors import ConvertError
from olo_converters.graph import build_graph
from olo_converters.notebook import read_notebook
from olo_converters.scan import scan_notebook, totals, unreadable
from olo_converters.slice import slice_for
from tests.unit.converters.notebooks import notebook

PANDAS = "import pandas as pd"
FRAME = "df = pd.DataFrame({'a': [1, 2]})"


def test_what_the_notebook_ends_with_is_promoted() -> None:
    scan = scan_notebook(notebook(PANDAS, FRAME, "report = df.groupby('a').sum()", "report.head()"))
    assert (scan.status, scan.targets, scan.promotable) == ("clean", 1, 1)
    assert "src/project/report.py" in {one.path for one in scan.artefacts}
    assert set(scan.as_json()) == {
        "notebook", "status", "cells", "promotable", "artefacts", "findings", "seconds",
    }  # fmt: skip


def test_an_obstacle_is_explained_and_the_rest_is_promoted() -> None:
    scan = scan_notebook(notebook(PANDAS, FRAME, "good = df.copy()", "bad = pd.DataFrame({'a': [missing]})"))
    assert (scan.status, scan.targets, scan.promotable) == ("explained", 2, 1)
    (error,) = [one for one in scan.findings if one.severity == "error"]
    assert (error.code, error.cell, error.line) == ("undefined-name", "c3", 1)
    assert error.hint


def test_totals() -> None:
    scans = [scan_notebook(notebook(PANDAS, FRAME)), scan_notebook(notebook("print(1)"))]
    summary = totals(scans)
    assert (summary["clean"], summary["targets"], summary["promoted"], summary["without_target"]) == (2, 1, 1, 1)


def test_a_cell_that_changes_a_frame_is_a_step_of_its_own() -> None:
    scan = scan_notebook(notebook(PANDAS, FRAME, "df['b'] = df['a'] * 2", "df['c'] = df['b'] + 1"))
    (module,) = [one for one in scan.artefacts if one.path == "src/project/df.py"]
    assert module.text.count("\ndef ") == 5  # three steps, the whole, main


IPYNB: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def ipynb(*sources: str, **metadata: Any) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({**IPYNB, "cells": cells, "metadata": metadata}).encode()


BAD = {
    "not_json": b'{"cells": [',
    "empty": b"",
    "a_list": b"[]",
    "no_cells": b'{"nbformat": 4}',
    "deep_json": b"[" * 100_000,
    "null_bytes": b"\0\0",
    "not_utf8": b'{"cells": "\xe4"}',
    "source_is_a_number": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 5}]}',
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_notebook_is_told(case: str, tmp_path: Path) -> None:
    path = tmp_path / f"{case}.ipynb"
    path.write_bytes(BAD[case])
    with pytest.raises(ConvertError) as caught:
        read_notebook(path)
    scan = unreadable(str(path), caught.value)
    assert (scan.status, scan.findings[0].severity) == ("explained", "error")
    assert scan.findings[0].hint


ODD = {
    "mixed_line_ends": ipynb("a = 1\r\nb = 2\rc = a + b"),
    "null_in_source": ipynb("a = 1\0"),
    "python_2": ipynb("print 'a'", "exec 'y = 2'"),
    "python_3_14": ipynb("x = t'{1}'", "try:\n    pass\nexcept A, B:\n    pass"),
    "cycles": ipynb("a = [1]\na.append(a)", "def f(): return g()\ndef g(): return f()", "c = f()"),
    "deep_literals": ipynb("x = " + "[" * 5000 + "]" * 5000, "y = " + "-" * 20000 + "1"),
    "long_chains": ipynb("w = " + "+".join(["1"] * 5000), "s = 'a'" + ".replace('a', 'b')" * 500),
    "deep_sql": ipynb("%%sql\nselect " + "(" * 2000 + "1" + ")" * 2000),
    "r_kernel": ipynb("df <- read.csv('a')", language_info={"name": "R"}),
    "scala_kernel": ipynb("val x = 1", language_info={"name": "scala"}),
    "large_output": json.dumps(
        {
            **IPYNB,
            "cells": [
                {
                    "cell_type": "code",
                    "metadata": {},
                    "source": "x = 1",
                    "outputs": [{"output_type": "stream", "name": "stdout", "text": "y" * 5_000_000}],
                }
            ],
        }
    ).encode(),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_notebooks_get_an_answer(case: str, tmp_path: Path) -> None:
    path = tmp_path / f"{case}.ipynb"
    path.write_bytes(ODD[case])
    assert scan_notebook(read_notebook(path)).status in ("clean", "explained")


def test_the_code_of_a_notebook_never_runs(tmp_path: Path) -> None:
    flag = tmp_path / "ran"
    scan_notebook(notebook(f"open({str(flag)!r}, 'w').write('x')", f"!touch {flag}", "x = 1"))
    assert not flag.exists()


@pytest.mark.parametrize(
    ("sources", "target", "cells"),
    [
        ((PANDAS, FRAME, "t = 1", "q = df.query('a > @t')"), "q", "c0 c1 c2 c3"),
        (("import somelib", "x = [1]", "y = somelib.same(x)", "y[0] = 5"), "x", "c0 c1 c2 c3"),
        (("import numpy as np", "a = np.arange(3)", "np.ndarray.sort(a)", "b = a + 1"), "b", "c0 c1 c2 c3"),
        (
            ("class M:\n    pass", "m = M()", "a = [1]", "m.data = a", "m.data += [2]", "n = 0", "b = len(a)"),
            "b",
            "c0 c1 c2 c3 c4 c6",
        ),
        (("df = spark.table('a')", "spark.sql('insert into a values (1)')", "r = df.toPandas()"), "r", "c0 c1 c2"),
        (
            ("import polars as pl", "df = pl.scan_csv('f.csv')", "pl.DataFrame({'a': [1]}).write_csv('f.csv')",
             "r = df.collect()"),
            "r",
            "c0 c1 c2 c3",
        ),
        (("x = 5", "%sql res << select * from t where a > {{x}}", "df = res.DataFrame()"), "df", "c0 c1 c2"),
        (("spark.range(3).write.parquet('a')", "df = spark.read.parquet('a')"), "df", "c0 c1"),
        (
            ("%%sparksql\ncreate table s.t using iceberg as select 1 as a", "df = spark.sql('select * from s.t')"),
            "df",
            "c0 c1",
        ),
    ],
)  # fmt: skip
def test_edges_found_in_the_wild(sources: tuple[str, ...], target: str, cells: str) -> None:
    cut = slice_for(build_graph(notebook(*sources)), target)
    assert " ".join(cut.cells) == cells


def test_timing_code_that_changes_what_the_target_needs_is_refused() -> None:
    cut = slice_for(build_graph(notebook("items = []", "%timeit items.append(1)", "n = len(items)")), "n")
    assert cut.is_refused
    harmless = slice_for(build_graph(notebook("items = []", "%timeit len(items)", "n = len(items)")), "n")
    assert list(harmless.cells) == ["c0", "c2"]


def test_snowflake_cells_are_known_by_their_names(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "metadata": {"language": "sql", "name": "orders"}, "source": "select a from s.p.t"},
        {"cell_type": "code", "metadata": {"language": "python", "name": "df"}, "source": "orders.to_pandas()"},
        {"cell_type": "code", "metadata": {"language": "python", "name": "cell3"}, "source": "report = df.copy()"},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({**IPYNB, "cells": cells}))
    cut = slice_for(build_graph(read_notebook(path)), "report")
    assert [one.source for one in cut.statements] == [
        "select a from s.p.t",
        "df = orders.to_pandas()",
        "report = df.copy()",
    ]

"""SQL cells that no model can hold are a script, which the job runs before the target."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import duckdb
import pytest
import yaml

from olo_converters.capture import Capture
from olo_converters.conversion import Conversion
from tests.unit.converters.notebooks import PROJECT, captured, codes, promoted, text_of

CREATE = "%%olo sql\nCREATE OR REPLACE TABLE silver.clean (a bigint, b bigint)"
INSERT = "%%olo sql\nINSERT INTO silver.clean SELECT a, b FROM bronze.raw"
REPORT = "%%olo sql report <<\nSELECT a, count(*) AS n FROM silver.clean GROUP BY a"
SCRIPT = "queries/report_prepare.sql"


def tasks_of(made: Conversion) -> list[dict[str, object]]:
    tasks: list[dict[str, object]] = yaml.safe_load(text_of(made, "jobs/report.yml"))["tasks"]
    return tasks


def test_a_table_that_is_filled_is_made_by_a_script_before_the_model() -> None:
    made = promoted(CREATE, "%%olo sql\nINSERT INTO silver.other VALUES (1)", INSERT, REPORT)
    assert not made.is_refused
    script = text_of(made, SCRIPT)
    assert script.index("CREATE OR REPLACE TABLE silver.clean") < script.index("INSERT INTO silver.clean")
    assert "silver.other" not in script
    assert made.cells == ("c0", "c2", "c3")
    assert '{{ source("silver_prepared", "clean") }}' in text_of(made, "models/gold/report.sql")
    (source,) = yaml.safe_load(text_of(made, "models/sources.yml"))["sources"]
    assert "database" not in source, "the script writes into the target's own catalog"
    assert tasks_of(made) == [
        {"name": "report_prepare", "sql": {"file": SCRIPT}},
        {"name": "report", "dbt": {"select": "+report"}, "depends_on": ["report_prepare"]},
    ]
    assert "prepared-by-script" in codes(made)
    assert "not-repeatable" not in codes(made)


def test_names_are_without_the_projects_own_catalogs() -> None:
    create = "%%olo sql\nCREATE OR REPLACE TABLE dev.silver.clean (a bigint, b bigint)"
    insert = "%%olo sql\nINSERT INTO DEV.silver.clean SELECT a, b FROM lake.raw.events -- dev.x"
    report = "%%olo sql report <<\nSELECT a, count(*) AS n FROM dev.silver.clean GROUP BY a"
    made = promoted(create, insert, report)
    assert not made.is_refused
    assert made.prepared == ("dev.silver.clean",)
    script = text_of(made, SCRIPT)
    assert "CREATE OR REPLACE TABLE silver.clean (" in script
    assert "INSERT INTO silver.clean SELECT a, b FROM lake.raw.events -- dev.x" in script
    assert "writes-outside" not in codes(made), "what it is for"


def test_a_table_of_another_catalog_that_would_be_the_same_one_is_refused() -> None:
    report = "%%olo sql report <<\nSELECT c.a FROM dev.silver.clean c JOIN ana_sandbox.silver.clean s ON c.a = s.a"
    create, insert = (text.replace("silver.", "ana_sandbox.silver.", 1) for text in (CREATE, INSERT))
    made = promoted(create, insert, report, project=replace(PROJECT, catalogs=("dev", "ana_sandbox")))
    assert made.is_refused
    assert any("are one table in a target" in one.message for one in made.findings)


def test_a_table_that_is_emptied_first_is_made_anew() -> None:
    create = "%%olo sql\nCREATE TABLE IF NOT EXISTS silver.clean (a bigint, b bigint)"
    made = promoted(create, "%%olo sql\nDELETE FROM silver.clean", INSERT, REPORT)
    assert not made.is_refused
    kept = promoted(create, "%%olo sql\nDELETE FROM silver.clean WHERE a = 1", INSERT, REPORT)
    assert kept.is_refused


def test_a_module_reads_what_the_script_made() -> None:
    base = "%%olo sql base <<\nSELECT a FROM silver.clean"
    made = promoted(CREATE, INSERT, base, "report = base.to_pandas().drop_duplicates()")
    assert not made.is_refused
    assert "FROM silver.clean" in text_of(made, "src/project/report.py")
    assert [one["name"] for one in tasks_of(made)] == ["report_prepare", "report"]
    assert tasks_of(made)[1]["depends_on"] == ["report_prepare"]


def test_a_table_that_is_made_once_and_changed_tells_that_it_can_t_be_made_again() -> None:
    create = "%%olo sql\nCREATE TABLE silver.clean AS SELECT a, b FROM bronze.raw"
    made = promoted(create, "%%olo sql\nDELETE FROM silver.clean WHERE a = 5", REPORT)
    assert not made.is_refused
    assert "not-repeatable" in codes(made)
    assert "silver.clean AS SELECT" in text_of(made, SCRIPT)


def test_use_stands_in_the_script_and_gives_its_names_a_namespace() -> None:
    made = promoted(
        "%%olo sql\nUSE silver", "%%olo sql\nCREATE OR REPLACE TABLE clean (a bigint)",
        "%%olo sql\nINSERT INTO clean VALUES (1)", "%%olo sql report <<\nSELECT a FROM clean",
    )  # fmt: skip
    assert not made.is_refused
    assert text_of(made, SCRIPT).index("USE silver") < text_of(made, SCRIPT).index("CREATE OR REPLACE TABLE clean")
    assert '{{ source("silver_prepared", "clean") }}' in text_of(made, "models/gold/report.sql")


def test_sql_of_another_database_says_so() -> None:
    made = promoted(
        "%%sql\ncreate or replace stage s url = 's3://b/';\ncreate or replace table silver.clean (a int);",
        "%%sql\ncopy into silver.clean from @s/a.csv", "%%sql report <<\nselect a from silver.clean",
    )  # fmt: skip
    assert not made.is_refused
    assert {"foreign-sql", "prepared-by-script"} <= codes(made)
    assert "copy into silver.clean" in text_of(made, SCRIPT)


COUNT = "%%olo sql seen <<\nSELECT count(*) AS n FROM silver.clean"
OF_COUNT = "%%olo sql report <<\nSELECT n, a FROM seen, silver.clean"
MAKE_T = "%%sql\nCREATE OR REPLACE TABLE t (a int)"
OF_T = "%%sql report <<\nSELECT a FROM t"
OLO_T, OF_OLO_T = MAKE_T.replace("%%sql", "%%olo sql"), OF_T.replace("%%sql", "%%olo sql")
TO_SQL = "import pandas as pd\npd.DataFrame({'a': [1]}).to_sql('t', con)"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ((CREATE, COUNT, INSERT, OF_COUNT), "before it is written"),
        ((CREATE, "n = 5", "%%olo sql\nINSERT INTO silver.clean VALUES (:n, 1)", REPORT), "it uses n"),
        ((INSERT, REPORT), "each run of the job"),
        ((CREATE, "%%sql\nINSERT INTO silver.clean SELECT {{ what }}", REPORT), "can't run before"),
        (("%%olo sql\nUSE silver", OLO_T, "%%olo sql\nUSE bronze", OF_OLO_T), "USE can't be followed"),
        (("%%sql\nUSE SCHEMA silver", MAKE_T, "%%sql\nUSE SCHEMA bronze", OF_T), "USE changes"),
        ((TO_SQL, "%%sql\nINSERT INTO t VALUES (1)", OF_T), "writes table"),
    ],
)
def test_what_can_t_run_before_everything_else_is_refused(cells: tuple[str, ...], why: str) -> None:
    made = promoted(*cells)
    assert made.is_refused
    assert made.artefacts == ()
    assert any(why in one.message for one in made.findings if one.severity == "error"), made.findings


def notebook_of(draw: random.Random) -> list[str]:
    """SQL cells that make, fill, change and read three tables, in some order; the last one is the report."""
    cells: list[str] = []
    for number in range(draw.randint(3, 9)):
        table, other = draw.choice("tuv"), draw.choice("tuv")
        cells.append(
            draw.choice(
                [
                    f"CREATE OR REPLACE TABLE s.{table} (a bigint)",
                    f"INSERT INTO s.{table} VALUES ({number}), ({draw.randint(0, 3)})",
                    f"INSERT INTO s.{table} SELECT a + 1 FROM s.{other}",
                    f"DELETE FROM s.{table} WHERE a = {draw.randint(0, 4)}",
                    f"UPDATE s.{table} SET a = a + 10 WHERE a < {draw.randint(0, 6)}",
                    f"CREATE OR REPLACE TABLE s.{table} AS SELECT a * 2 AS a FROM s.{other}",
                    f"r{number} << SELECT max(a) AS a FROM s.{table}",
                ]
            )
        )
    read = draw.choice(["", *(cell.split(" ")[0] for cell in cells if "<<" in cell)])
    union = f" UNION ALL SELECT a FROM {read}" if read else ""
    return [*cells, f"report << SELECT a FROM s.{draw.choice('tuv')}{union}"]


def of_the_notebook(cells: list[str]) -> list[tuple[object, ...]]:
    with duckdb.connect() as session:
        session.execute("CREATE SCHEMA s")
        for table in "tuv":
            session.execute(f"CREATE TABLE s.{table} AS SELECT unnest([1, 2]) AS a")
        for cell in cells:
            name, _, query = cell.rpartition(" << ")
            session.execute(f"CREATE TABLE {name} AS {query}" if name else query)
        return sorted(session.execute("SELECT * FROM report").fetchall(), key=repr)


def of_the_artefacts(made: Conversion) -> list[tuple[object, ...]]:
    """What the job gives: the script, then the models, each after those that it reads."""
    with duckdb.connect() as session:
        session.execute("CREATE SCHEMA s")
        for table in "tuv":
            session.execute(f"CREATE TABLE s.{table} AS SELECT unnest([1, 2]) AS a")
        if made.script:
            session.execute(text_of(made, made.script))
        for name in (*made.staged, made.name):
            text = next(one.text for one in made.artefacts if one.path.endswith(f"/{name}.sql") and one.kind == "model")
            text = re.sub(r"\{\{ config\(.*?\) \}\}", "", text, flags=re.DOTALL)
            text = re.sub(r'\{\{ source\("\w+", "(\w+)"\) \}\}', r"s.\1", text)
            text = re.sub(r'\{\{ ref\("(\w+)"\) \}\}', r"model_\1", text)
            session.execute(f"CREATE TABLE model_{name} AS {text}")
        return sorted(session.execute(f"SELECT * FROM model_{made.name}").fetchall(), key=repr)


def test_script_and_models_give_what_the_notebook_gave() -> None:
    draw = random.Random(7)
    kept = scripts = 0
    for _ in range(100):
        cells = notebook_of(draw)
        made = promoted(
            *(
                f"%%olo sql {cell.replace(' << ', ' <<' + chr(10)) if '<<' in cell else chr(10) + cell}"
                for cell in cells
            )
        )
        if made.is_refused:
            continue
        kept += 1
        scripts += bool(made.script)
        assert of_the_artefacts(made) == of_the_notebook(cells), cells
    assert kept > 25
    assert scripts > 8


def test_a_cell_that_makes_the_schema_and_uses_it_stands_in_the_script() -> None:
    made = promoted(
        "%%sql\nCREATE SCHEMA IF NOT EXISTS silver;\nUSE SCHEMA silver;",
        MAKE_T,
        "%%sql\nINSERT INTO t VALUES (1)",
        OF_T,
    )
    assert not made.is_refused
    assert text_of(made, SCRIPT).index("USE SCHEMA silver") < text_of(made, SCRIPT).index("INSERT INTO t")
    assert '{{ source("silver_prepared", "t") }}' in text_of(made, "models/gold/report.sql")


def test_the_namespace_of_the_session_stands_in_the_script() -> None:
    seen = Capture(results=(captured("c2", "report", "SELECT a FROM t", "a bigint", namespace="silver"),))
    made = promoted(OLO_T, "%%olo sql\nINSERT INTO t VALUES (1)", OF_OLO_T, capture=seen)
    assert not made.is_refused
    assert 'USE "silver"' in text_of(made, SCRIPT)

"""Frames of Python that SQL reads are written by a step before the model."""

from __future__ import annotations

import pytest
import yaml

from tests.unit.converters.notebooks import promoted, text_of

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 2]})"
SPARK = "df = spark.range(3)"
REPORT = "%%sql report <<\nselect a, count(*) as n from {} group by a"


@pytest.mark.parametrize(
    ("write", "table", "frame"),
    [
        ("df.to_sql('numbers', engine, index=False)", "numbers", "numbers = df\n"),
        ("df.to_sql(name='numbers', con=engine, if_exists='replace')", "numbers", "numbers = df.reset_index()"),
        ("df.head(2).to_sql('numbers', engine, index=False)", "numbers", "numbers = df.head(2)"),
        ("df.write.mode('overwrite').saveAsTable('nyc.trips')", "nyc.trips", "trips = df\n"),
        ("df.writeTo('nyc.trips').using('iceberg').createOrReplace()", "nyc.trips", "trips = df\n"),
        ("df.createOrReplaceTempView('trips')", "trips", "trips = df\n"),
    ],
)
def test_a_frame_that_is_written_as_a_table_is_a_step_before_the_model(write: str, table: str, frame: str) -> None:
    made = promoted(
        FRAME if "to_sql" in write else SPARK,
        "import sqlalchemy\nengine = sqlalchemy.create_engine('sqlite://')",
        write,
        REPORT.format(table),
    )
    assert not made.is_refused, made.findings
    name = table.rpartition(".")[2]
    module = text_of(made, f"src/project/{name}.py")
    assert frame in module
    assert "engine" not in module
    assert f'source("gold_prepared", "{name}")' in text_of(made, "models/gold/report.sql")
    tasks = yaml.safe_load(text_of(made, "jobs/report.yml"))["tasks"]
    assert tasks == [
        {"name": name, "python": {"function": f"project.{name}:main"}},
        {"name": "report", "dbt": {"select": "+report"}, "depends_on": [name]},
    ]


def test_a_frame_that_is_read_by_its_name_is_a_step_before_the_model() -> None:
    made = promoted(FRAME, "df = df[df['a'] > 1]", REPORT.format("df"))
    assert not made.is_refused, made.findings
    module = text_of(made, "src/project/df_frame.py")
    assert "df[df['a'] > 1]" in module.replace('"', "'")
    assert 'source("gold_prepared", "df_frame")' in text_of(made, "models/gold/report.sql")


def test_the_frame_is_the_one_that_was_read() -> None:
    made = promoted(FRAME, REPORT.format("df"), "df = df.head(1)")
    assert "head(1)" not in text_of(made, "src/project/df_frame.py")


@pytest.mark.parametrize(
    "write",
    [
        "df.to_sql('numbers', engine, if_exists='append')",
        "df.to_sql('numbers', engine, index_label='i')",
        "df.to_sql('numbers', engine, **options)",
        "df.write.mode('append').saveAsTable('numbers')",
        "df.write.mode(how).saveAsTable('numbers')",
        "df.writeTo('numbers').append()",
        "df.write.filter('a > 1').saveAsTable('numbers')",
    ],
)
def test_what_may_keep_other_rows_is_refused(write: str) -> None:
    made = promoted(
        FRAME if "to_sql" in write else SPARK, "engine = how = options = None", write, REPORT.format("numbers")
    )
    assert made.is_refused
    assert made.artefacts == ()


def test_a_view_of_a_frame_is_refused_where_tables_change_after_it() -> None:
    change = "%%sql\ninsert into base values (1)"
    made = promoted(SPARK, "df.createOrReplaceTempView('v')", change, REPORT.format("v"))
    assert made.is_refused

"""A dbt project on the embedded engine, built twice: seed, view, table, incremental, contract, tests, unit test."""

from __future__ import annotations

import contextlib
import json
import os
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from olo_jupyter.config import Settings, load_settings
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.views import find_view, list_views

FILES = {
    "olo.yml": """
        version: 1
        catalogs:
          dev:
            type: sql
            properties: {uri: "sqlite:///catalog.db", warehouse: "file:warehouse"}
        """,
    "dbt_project.yml": """
        name: shop
        version: "1.0"
        profile: shop
        models:
          shop:
            +materialized: table
        seeds:
          shop:
            orders:
              +column_types: {amount: "decimal(10,2)", ordered_at: timestamp}
        """,
    "profiles.yml": """
        shop:
          target: sandbox
          outputs:
            sandbox: {type: olo, catalog: dev, schema: gold, threads: 4}
        """,
    "seeds/orders.csv": """
        id,customer,amount,ordered_at,paid
        1,ana,10.50,2026-01-01 10:00:00.123456,true
        2,bo,,2026-01-02 00:00:00,false
        3,"cy",7.25,2026-01-02 12:30:00,true
        """,
    "models/recent.sql": """
        {{ config(materialized='view') }}
        select id, customer, amount, cast(ordered_at as date) as day, paid from {{ ref('orders') }}
        """,
    "models/per_day.sql": """
        with paid as (select day, amount from {{ ref('recent') }} where paid)
        select day, sum(amount) as amount, count(*) as orders from paid group by day
        """,
    "models/log.sql": """
        {{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}
        select id, amount from {{ ref('recent') }}
        {% if is_incremental() %} where id > (select max(id) - 1 from {{ this }}) {% endif %}
        """,
    "models/promised.sql": """
        select id, customer from {{ ref('recent') }} where paid
        """,
    "models/schema.yml": """
        version: 2
        models:
          - name: recent
            description: "Orders by day; it's the analysts' view."
            config: {persist_docs: {relation: true, columns: true}}
            columns:
              - name: id
                description: The order's number
                data_tests: [unique, not_null]
              - name: customer
                data_tests:
                  - accepted_values: {arguments: {values: [ana, bo, cy]}}
          - name: per_day
            description: What is paid a day
            config: {persist_docs: {relation: true, columns: true}}
            columns:
              - {name: day, description: The day, data_tests: [unique, not_null]}
          - name: promised
            config: {contract: {enforced: true}}
            columns:
              - {name: id, data_type: integer}
              - name: customer
                data_type: varchar
                data_tests:
                  - relationships: {arguments: {to: ref('orders'), field: customer}}
        unit_tests:
          - name: only_paid_orders_count
            model: per_day
            given:
              - input: ref('recent')
                rows:
                  - {id: 1, amount: 1.10, day: 2026-01-01, paid: true}
                  - {id: 2, amount: 2.20, day: 2026-01-01, paid: true}
                  - {id: 3, amount: 9.99, day: 2026-01-01, paid: false}
            expect:
              rows:
                - {day: 2026-01-01, amount: 3.30, orders: 2}
        """,
    "tests/no_negative_amount.sql": "select * from {{ ref('log') }} where amount < 0",
}


@dataclass
class Project:
    """A project folder, and what its last dbt command said."""

    root: Path

    def dbt(self, *arguments: str, expect: int = 0) -> str:
        """Run a command in this process (starting Python anew takes longer); its exit code is dbt's."""
        lines: list[str] = []
        runner = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg)])
        with contextlib.chdir(self.root), pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("OLO_", "DBT_"))]:
                patch.delenv(name)
            told = runner.invoke(["--no-send-anonymous-usage-stats", *arguments, "--profiles-dir", "."])
        output = "\n".join(lines)
        code = 0 if told.success else (1 if told.exception is None else 2)
        assert code == expect, f"{told.exception or ''}\n{output}"
        return output

    def results(self) -> dict[str, dict[str, Any]]:
        found = json.loads((self.root / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].replace(".shop", ""): result for result in found}

    def settings(self) -> Settings:
        return load_settings(self.root, {})

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).strip() + "\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after two runs of ``dbt build``."""
    project = Project(tmp_path_factory.mktemp("shop"))
    for name, text in FILES.items():
        project.write(name, text)
    project.dbt("build")
    project.first = project.results()  # type: ignore[attr-defined]
    project.dbt("build")
    return project


@pytest.fixture
def catalogs(built: Project) -> Iterator[Catalogs]:
    opened = Catalogs(built.settings())
    yield opened
    opened.close()


def rows(catalogs: Catalogs, table: str) -> list[dict[str, Any]]:
    return sorted(catalogs.load(TableName("dev", "gold", table)).scan().to_arrow().to_pylist(), key=repr)


def test_everything_passed_and_says_what_it_wrote(built: Project, catalogs: Catalogs) -> None:
    results = built.results()
    assert {result["status"] for result in results.values()} == {"success", "pass"}
    assert len(results) == 1 + 4 + 7 + 1
    response = results["model.per_day"]["adapter_response"]
    assert response["rows_affected"] == 2
    head = catalogs.load(TableName("dev", "gold", "per_day")).current_snapshot()
    assert head is not None
    assert response["snapshots_written"] == {"dev.gold.per_day": str(head.snapshot_id)}
    assert list(response["snapshots_read"]) == ["dev.gold.orders"]


def test_rows_and_types(catalogs: Catalogs) -> None:
    assert [(row["customer"], str(row["amount"])) for row in rows(catalogs, "orders")] == [
        ("ana", "10.50"),
        ("bo", "None"),
        ("cy", "7.25"),
    ]
    schema = catalogs.load(TableName("dev", "gold", "orders")).schema()
    assert [str(field.field_type) for field in schema.fields] == [
        "int",
        "string",
        "decimal(10, 2)",
        "timestamp",
        "boolean",
    ]
    assert rows(catalogs, "orders")[0]["ordered_at"].microsecond == 123456
    assert [(str(row["day"]), str(row["amount"]), row["orders"]) for row in rows(catalogs, "per_day")] == [
        ("2026-01-01", "10.50", 1),
        ("2026-01-02", "7.25", 1),
    ]


def test_the_second_run_kept_every_snapshot_of_the_first(built: Project, catalogs: Catalogs) -> None:
    first: dict[str, Any] = built.first  # type: ignore[attr-defined]
    for table in ("per_day", "promised", "orders"):
        loaded = catalogs.load(TableName("dev", "gold", table))
        assert len(loaded.snapshots()) == 2, table
        assert loaded.current_snapshot().parent_snapshot_id == loaded.snapshots()[0].snapshot_id  # type: ignore[union-attr]
    written = int(first["model.per_day"]["adapter_response"]["snapshots_written"]["dev.gold.per_day"])
    old = catalogs.load(TableName("dev", "gold", "per_day")).scan(snapshot_id=written).to_arrow()
    assert old.num_rows == 2


def test_incremental_appended_once_and_left_nothing_behind(catalogs: Catalogs) -> None:
    assert [row["id"] for row in rows(catalogs, "log")] == [1, 2, 3, 3]
    assert list_views(catalogs, "dev", "gold") == ("recent",)
    assert catalogs.tables("dev", "gold") == ("log", "orders", "per_day", "promised")


def test_docs_are_persisted(catalogs: Catalogs) -> None:
    table = catalogs.load(TableName("dev", "gold", "per_day"))
    assert (table.properties["comment"], table.schema().find_field("day").doc) == ("What is paid a day", "The day")
    view = find_view(catalogs, TableName("dev", "gold", "recent"))
    assert view is not None
    assert view.fields[0].comment == "The order's number"


def test_what_fails_changes_nothing_and_says_why(built: Project, catalogs: Catalogs) -> None:
    heads = {name: catalogs.load(TableName("dev", "gold", name)).current_snapshot() for name in ("promised", "log")}
    built.write("models/promised.sql", "select id, custommer as customer from {{ ref('recent') }}")
    built.write(
        "models/log.sql",
        """
        {{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
        select id, amount from {{ ref('recent') }} union all select id, amount from {{ ref('recent') }}
        """,
    )
    built.write("models/turning.sql", "{{ config(materialized='view') }} select 1 as n")
    output = built.dbt("run", "--select", "promised log turning", expect=1)
    results = built.results()
    assert "custommer" in results["model.promised"]["message"]
    assert "Did you mean customer?" in results["model.promised"]["message"]
    assert re.search(r"line \d+:\d+: ", results["model.promised"]["message"])
    assert "One MERGE target table row matched more than one source row" in results["model.log"]["message"]
    assert results["model.turning"]["status"] == "success"
    assert "Traceback" not in output
    for name, head in heads.items():
        assert catalogs.load(TableName("dev", "gold", name)).current_snapshot() == head, name


def test_a_view_becomes_a_table_and_back(built: Project, catalogs: Catalogs) -> None:
    built.write("models/turning.sql", "select 2 as n")
    built.dbt("run", "--select", "turning")
    assert rows(catalogs, "turning") == [{"n": 2}]
    built.write("models/turning.sql", "{{ config(materialized='view') }} select 1 as n")
    built.dbt("run", "--select", "turning")
    assert "turning" not in catalogs.tables("dev", "gold")
    # log__dbt_tmp is what dbt leaves of a merge that failed; its next run drops it.
    assert list_views(catalogs, "dev", "gold") == ("log__dbt_tmp", "recent", "turning")

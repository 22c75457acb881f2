"""One dbt project, built on a real Trino and on the embedded engine: same compiled SQL, same rows in every table.

Each side has an Iceberg catalog of its own that dbt calls ``iceberg``; both are in one PostgreSQL, so that one session
reads the tables of both: Trino's JDBC catalog is known there by the name ``lake``.
"""

from __future__ import annotations

import contextlib
import json
import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from tests.services.postgres import Postgres
from tests.services.trino import CATALOG, Trino

SCHEMA = "dbt_shop"
FILES = {
    "dbt_project.yml": """
        name: shop
        version: "1.0"
        profile: shop
        flags: {send_anonymous_usage_stats: false}
        models: {shop: {+materialized: table}}
        seeds:
          shop:
            orders: {+column_types: {amount: "decimal(10,2)", ordered_at: timestamp(6), share: double}}
        """,
    "seeds/orders.csv": """
        id,customer,amount,ordered_at,paid,share
        1,ana,10.50,2026-01-01 10:00:00.123456,true,0.1
        2,bo,,2026-01-02 00:00:00,false,1e300
        3,"c, y",7.25,2026-01-02 12:30:00,true,
        4,Ørsted,99999999.99,2026-01-03 23:59:59.999999,true,-0.5
        """,
    "models/staged.sql": """
        {{ config(materialized='view') }}
        select id, customer, amount, ordered_at, paid, share, cast(ordered_at as date) as day
        from {{ ref('orders') }}
        {% if var('round') == 1 %} where id <= 3 {% endif %}
        """,
    "models/changed.sql": """
        {{ config(materialized='ephemeral') }}
        select id, customer, coalesce(amount, 0) + {{ var('round') }} as amount, ordered_at, day
        from {{ ref('staged') }}
        """,
    "models/daily.sql": """
        select day, count(*) as orders, sum(amount) as amount, avg(amount) as mean, max(share) as share,
               array_agg(customer order by id) as customers
        from {{ ref('staged') }} group by day
        """,
    "models/macros_used.sql": """
        select id, {{ dbt.hash('customer') }} as h, {{ dbt.date_trunc('month', 'ordered_at') }} as month,
               {{ dbt.dateadd('day', 3, 'ordered_at') }} as later,
               {{ dbt.datediff("ordered_at", "timestamp '2026-03-01 00:00:00'", 'week') }} as weeks,
               {{ dbt.split_part('customer', "','", 1) }} as part, {{ dbt.safe_cast('customer', 'integer') }} as n
        from {{ ref('staged') }}
        """,
    "models/appended.sql": """
        {{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}
        select id, amount {% if var('round') == 2 %}, customer {% endif %} from {{ ref('changed') }}
        {% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}
        """,
    "models/merged.sql": """
        {{ config(materialized='incremental', incremental_strategy='merge', unique_key=['id', 'customer'],
                  merge_exclude_columns=['day']) }}
        select id, customer, amount, {{ var('round') }} as day from {{ ref('changed') }}
        """,
    "models/replaced.sql": """
        {{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}
        select day, id, amount from {{ ref('changed') }}
        {% if is_incremental() %} where day >= date '2026-01-02' {% endif %}
        """,
    "models/batched.sql": """
        {{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ordered_at',
                  batch_size='day', begin='2026-01-01') }}
        select id, coalesce(amount, 0) + {{ var('round') }} as amount, ordered_at from {{ ref('staged') }}
        """,
    "models/promised.sql": "select id, customer, amount from {{ ref('changed') }}",
    "models/schema.yml": """
        models:
          - name: staged
            description: "Orders: it's a view"
            config: {event_time: ordered_at, persist_docs: {relation: true, columns: true}}
            columns:
              - {name: id, description: The order's number, data_tests: [unique, not_null]}
          - name: daily
            description: What is paid a day
            config: {persist_docs: {relation: true, columns: true}}
            columns: [{name: day, description: The day}]
          - name: promised
            config: {contract: {enforced: true}}
            columns:
              - {name: id, data_type: integer, constraints: [{type: not_null}]}
              - {name: customer, data_type: varchar}
              - {name: amount, data_type: "decimal(12,2)"}
        snapshots:
          - name: by_time
            relation: ref('staged')
            config: {strategy: timestamp, unique_key: id, updated_at: ordered_at}
          - name: by_value
            relation: ref('merged')
            config: {strategy: check, unique_key: id, check_cols: [amount], hard_deletes: new_record}
        unit_tests:
          - name: a_day_is_counted
            model: daily
            given:
              - input: ref('staged')
                rows: [{id: 1, day: 2026-01-01, amount: 1.10, customer: a}, {id: 2, day: 2026-01-01, amount: 2.25}]
            expect: {rows: [{day: 2026-01-01, orders: 2, amount: 3.35}]}
        """,
    "tests/no_negative_amount.sql": "select * from {{ ref('merged') }} where amount < 0",
}
TABLES = {
    **dict.fromkeys(("orders", "daily", "macros_used", "appended", "merged", "replaced", "batched", "promised"), "*"),
    "by_time": "*",
    # When a change was seen is the clock's: all but the times must agree.
    "by_value": "id, customer, amount, day, dbt_valid_to is null, dbt_is_deleted",
}


class Twin:
    """The project, and dbt on either side of it."""

    def __init__(self, root: Path, trino: Trino, postgres: Postgres) -> None:
        self.root = root
        for name, text in FILES.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
        uri = {"uri": postgres.uri, "warehouse": f"file://{root / 'warehouse'}"}
        catalogs = {"iceberg": {"properties": uri}, CATALOG: {"properties": uri}}
        (root / "olo.yml").write_text(json.dumps({"version": 1, "default_catalog": "iceberg", "catalogs": catalogs}))
        place = {"catalog": "iceberg", "schema": SCHEMA, "threads": 4}
        there = {"type": "trino", "method": "none", "host": "127.0.0.1", "port": trino.port, "user": "olo"}
        outputs = {"trino": {**there, **place, "timezone": "UTC"}, "olo": {"type": "olo", **place}}
        (root / "profiles.yml").write_text(json.dumps({"shop": {"target": "olo", "outputs": outputs}}))

    def build(self, target: str, number: int) -> dict[str, str]:
        """One ``dbt build``; the compiled SQL of every node, by file name.

        Tests of a kind that only a failing row would keep are compared too; what the adapters wrap around is not.
        """
        folder = f"target_{target}_{number}"
        lines: list[str] = []
        days = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04"]
        with contextlib.chdir(self.root), pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(("OLO_", "DBT_"))]:
                patch.delenv(name)
            told = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg)]).invoke(
                [
                    *("build", "--target", target, "--target-path", folder, "--profiles-dir", ".", *days),
                    *("--vars", f"round: {number}", "--no-partial-parse"),
                ]
            )
        assert told.success, f"{target}, round {number}: {told.exception or ''}\n" + "\n".join(lines)
        compiled = self.root / folder / "compiled"
        return {str(path.relative_to(compiled)): path.read_text() for path in sorted(compiled.rglob("*.sql"))}


@pytest.fixture(scope="module")
def twin(trino: Trino, postgres: Postgres, services_folder: Path) -> Iterator[Twin]:
    root = services_folder / "twin"
    root.mkdir()
    yield Twin(root, trino, postgres)


def test_same_sql_and_same_rows_after_two_runs(twin: Twin) -> None:
    for number in (1, 2):
        ours, theirs = twin.build("olo", number), twin.build("trino", number)
        assert len(ours) >= len(FILES) - 4
        assert ours == theirs
        with Session(load_settings(twin.root, {})) as session:
            for table, columns in TABLES.items():
                here, there = (
                    session.sql(f"SELECT {columns} FROM {catalog}.{SCHEMA}.{table}") for catalog in ("iceberg", CATALOG)
                )
                assert here.columns == there.columns, table
                assert here.provenance.fingerprint == there.provenance.fingerprint, _shown(table, number, here, there)
                assert len(here) > 0, table


def test_comments_are_the_same(twin: Twin) -> None:
    with Session(load_settings(twin.root, {})) as session:
        found = [session.catalogs.load(session.name(f"{catalog}.{SCHEMA}.daily")) for catalog in ("iceberg", CATALOG)]
        assert [(table.properties["comment"], table.schema().find_field("day").doc) for table in found] == [
            ("What is paid a day", "The day")
        ] * 2


def _shown(table: str, number: int, here: Any, there: Any) -> str:
    sides = (sorted(map(str, result.rows())) for result in (here, there))
    return f"{table}, round {number}\n" + "\n".join("\n".join(side) for side in sides)

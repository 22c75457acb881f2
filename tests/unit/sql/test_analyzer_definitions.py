"""Statements that aren't queries, views, earlier results, SHOW: what the engine is told to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import (
    AlterColumns,
    Comment,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Explain,
    Field,
    Insert,
    PartitionField,
    Procedure,
    Query,
    Rename,
    SetProperties,
    SortField,
    ViewSchema,
)
from olo_jupyter.lakehouse.sql.types import parse_type
from tests.unit.sql.asking import make_tables
from tests.unit.sql.world import World

T = TableName("c", "s", "t")


@pytest.fixture
def world() -> World:
    world = World()
    make_tables(world)
    return world


def test_create_table_as_the_way_dbt_writes_it(world: World) -> None:
    statement = world.translate(
        """create or replace table "c"."s"."x" comment 'it''s'
        WITH (format = 'PARQUET', partitioning = ARRAY['month(ts)', 'bucket(a, 16)', 'B'], format_version = 2)
        as ( with q as (select a, ts as TS, b from t) select * from q );"""
    )
    assert isinstance(statement, CreateTable) and statement.query is not None
    assert statement.table == TableName("c", "s", "x") and statement.exists == "replace"
    assert [field.name for field in statement.fields] == ["a", "ts", "b"]
    assert statement.partitioning == (
        PartitionField("ts", "month"),
        PartitionField("a", "bucket[16]"),
        PartitionField("b", "identity"),
    )
    assert statement.properties == {"format": "PARQUET", "format_version": 2} and statement.comment == "it's"
    assert len(world.execute(statement.query)) == 3


def test_create_table_with_columns(world: World) -> None:
    statement = world.translate(
        "create table if not exists q (a int not null comment 'x', \"B c\" row(f int, g varchar), d decimal(10,2))"
    )
    assert isinstance(statement, CreateTable)
    assert statement.fields == (
        Field("a", parse_type("integer"), nullable=False, comment="x"),
        Field("b c", parse_type("row(f integer, g varchar)")),
        Field("d", parse_type("decimal(10,2)")),
    )
    assert statement.exists == "ignore" and statement.query is None


def test_create_table_as_parts(world: World) -> None:
    named = world.translate("create table q (one, two) as select a, b from t")
    assert isinstance(named, CreateTable) and [field.name for field in named.fields] == ["one", "two"]
    empty = world.translate("create table q as select a from t with no data")
    assert isinstance(empty, CreateTable) and empty.query is None and len(empty.fields) == 1
    union = world.translate("create table q as (select a from t) union all (select a from u)")
    assert isinstance(union, CreateTable) and union.query is not None and len(world.execute(union.query)) == 6


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("create table q as select a + 1 from t", "missing-column-name"),
        ("create table q as select a, a from t", "duplicate-column-name"),
        ("create table q as select a as x, b as X from t", "duplicate-column-name"),
        ("create table q as select null as x", "column-type-unknown"),
        ("create table q (a) as select a, b from t", "mismatched-column-aliases"),
        ("create table q (a int, A varchar)", "duplicate-column-name"),
        ("create table q (a int) with (partitioning = ARRAY['day(z)'])", "invalid-table-property"),
        ("create table q (a int) with (partitioning = ARRAY['week(a)'])", "invalid-table-property"),
        ("create table q (a int) with (partitioning = ARRAY['bucket(a)'])", "invalid-table-property"),
        ("create table a.b.c.d (a int)", "syntax-error"),
        ("create table q (a nonsense)", "type-not-found"),
        ("insert into t values (1)", "type-mismatch"),
        ("insert into t (a, b) select b, a from t", "type-mismatch"),
        ("insert into t (a, nope) select a, b from t", "column-not-found"),
        ("insert into t (a, A) select a, a from t", "duplicate-column-name"),
        ("insert into missing values (1)", "table-not-found"),
        ("create view v as select :p as p", "invalid-view"),
        ("create view v as select a + 1 from t", "missing-column-name"),
        ("create view v as select * from earlier", "table-not-found"),
        ("drop table", "syntax-error"),
        ("create table q (a int) with (nonsense = 1)", "invalid-table-property"),
        ("create table q (a int) with (format = 'CSV')", "invalid-table-property"),
        ("create table q (a int) with (format = 'ORC')", "unsupported"),
        ("create table q (a int) with (format_version = 3)", "unsupported"),
        ("create table q (a int) with (format_version = '2')", "invalid-table-property"),
        ("create table q (a int) with (partitioning = ARRAY[1])", "invalid-table-property"),
        ("create table q (a int) with (sorted_by = ARRAY['a upwards'])", "invalid-table-property"),
        ("create table q (a int) with (sorted_by = ARRAY['z'])", "column-not-found"),
        ("create table q (a int) with (target_max_file_size = '32')", "invalid-table-property"),
        ("create table q (a int) with (max_commit_retry = -1)", "invalid-table-property"),
        (
            "create table q (a int) with (extra_properties = MAP(ARRAY['comment'], ARRAY['x']))",
            "invalid-table-property",
        ),
        ("create table q (a int) with (extra_properties = MAP(ARRAY['a', 'b'], ARRAY['x']))", "syntax-error"),
        ("create table q (a int) with (format = 'PARQUET', FORMAT = 'PARQUET')", "syntax-error"),
        ("create table q (r row(x int)) with (partitioning = ARRAY['\"r.y\"'])", "invalid-table-property"),
        ("create table q (like missing)", "table-not-found"),
        ("create table q (like t, a int)", "duplicate-column-name"),
        ("create table q (like t including properties, like u including properties)", "not-supported"),
        ("create or replace table if not exists q (a int)", "syntax-error"),
        ("create schema q with (owner = 'me')", "invalid-schema-property"),
        ("alter table t set properties nonsense = 1", "invalid-table-property"),
        ("alter table if exists t set properties format = default", "syntax-error"),
        ("alter table t set authorization me", "unsupported"),
        ("alter table t add column r.h integer first", "not-supported"),
        ("alter table t execute nonsense", "procedure-not-found"),
        ("alter table t execute optimize(nonsense => 1)", "invalid-procedure-argument"),
        ("alter table t execute optimize(file_size_threshold => 1)", "invalid-procedure-argument"),
        ("alter table t execute expire_snapshots(retention_threshold => '7x')", "invalid-procedure-argument"),
        ("alter table t execute expire_snapshots(retain_last => 0)", "invalid-procedure-argument"),
        ("alter table t execute rollback_to_snapshot", "invalid-procedure-argument"),
        ("alter table t execute optimize where a = 1", "unsupported"),
        ("analyze t", "unsupported"),
        ("show create table nothing", "table-not-found"),
        ("show create view t", "not-supported"),
        ("grant select on t to x", "unsupported"),
        ("create materialized view v as select 1 as a", "unsupported"),
        ("vacuum t", "syntax-error"),
    ],
)
def test_refused(world: World, text: str, code: str) -> None:
    world.result("earlier", "select 1 as p")
    error = world.error(text, p=1)
    assert error.code == code, error.message
    assert error.line == 1


def test_insert_coerces_and_orders(world: World) -> None:
    statement = world.translate("insert into t (x, a, d) select a, a, a from u where a = 2")
    assert isinstance(statement, Insert) and statement.columns == ("x", "a", "d")
    assert world.execute(statement.query) == [(2, 2, 2.0)]
    assert [str(field.type) for field in statement.query.fields] == ["integer", "bigint", "double"]
    values = world.translate("insert into u values (?, ?, 1e0), (null, 'b', ?)", 1, "it's", 2.5)
    assert isinstance(values, Insert)
    assert world.execute(values.query) == [(1, "it's", 1.0), (None, "b", 2.5)]


def test_the_short_ones(world: World) -> None:
    assert world.translate("drop table if exists t") == Drop("table", T, if_exists=True)
    assert world.translate("drop view s.t") == Drop("view", T)
    assert world.translate("drop schema if exists c.x cascade") == Drop(
        "schema", TableName("c", "x", ""), if_exists=True, cascade=True
    )
    assert world.translate("create schema if not exists x") == CreateSchema("c", "x", if_not_exists=True)
    assert world.translate('alter table "c"."s"."t" rename to u') == Rename("table", T, TableName("c", "s", "u"))
    assert world.translate("alter view t rename to c.z.u") == Rename("view", T, TableName("c", "z", "u"))
    assert world.translate("comment on column c.s.t.\"A\" is 'it''s'") == Comment("column", T, "a", "it's")
    assert world.translate("comment on table t is null") == Comment("table", T, "", None)
    assert world.translate("alter table t add column z varchar comment 'c'") == AlterColumns(
        T, "add", ("z",), Field("z", parse_type("varchar"), comment="c")
    )
    assert world.translate("alter table t drop column if exists z") == AlterColumns(T, "drop", ("z",), if_exists=True)
    assert world.translate("alter table t rename column a to z") == AlterColumns(T, "rename", ("a",), to="z")
    changed = world.translate("alter table t alter column x set data type bigint")
    assert isinstance(changed, AlterColumns) and changed.field == Field("x", parse_type("bigint"))
    assert isinstance(world.translate("explain select * from t"), Explain)


def test_alter_table_reaches_into_rows_and_sets_properties(world: World) -> None:
    added = world.translate("alter table if exists t add column if not exists r.H integer")
    assert added == AlterColumns(
        T, "add", ("r", "h"), Field("h", parse_type("integer")), if_exists=True, table_if_exists=True
    )
    placed = world.translate("alter table t add column z integer after a")
    assert isinstance(placed, AlterColumns) and placed.after == "a" and not placed.first
    assert world.translate("alter table t alter column a drop not null") == AlterColumns(T, "nullable", ("a",))
    assert world.translate(
        "alter table t set properties partitioning = ARRAY['day(ts)'], sorted_by = DEFAULT, max_commit_retry = 7"
    ) == SetProperties(T, {"max_commit_retry": 7}, (PartitionField("ts", "day"),), ())
    assert world.translate("alter table t execute expire_snapshots('8d', retain_last => 2)") == Procedure(
        T,
        "expire_snapshots",
        {"retention_threshold": timedelta(days=8), "retain_last": 2, "clean_expired_metadata": False},
    )


def test_a_table_like_another_has_its_columns_and_on_demand_its_properties(world: World) -> None:
    made = world.translate("create table q (first boolean, like u including properties) with (format_version = 1)")
    assert isinstance(made, CreateTable)
    assert [field.name for field in made.fields] == ["first", "a", "k", "v"]
    assert made.properties == {"format": "PARQUET", "max_commit_retry": 3, "format_version": 1}
    plain = world.translate("create table q (like u)")
    assert isinstance(plain, CreateTable) and plain.properties == {}


def test_columns_are_kept_in_the_types_that_trino_keeps_them_in(world: World) -> None:
    made = world.translate("create table q (a char(3), b timestamp(9), c array(time(8)), d varchar(5))")
    assert isinstance(made, CreateTable)
    assert [str(field.type) for field in made.fields] == ["varchar", "timestamp(6)", "array(time(6))", "varchar(5)"]


def test_names_in_a_layout_count_as_trino_counts_them(world: World) -> None:
    made = world.translate(
        """create table q ("Two Words" int, "a""b" int, r row(x int)) with (partitioning =
        ARRAY['"two words"', 'BUCKET("a""b", 4)', '"r.x"'],
        sorted_by = ARRAY['"two words" desc', '"a""b" nulls last'])"""
    )
    assert isinstance(made, CreateTable)
    assert [part.column for part in made.partitioning] == ["two words", 'a"b', "r.x"]
    assert made.sorted_by == (SortField("two words", True, False), SortField('a"b', False, False))
    error = world.error("""create table q ("Two" int)\nwith (partitioning = ARRAY['"Two"'])""")
    assert (error.code, error.line, error.column) == ("invalid-table-property", 2, 7)


def test_a_view_is_its_query_where_it_was_made(world: World) -> None:
    made = world.translate("create or replace view v security definer as select a, x -- all\nfrom t where x > 10")
    assert isinstance(made, CreateView) and made.replace
    assert made.sql == "select a, x -- all\nfrom t where x > 10"
    world.views[TableName("c", "other", "v")] = ViewSchema(made.sql, "c", "s", made.fields)
    assert world.run("with t as (select 1 as a) select v.x from other.v, t order by 1") == [(20,), (30,)]
    scan = world.query("select x from other.v").scans[0]
    assert scan.columns == ("x",) and scan.predicates[0].column == "x"


def test_views_that_no_longer_hold(world: World) -> None:
    world.views[TableName("c", "s", "v")] = ViewSchema(
        "select a from t", "c", "s", (Field("a", parse_type("varchar")),)
    )
    error = world.error("select 1,\n(select max(a) from v)")
    assert (error.code, error.line) == ("view-is-stale", 2)
    world.views[TableName("c", "s", "v")] = ViewSchema("select nope from t", "c", "s")
    error = world.error("select * from v")
    assert (error.code, error.line, error.column) == ("invalid-view", 1, 15) and "Column 'nope'" in error.message
    world.views[TableName("c", "s", "v")] = ViewSchema("select * from w", "c", "s")
    world.views[TableName("c", "s", "w")] = ViewSchema("select * from v", "c", "s")
    assert world.error("select * from v").code == "view-is-recursive"
    assert world.error("create or replace view w as select * from v").code == "view-is-recursive"
    assert world.error("select * from v for version as of 1").code == "not-supported"


def test_a_views_columns_turn_into_the_types_it_was_made_with(world: World) -> None:
    wider = (Field("a", parse_type("varchar")), Field("n", parse_type("bigint")))
    world.views[TableName("c", "s", "v")] = ViewSchema("select 'abc' as a, 1 as n", "c", "s", wider)
    query = world.query("select a, n from v where n = 1")
    assert [str(field.type) for field in query.fields] == ["varchar", "bigint"] and world.execute(query) == [("abc", 1)]
    narrower = (Field("a", parse_type("varchar(2)")), Field("n", parse_type("bigint")))
    world.views[TableName("c", "s", "v")] = ViewSchema("select 'abc' as a, 1 as n", "c", "s", narrower)
    assert world.error("select * from v").code == "view-is-stale"


def test_a_table_is_known_by_its_name_as_it_is_written(world: World) -> None:
    assert world.query("select s.t.a from s.t").fields[0].name == "a"
    assert world.query("select (t).a from c.s.t").fields[0].name == "a"
    assert world.error("select s.t.a from t").code == "column-not-found"
    assert world.error("select c.s.t.* from s.t").code == "table-not-found"


def test_earlier_results_are_tables_by_name(world: World) -> None:
    world.result("Late_Flights", "select 1 as a, 'q' as b")
    query = world.query("select l.b from late_flights l join t using (a)")
    assert query.results == ("Late_Flights",) and world.execute(query) == [("q",)]
    assert world.run("with late_flights as (select 2 as z) select z from late_flights") == [(2,)]
    assert world.query("select 1").results == ()


def test_only_needed_columns_are_scanned(world: World) -> None:
    def columns(text: str) -> list[tuple[str, ...]]:
        return [scan.columns for scan in world.query(text).scans]

    assert columns("select count(*) from (select * from t)") == [()]
    assert columns("select a from (select t.*, x + 1 as y from t) where b = 'x'") == [("a", "b")]
    assert columns("with q as (select * from t) select q1.a from q q1 join q q2 on q1.x = q2.a") == [("a", "x")]
    assert columns("with unused as (select * from t) select 1") == []
    assert columns("select k from u where exists (select * from t where t.a = u.a)") == [("a", "k"), ("a",)]
    assert columns("select a from t union all select a from u") == [("a",), ("a",)]
    assert columns("select a from (select a, x from t union all select a, 1 from u)") == [("a",), ("a",)]
    assert columns("select a from (select distinct a, x from t)") == [("a", "x")]
    assert columns("select s from (select a, sum(x) s, max(b) m from t group by a)") == [("a", "x")]
    assert columns("select t.a from t cross join unnest(arr) as e(v)") == [("a", "arr")]
    assert columns("select t.a from t, lateral (select t.x + 1 as y) l where y > 1") == [("a", "x")]


def test_predicates_are_surely_implied(world: World) -> None:
    def found(text: str) -> list[tuple[str, str, object]]:
        return [(each.column, each.op, each.value) for scan in world.query(text).scans for each in scan.predicates]

    assert found("select 1 from t where x >= 3 and 5 > x and b = 'x'") == [
        ("x", ">=", 3),
        ("x", "<", 5),
        ("b", "=", "x"),
    ]
    assert found("select 1 from t where x between -1 and 2 and b in ('x', 'y')") == [
        ("x", ">=", -1),
        ("x", "<=", 2),
        ("b", "in", ("x", "y")),
    ]
    assert found("select 1 from t where b is null and a is not null") == [
        ("b", "is-null", None),
        ("a", "not-null", None),
    ]
    assert found("select 1 from t where x = 1 or b = 'x'") == []
    assert found("select 1 from t where not x = 1") == []
    assert found("select 1 from t where x > 1.5 and d > 1 and x + 1 > 2") == []
    assert found("select 1 from t left join u on t.a = u.a and u.a = 3 where t.x = 1") == [("x", "=", 1)]
    assert found("select 1 from t where x = null") == []


def test_show_and_describe(world: World) -> None:
    described = world.query("describe t")
    assert [field.name for field in described.fields] == ["Column", "Type", "Extra", "Comment"]
    assert world.execute(described)[3] == ("n", "decimal(10,2)", "", "")
    assert world.run("show columns from s.t like 'a%'") == [("a", "bigint", "", ""), ("arr", "array(integer)", "", "")]
    world.views[TableName("c", "s", "v")] = ViewSchema("select 1 as a", "c", "s")
    assert world.run("show create view v") == [("CREATE VIEW c.s.v SECURITY DEFINER AS\nselect 1 as a",)]
    assert world.run("show create schema s") == [("CREATE SCHEMA c.s\nWITH (\n   location = 'file:///lake/s'\n)",)]
    assert world.run("show functions from c.s") == []
    assert world.error("show tables", namespace="").code == "missing-schema-name"
    assert world.run("show create table u") == [
        (
            "CREATE TABLE c.s.u (\n   a integer,\n   k varchar,\n   v double\n)\nCOMMENT 'a table'\n"
            "WITH (\n   format = 'PARQUET',\n   max_commit_retry = 3\n)",
        )
    ]


def test_show_reads_the_information_schema() -> None:
    class Catalogs(World):
        def relation(self, table, pin, metadata):  # type: ignore[no-untyped-def]
            from olo_jupyter.lakehouse.sql.statement import TableSchema

            self.asked.append((table, pin, metadata))
            names = {"tables": ("table_schema", "table_name"), "schemata": ("schema_name",)}
            return TableSchema(
                tuple(Field(name, parse_type("varchar")) for name in names.get(table.table, ("catalog_name",)))
            )

    world = Catalogs()
    tables = world.query("show tables from c.s like 'a%'")
    assert tables.scans[0].table == TableName("c", "information_schema", "tables")
    assert tables.scans[0].predicates[0].value == "s" and tables.fields[0].name == "Table"
    schemas = world.query("show schemas from other")
    assert schemas.scans[0].table == TableName("other", "information_schema", "schemata")
    assert isinstance(world.translate("show catalogs"), Query)
    assert world.query("show catalogs").scans[0].table == TableName("system", "metadata", "catalogs")


def test_renamed_columns_are_scanned_by_their_own_names(world: World) -> None:
    query = world.query("select z from u as v (x, y, z) where y = 'x' and x = 1")
    assert query.scans[0].columns == ("a", "k", "v") and world.execute(query) == [(1.0,)]
    assert [(each.column, each.value) for each in query.scans[0].predicates] == [("k", "x"), ("a", 1)]
    assert world.run("select k from u as v (k, a, x) where a = 'z'") == [(2,)]
    assert world.query("select x from (u join (select 1 as q) on a = q) as w (x, y, z, q)").scans[0].columns == ("a",)

"""Writes and DDL straight on a SQLite catalog: one commit each, history kept, nothing visible after a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse import alter, ddl, insert, views, write
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.columns import fields_of
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import (
    AlterColumns,
    Comment,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Field,
    Insert,
    PartitionField,
    Query,
    Rename,
    Scan,
    SortField,
)
from olo_jupyter.lakehouse.sql.types import parse_type

NAME = TableName("dev", "gold", "t")
NO_QUERY = Query("", ())


def fields(**types: str) -> tuple[Field, ...]:
    return tuple(Field(name, parse_type(type_)) for name, type_ in types.items())


@pytest.fixture
def catalogs(tmp_path: Path) -> Iterator[Catalogs]:
    properties = {"uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": f"file://{tmp_path}/warehouse"}
    settings = Settings(
        root=tmp_path, user="ana", state=tmp_path / "state", catalogs={"dev": CatalogSettings(properties=properties)}
    )
    opened = Catalogs(settings)
    ddl.create_schema(opened, CreateSchema("dev", "gold"))
    yield opened
    opened.close()


def make(catalogs: Catalogs, data: pa.Table, **more: object) -> write.Written:
    statement = CreateTable(NAME, fields_of(data.schema), query=NO_QUERY, **more)  # type: ignore[arg-type]
    return write.create_table(catalogs, statement, data.to_reader)


def rows(catalogs: Catalogs, snapshot: int | None = None) -> list[dict[str, object]]:
    found = catalogs.load(NAME).scan(snapshot_id=snapshot).to_arrow().to_pylist()
    return sorted(found, key=repr)


def files(tmp_path: Path) -> set[Path]:
    return set((tmp_path / "warehouse").rglob("*.parquet"))


def test_create_table_as_is_one_snapshot_with_trino_types(catalogs: Catalogs) -> None:
    statement = CreateTable(
        NAME,
        (
            *fields(a="varchar(3)", b="smallint", c="decimal(10,2)", d="timestamp(3)", e="timestamp(3) with time zone"),
            Field("f", parse_type("array(row(x integer))"), nullable=False),
        ),
        query=NO_QUERY,
        comment="what it is",
    )
    schema = pa.schema(
        {
            "a": pa.string(),
            "b": pa.int16(),
            "c": pa.decimal128(10, 2),
            "d": pa.timestamp("us"),
            "e": pa.timestamp("us", "UTC"),
            "f": pa.list_(pa.struct({"x": pa.int32()})),
        }
    )
    data = pa.table(
        {"a": ["x"], "b": [1], "c": [None], "d": [None], "e": [None], "f": [[{"x": 1}, None]]}, schema=schema
    )
    written = write.create_table(catalogs, statement, data.to_reader)
    table = catalogs.load(NAME)
    assert [str(field.field_type) for field in table.schema().fields] == [
        "string",
        "int",
        "decimal(10, 2)",
        "timestamp",
        "timestamptz",
        "list<struct<8: x: optional int>>",
    ]
    assert all(field.optional for field in table.schema().fields)  # as Trino's CTAS
    assert table.properties["comment"] == "what it is"
    assert [snapshot.snapshot_id for snapshot in table.snapshots()] == [written.snapshot_id]
    assert written.rows == 1
    assert rows(catalogs)[0]["f"] == [{"x": 1}, None]


def test_create_onto_an_existing_table_computes_nothing_and_changes_nothing(catalogs: Catalogs) -> None:
    first = make(catalogs, pa.table({"n": [1]}))

    def never() -> pa.RecordBatchReader:
        raise AssertionError("the query ran")

    statement = CreateTable(NAME, fields(n="bigint"), query=NO_QUERY)
    with pytest.raises(QueryError) as caught:
        write.create_table(catalogs, statement, never)
    assert caught.value.code == "table-already-exists"
    skipped = write.create_table(catalogs, CreateTable(NAME, fields(n="bigint"), NO_QUERY, exists="ignore"), never)
    assert (skipped.rows, skipped.snapshot_id) == (0, first.snapshot_id)
    assert rows(catalogs) == [{"n": 1}]


def test_replace_is_one_snapshot_and_keeps_the_old_ones_readable(catalogs: Catalogs) -> None:
    first = make(catalogs, pa.table({"n": [1, 2], "s": ["a", "b"], "gone": [1.5, 2.5]}))
    second = make(catalogs, pa.table({"s": [7], "n": [3], "new": ["x"]}), exists="replace")
    table = catalogs.load(NAME)
    assert [s.snapshot_id for s in table.snapshots()] == [first.snapshot_id, second.snapshot_id]
    assert table.current_snapshot().parent_snapshot_id == first.snapshot_id  # type: ignore[union-attr]
    assert rows(catalogs) == [{"s": 7, "n": 3, "new": "x"}]
    assert rows(catalogs, first.snapshot_id) == [{"n": 1, "s": "a", "gone": 1.5}, {"n": 2, "s": "b", "gone": 2.5}]
    ids = {field.name: field.field_id for field in table.schema().fields}
    assert ids["n"] == 1  # same name and type: same column
    assert ids["s"] not in (1, 2, 3)  # same name, other type: another column
    summary = table.current_snapshot().summary  # type: ignore[union-attr]
    assert summary is not None
    assert (summary["total-records"], summary["deleted-records"], summary["added-records"]) == ("1", "2", "1")


def test_replace_with_another_partitioning_keeps_history(catalogs: Catalogs) -> None:
    days = pa.table({"day": pa.array([1, 40, 40], pa.date32()), "n": [1, 2, 3]})
    first = make(catalogs, days, partitioning=(PartitionField("day", "month"),))
    assert len(list(catalogs.load(NAME).scan().plan_files())) == 2
    second = make(catalogs, pa.table({"k": ["a", "b", None], "n": [1, 2, 3]}), exists="replace",
                  partitioning=(PartitionField("k", "identity"), PartitionField("n", "bucket[2]")))  # fmt: skip
    third = make(catalogs, days, exists="replace", partitioning=(PartitionField("day", "month"),))
    assert len(rows(catalogs, first.snapshot_id)) == 3
    assert {row["k"] for row in rows(catalogs, second.snapshot_id)} == {None, "a", "b"}
    assert sorted(row["n"] for row in rows(catalogs, third.snapshot_id)) == [1, 2, 3]
    table = catalogs.load(NAME)
    assert len(table.scan(row_filter="n = 2").to_arrow()) == 1
    manifests = table.current_snapshot().manifests(table.io)  # type: ignore[union-attr]
    entries = [
        entry for manifest in manifests for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False)
    ]
    assert sorted(entry.status.name for entry in entries) == ["ADDED"] * 2 + ["DELETED"] * 3  # what left is on record


def test_replace_by_the_same_definition_adds_no_schema(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    make(catalogs, pa.table({"n": [2]}), exists="replace")
    table = catalogs.load(NAME)
    assert len(table.schemas()) == 1
    assert len(table.specs()) == 1
    assert rows(catalogs) == [{"n": 2}]


def test_a_write_that_fails_leaves_the_table_and_no_files(catalogs: Catalogs, tmp_path: Path) -> None:
    first = make(catalogs, pa.table({"n": [1]}))
    before = files(tmp_path)
    schema = pa.schema({"n": pa.int64()})

    def broken() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.record_batch({"n": list(range(1000))}, schema=schema)
            raise QueryError("Division by zero", code="division-by-zero")

        return pa.RecordBatchReader.from_batches(schema, batches())

    small = {"extra_properties": {"write.target-file-size-bytes": "10"}}
    for run in (
        lambda: write.create_table(
            catalogs, CreateTable(NAME, fields(n="bigint"), NO_QUERY, "replace", properties=small), broken
        ),
        lambda: insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), broken),
    ):
        with pytest.raises(QueryError, match="Division by zero"):
            run()
    table = catalogs.load(NAME)
    assert [s.snapshot_id for s in table.snapshots()] == [first.snapshot_id]
    assert "write.target-file-size-bytes" not in table.properties
    assert files(tmp_path) == before


def test_insert_appends_by_position_fills_null_and_respects_not_null(catalogs: Catalogs) -> None:
    definition = (Field("n", parse_type("integer"), nullable=False), *fields(s="varchar"))
    created = write.create_table(catalogs, CreateTable(NAME, definition))
    assert created.snapshot_id is not None  # an empty table can be pinned
    data = pa.table({"whatever": pa.array([1, 2], pa.int32())})
    written = insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), data.to_reader)
    assert written.rows == 2
    assert rows(catalogs) == [{"n": 1, "s": None}, {"n": 2, "s": None}]
    for columns, values in ((("s",), {"s": ["x"]}), (("n",), {"n": pa.array([None], pa.int32())})):
        with pytest.raises(QueryError) as caught:
            insert.insert(catalogs, Insert(NAME, columns, NO_QUERY), pa.table(values).to_reader)
        assert caught.value.code == "constraint-violation"
    assert len(rows(catalogs)) == 2
    nothing = insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), data.slice(0, 0).to_reader)
    assert (nothing.rows, nothing.snapshot_id) == (0, written.snapshot_id)


def test_insert_that_reads_its_own_table_is_evaluated_again_after_a_conflict(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    calls = []

    def doubled() -> pa.RecordBatchReader:
        seen = catalogs.load(NAME).scan().to_arrow()
        calls.append(seen.num_rows)
        if len(calls) == 1:  # somebody else is faster
            insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), pa.table({"n": [2]}).to_reader)
        return seen.to_reader()

    query = Query("", (), scans=(Scan("s", NAME, None, None, ("n",)),))
    insert.insert(catalogs, Insert(NAME, ("n",), query), doubled)
    assert calls == [1, 2]
    assert [row["n"] for row in rows(catalogs)] == [1, 1, 2, 2]


def test_twenty_writers_lose_nothing(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [-1]}))
    errors: list[BaseException] = []

    def append(number: int) -> None:
        try:
            insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), pa.table({"n": [number]}).to_reader)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread
            errors.append(error)

    threads = [threading.Thread(target=append, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(row["n"] for row in rows(catalogs)) == list(range(-1, 20))


def test_frames(catalogs: Catalogs) -> None:
    at = pa.array([1_000_000_000], pa.timestamp("ns"))
    insert.write_frame(catalogs, NAME, pa.table({"at": at, "c": pa.array(["x"]).dictionary_encode()}))
    assert rows(catalogs)[0]["c"] == "x"
    insert.write_frame(catalogs, NAME, pa.table({"c": ["y"]}), "append")
    assert len(rows(catalogs)) == 2
    with pytest.raises(QueryError) as caught:
        insert.write_frame(catalogs, NAME, pa.table({"c": ["y"]}), "create")
    assert caught.value.code == "table-already-exists"
    with pytest.raises(QueryError) as caught:
        insert.write_frame(catalogs, NAME, pa.table({"d": ["y"]}), "append")
    assert caught.value.code == "column-not-found"
    insert.write_frame(catalogs, NAME, pa.table({"Some Name": [1]}))  # names keep their case, SQL finds them in any
    insert.insert(catalogs, Insert(NAME, ("some name",), NO_QUERY), pa.table({"x": [2]}).to_reader)
    assert rows(catalogs) == [{"Some Name": 1}, {"Some Name": 2}]
    lossy = pa.table({"at": pa.array([1], pa.timestamp("ns"))})
    with pytest.raises(QueryError) as caught:
        insert.write_frame(catalogs, NAME, lossy)
    assert caught.value.code == "type-mismatch"
    with pytest.raises(Unsupported, match="type null"):
        insert.write_frame(catalogs, NAME, pa.table({"a": pa.nulls(1)}))
    assert len(rows(catalogs)) == 2


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (CreateTable(NAME, fields(a="char(3)")), "unsupported"),
        (CreateTable(NAME, fields(a="timestamp(9)")), "unsupported"),
        (CreateTable(NAME, fields(a="row(integer)")), "unsupported"),
        (CreateTable(NAME, fields(a="integer", A="integer")), "duplicate-column-name"),
        (CreateTable(NAME, (Field("", parse_type("integer")),)), "missing-column-name"),
        (CreateTable(NAME, fields(a="integer"), sorted_by=(SortField("b"),)), "column-not-found"),
        (
            CreateTable(NAME, fields(a="integer"), partitioning=(PartitionField("b", "identity"),)),
            "invalid-table-property",
        ),
        (
            CreateTable(NAME, fields(a="integer"), partitioning=(PartitionField("a", "month"),)),
            "invalid-table-property",
        ),
        (CreateTable(TableName("dev", "golf", "t"), fields(a="integer")), "schema-not-found"),
        (CreateTable(TableName("dex", "gold", "t"), fields(a="integer")), "catalog-not-found"),
    ],
)
def test_what_cant_be_written_is_refused_and_nothing_is_made(
    catalogs: Catalogs, statement: CreateTable, code: str
) -> None:
    with pytest.raises(QueryError) as caught:
        write.create_table(catalogs, statement)
    assert caught.value.code == code
    assert catalogs.tables("dev", "gold") == ()


def test_version_3_tables_are_not_written(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    path = Path(catalogs.load(NAME).metadata_location.removeprefix("file://"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format-version": 3, "next-row-id": 1}))
    with pytest.raises(Unsupported, match="format version 3"):
        insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), pa.table({"n": [2]}).to_reader)


def test_a_locked_database_is_a_clear_error(tmp_path: Path) -> None:
    import sqlite3

    uri = f"sqlite:///{tmp_path}/catalog.db?timeout=0.1"
    properties = {"uri": uri, "warehouse": f"file://{tmp_path}/warehouse"}
    settings = Settings(
        root=tmp_path, user="ana", state=tmp_path, catalogs={"dev": CatalogSettings(properties=properties)}
    )
    catalogs = Catalogs(settings)
    ddl.create_schema(catalogs, CreateSchema("dev", "gold"))
    make(catalogs, pa.table({"n": [1]}))
    holder = sqlite3.connect(tmp_path / "catalog.db")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(QueryError) as caught:
        insert.insert(catalogs, Insert(NAME, ("n",), NO_QUERY), pa.table({"n": [2]}).to_reader)
    assert caught.value.code == "catalog-locked"
    assert len(files(tmp_path)) == 1
    holder.rollback()
    holder.close()
    assert rows(catalogs) == [{"n": 1}]
    catalogs.close()


def test_columns_are_added_renamed_widened_and_dropped_without_touching_rows(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": pa.array([1], pa.int32()), "s": ["x"]}))
    bigint = fields(n="bigint")[0]
    alter.alter_columns(catalogs, AlterColumns(NAME, "add", ("more",), field=fields(more="varchar(5)")[0]))
    alter.alter_columns(catalogs, AlterColumns(NAME, "type", ("n",), field=bigint))
    alter.alter_columns(catalogs, AlterColumns(NAME, "rename", ("n",), to="number"))
    alter.alter_columns(catalogs, AlterColumns(NAME, "drop", ("s",)))
    alter.alter_columns(catalogs, AlterColumns(NAME, "drop", ("s",), if_exists=True))
    assert rows(catalogs) == [{"number": 1, "more": None}]
    nested = fields(deep="row(a integer, b array(row(c varchar)))")[0]
    alter.alter_columns(catalogs, AlterColumns(NAME, "add", ("deep",), field=nested))
    ids = set(catalogs.load(NAME).schema()._lazy_id_to_field)
    assert len(ids) == 7  # none of the nested parts took the id of an old column
    insert.insert(catalogs, Insert(NAME, ("number",), NO_QUERY), pa.table({"n": [2]}).to_reader)
    assert [row["number"] for row in rows(catalogs)] == [1, 2]
    with pytest.raises(QueryError) as caught:
        alter.alter_columns(catalogs, AlterColumns(NAME, "rename", ("more",), to="number"))
    assert caught.value.code == "column-already-exists"
    with pytest.raises(QueryError) as caught:
        alter.alter_columns(catalogs, AlterColumns(NAME, "drop", ("s",)))
    assert caught.value.code == "column-not-found"
    with pytest.raises(QueryError, match="Cannot change column type"):
        alter.alter_columns(catalogs, AlterColumns(NAME, "type", ("number",), field=fields(number="integer")[0]))


def test_comments(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    ddl.comment(catalogs, Comment("table", NAME, "", "a table"))
    ddl.comment(catalogs, Comment("column", NAME, "n", "a number"))
    table = catalogs.load(NAME)
    assert (table.properties["comment"], table.schema().find_field("n").doc) == ("a table", "a number")
    ddl.comment(catalogs, Comment("table", NAME, "", None))
    ddl.comment(catalogs, Comment("column", NAME, "n", None))
    table = catalogs.load(NAME)
    assert "comment" not in table.properties and table.schema().find_field("n").doc is None


def test_rename_and_drop(catalogs: Catalogs, tmp_path: Path) -> None:
    first = make(catalogs, pa.table({"n": [1]}))
    to = TableName("dev", "gold", "u")
    ddl.rename(catalogs, Rename("table", NAME, to))
    again = make(catalogs, pa.table({"n": [2]}))
    with pytest.raises(QueryError) as caught:
        ddl.rename(catalogs, Rename("table", to, NAME))
    assert caught.value.code == "table-already-exists"
    ddl.drop(catalogs, Drop("table", NAME))
    assert again.snapshot_id != first.snapshot_id
    assert catalogs.load(to).scan().to_arrow().to_pylist() == [{"n": 1}]  # files of the renamed table are its own
    with pytest.raises(QueryError) as caught:
        ddl.drop(catalogs, Drop("table", NAME))
    assert caught.value.code == "table-not-found"
    ddl.drop(catalogs, Drop("table", NAME, if_exists=True))
    with pytest.raises(QueryError) as caught:
        ddl.drop(catalogs, Drop("schema", TableName("dev", "gold", "")))
    assert caught.value.code == "schema-not-empty"
    ddl.drop(catalogs, Drop("schema", TableName("dev", "gold", ""), cascade=True))
    assert catalogs.namespaces("dev") == ()
    assert files(tmp_path) == set()


def test_a_table_whose_metadata_is_gone_can_be_dropped(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    Path(catalogs.load(NAME).metadata_location.removeprefix("file://")).unlink()
    ddl.drop(catalogs, Drop("table", NAME))
    assert catalogs.tables("dev", "gold") == ()


def view(name: TableName = NAME, sql: str = "SELECT 1 AS n", **more: object) -> CreateView:
    return CreateView(name, sql, fields(n="smallint", s="varchar(3)"), **more)  # type: ignore[arg-type]


def test_views_are_kept_replaced_renamed_listed_and_dropped(catalogs: Catalogs) -> None:
    views.create_view(catalogs, view(), "dev", "silver")
    found = views.find_view(catalogs, NAME)
    assert found is not None
    assert (found.sql, found.catalog, found.namespace) == ("SELECT 1 AS n", "dev", "silver")
    assert [str(field.type) for field in found.fields] == ["smallint", "varchar(3)"]
    with pytest.raises(QueryError) as caught:
        views.create_view(catalogs, view(sql="SELECT 2 AS n"), "dev", "")
    assert caught.value.code == "table-already-exists"
    views.create_view(catalogs, view(sql="SELECT 2 AS n", replace=True), "dev", "")
    ddl.comment(catalogs, Comment("view", NAME, "", "a view"))
    ddl.comment(catalogs, Comment("column", NAME, "n", "a number"))
    to = TableName("dev", "gold", "w")
    ddl.rename(catalogs, Rename("view", NAME, to))
    assert views.list_views(catalogs, "dev", "gold") == ("w",)
    again = views.find_view(catalogs, to)
    assert again is not None
    assert (again.sql, again.fields[0].comment, views.view_comment(catalogs, to)) == (
        "SELECT 2 AS n",
        "a number",
        "a view",
    )
    assert catalogs.tables("dev", "gold") == ()
    ddl.drop(catalogs, Drop("view", to))
    assert views.find_view(catalogs, to) is None
    with pytest.raises(QueryError):
        ddl.drop(catalogs, Drop("view", to))


def test_tables_and_views_share_their_names(catalogs: Catalogs) -> None:
    make(catalogs, pa.table({"n": [1]}))
    other = TableName("dev", "gold", "v")
    with pytest.raises(QueryError) as caught:
        views.create_view(catalogs, view(replace=True), "dev", "gold")
    assert caught.value.code == "table-already-exists"
    views.create_view(catalogs, view(other), "dev", "gold")
    for run in (
        lambda: write.create_table(catalogs, CreateTable(other, fields(n="integer"), exists="replace")),
        lambda: insert.insert(catalogs, Insert(other, ("n",), NO_QUERY), pa.table({"n": [1]}).to_reader),
        lambda: ddl.rename(catalogs, Rename("table", NAME, other)),
        lambda: ddl.rename(catalogs, Rename("view", other, NAME)),
    ):
        with pytest.raises(QueryError) as caught:
            run()
        assert caught.value.code == "table-already-exists"
    assert rows(catalogs) == [{"n": 1}]
    with pytest.raises(QueryError, match="a view with that name exists"):
        ddl.drop(catalogs, Drop("table", other))

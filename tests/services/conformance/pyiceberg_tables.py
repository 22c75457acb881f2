"""Tables that PyIceberg writes, and delete files by key, which no engine here writes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyiceberg import types as iceberg
from pyiceberg.manifest import DataFileContent
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform, IdentityTransform, TruncateTransform
from pyiceberg.typedef import Record
from pyiceberg.types import NestedField

from tests.delete_files import commit_deletes, keyed
from tests.services.conformance.lake import SCHEMA, Case, Lake
from tests.services.trino import CATALOG

EQUALITY = DataFileContent.EQUALITY_DELETES


def _case(name: str, about: str) -> Callable[[Callable[[Lake, str], None]], Case]:
    def made(build: Callable[[Lake, str], None]) -> Case:
        case = Case(name, "PyIceberg", about, lambda lake: build(lake, name))
        CASES.append(case)
        return case

    return made


CASES: list[Case] = []


def _create(lake: Lake, name: str, schema: Schema | pa.Schema, spec: PartitionSpec | None = None, **more: str) -> Table:
    return lake.session.catalogs.catalog(CATALOG).create_table(
        (SCHEMA, name), schema, partition_spec=spec or UNPARTITIONED_PARTITION_SPEC, properties=more
    )


def _append(table: Table, *rows: dict[str, Any]) -> None:
    table.append(pa.Table.from_pylist(list(rows), schema=table.schema().as_arrow()))


def _types(lake: Lake, name: str, version: str) -> None:
    kinds = [
        iceberg.BooleanType(), iceberg.IntegerType(), iceberg.LongType(), iceberg.FloatType(), iceberg.DoubleType(),
        iceberg.DecimalType(9, 2), iceberg.DecimalType(18, 4), iceberg.DecimalType(38, 10), iceberg.DateType(),
        iceberg.TimeType(), iceberg.TimestampType(), iceberg.TimestamptzType(), iceberg.StringType(),
        iceberg.UUIDType(), iceberg.FixedType(4), iceberg.BinaryType(),
        iceberg.ListType(100, iceberg.FixedType(2), element_required=False),
        iceberg.MapType(101, iceberg.DateType(), 102, iceberg.FixedType(2), value_required=False),
        iceberg.StructType(NestedField(103, "t", iceberg.TimeType(), required=False),
                           NestedField(104, "z", iceberg.TimestamptzType(), required=False)),
    ]  # fmt: skip
    schema = Schema(*(NestedField(at, f"c{at}", kind, required=False) for at, kind in enumerate(kinds, 1)))
    table = _create(lake, name, schema, **{"format-version": version})
    moment = dt.datetime(1969, 12, 31, 23, 59, 59, 999999)
    values = [
        True, -(2**31), 2**63 - 1, 1.5, float("-inf"), Decimal("-1234567.89"), Decimal("0.0001"),
        Decimal("-" + "9" * 28 + "." + "9" * 10), dt.date(1, 1, 1), dt.time(23, 59, 59, 999999), moment,
        moment.replace(tzinfo=dt.UTC), "naïve 🦆", uuid.UUID(int=5).bytes, b"\0\1\2\3", b"",
        [b"\1\2", None], [(dt.date(2024, 2, 29), b"\xff\0")],
        {"t": dt.time(1, 2, 3), "z": moment.replace(tzinfo=dt.UTC)},
    ]  # fmt: skip
    names = [field.name for field in table.schema().fields]
    _append(table, dict(zip(names, values, strict=True)), dict.fromkeys(names))


for _version in ("1", "2"):
    _case(f"pyiceberg_types_v{_version}", f"every type of Iceberg, format version {_version}")(
        lambda lake, name, version=_version: _types(lake, name, version)  # type: ignore[misc]
    )


@_case("pyiceberg_evolved", "columns and fields of structs, lists and maps changed; a branch with columns of its time")
def _evolved(lake: Lake, name: str) -> None:
    row = pa.struct([("p", pa.int32()), ("q", pa.string())])
    fields = [
        ("id", pa.int64()),
        ("s", row),
        ("l", pa.list_(row)),
        ("m", pa.map_(pa.string(), row)),
        ("f", pa.float32()),
    ]
    table = _create(lake, name, pa.schema(fields))
    _append(
        table, {"id": 1, "s": {"p": 1, "q": "x"}, "l": [{"p": 1, "q": "x"}, None], "m": [("k", {"p": 1, "q": "x"})]}
    )
    _append(table, {"id": 2, "f": 0.2}, {"id": 3, "l": [], "m": [], "s": {"p": None, "q": None}, "f": float("nan")})
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_branch(snapshot.snapshot_id, "old").commit()
    with table.update_schema() as update:
        for path in (("s",), ("l", "element"), ("m", "value")):
            update.rename_column((*path, "p"), "r")
            update.add_column(
                (*path, "deep"), iceberg.StructType(NestedField(1, "u", iceberg.LongType(), required=False))
            )
            update.delete_column((*path, "q"))
        update.update_column("f", iceberg.DoubleType())
        update.rename_column("id", "key")
    with table.update_schema() as update:
        for path in (("s",), ("l", "element"), ("m", "value")):
            update.add_column((*path, "q"), iceberg.LongType())
            update.update_column((*path, "r"), iceberg.LongType())
            update.move_first((*path, "q"))
        update.move_first("f")
    deep = {"q": 4, "r": 5_000_000_000, "deep": {"u": 1}}
    _append(table, {"key": 4, "s": deep, "l": [deep, None], "m": [("k", deep)], "f": 0.1})


@_case("pyiceberg_partitions", "partitioning by all kinds of columns, changed, and the column renamed and dropped")
def _partitions(lake: Lake, name: str) -> None:
    table = _create(lake, name, pa.schema([("id", pa.int64()), ("k", pa.string()), ("n", pa.decimal128(9, 2))]))
    _append(table, {"id": 1, "k": "a", "n": Decimal("1.50")}, {"id": 2})
    with table.update_spec() as update:
        update.add_field("k", IdentityTransform(), "k")
    _append(table, {"id": 3, "k": "a", "n": Decimal("-1.50")}, {"id": 4, "k": "é/ ="})
    with table.update_spec() as update:
        update.add_field("id", BucketTransform(4), "id_bucket")
        update.add_field("n", TruncateTransform(10), "n_ten")
    _append(table, {"id": 5, "k": "b", "n": Decimal("99.99")}, {"id": 6, "k": None, "n": Decimal("-0.01")})
    with table.update_schema() as update:
        update.rename_column("n", "amount")
    with table.update_spec() as update:
        update.remove_field("k")
    _append(table, {"id": 7, "k": "c", "amount": Decimal("7.00")})
    table.delete("id = 3")
    table.overwrite(pa.Table.from_pylist([{"id": 8, "k": "z"}], schema=table.schema().as_arrow()), "k = 'a'")


@_case("keys_whole_table", "deleted by key: older rows only, NULL equals NULL, the key's column dropped later")
def _keys(lake: Lake, name: str) -> None:
    table = _create(lake, name, pa.schema([("a", pa.int64()), ("b", pa.string())]))
    _append(table, {"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": None, "b": "z"})
    commit_deletes(table, keyed(pa.table({"a": [2, None]}), a=1), EQUALITY, lake.folder, [1])
    _append(table, {"a": 2, "b": "again"}, {"a": None, "b": "again"})
    _append(table, {"a": 3, "b": "x"})
    commit_deletes(table, keyed(pa.table({"a": [1, 3], "b": ["x", "other"]}), a=1, b=2), EQUALITY, lake.folder, [1, 2])
    commit_deletes(table, keyed(pa.table({"b": ["again"]}), b=2), EQUALITY, lake.folder, [2])
    _append(table, {"a": 1, "b": "x"})
    with table.update_schema() as update:
        update.rename_column("b", "c")
    commit_deletes(table, keyed(pa.table({"a": [3]}), a=1), EQUALITY, lake.folder, [1])
    _append(table, {"a": 9, "c": "last"})


@_case("keys_with_more_columns", "delete files by key that hold other columns too, with statistics that mislead")
def _wide_keys(lake: Lake, name: str) -> None:
    table = _create(lake, name, pa.schema([("a", pa.int64()), ("b", pa.string()), ("d", pa.date32())]))
    _append(table, *({"a": n, "b": f"b{n}", "d": dt.date(2024, 1, 1 + n)} for n in range(6)))
    rows = pa.table({"a": [1, 4], "b": ["unlike", "unlike"]})
    commit_deletes(table, keyed(rows, a=1, b=2), EQUALITY, lake.folder, [1])
    commit_deletes(table, keyed(pa.table({"d": [dt.date(2024, 1, 1)]}), d=3), EQUALITY, lake.folder, [3])


@_case("keys_in_partitions", "deleted by key in one partition only, beside position deletes and a changed partitioning")
def _partitioned_keys(lake: Lake, name: str) -> None:
    schema = Schema(
        NestedField(1, "id", iceberg.LongType(), required=False),
        NestedField(2, "k", iceberg.StringType(), required=False),
    )
    table = _create(lake, name, schema, PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "k")))
    _append(table, *({"id": n, "k": k} for n in range(3) for k in ("x", "y")))
    commit_deletes(table, keyed(pa.table({"id": [1]}), id=1), EQUALITY, lake.folder, [1], Record("x"))
    _append(table, {"id": 1, "k": "x"})
    first = next(task.file for task in table.scan("k = 'y'").plan_files())
    positions = pa.table({"file_path": [first.file_path], "pos": pa.array([0], pa.int64())})
    positions_kind = DataFileContent.POSITION_DELETES
    positions = keyed(positions, file_path=2147483546, pos=2147483545)
    commit_deletes(table, positions, positions_kind, lake.folder, partition=first.partition)
    with table.update_spec() as update:
        update.remove_field("k")
    spec = table.spec().spec_id
    _append(table, {"id": 2, "k": "x"}, {"id": 3, "k": "y"})
    # By the new partitioning, which is none: it holds for all partitions, and what was written before it.
    commit_deletes(table, keyed(pa.table({"id": [2]}), id=1), EQUALITY, lake.folder, [1], spec_id=spec)
    _append(table, {"id": 2, "k": "y"})

"""The verdict on each read: what the embedded engine gives against what Trino and Spark give."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyiceberg.table.refs import SnapshotRefType
from pyiceberg.types import NestedField

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type
from tests.parity.judge import DIFFERENT, EQUAL, REFUSED, judge_query, run
from tests.parity.record import ask_query
from tests.parity.values import from_arrow, same_rows
from tests.services.conformance.lake import SCHEMA, Case, Lake
from tests.services.spark import SparkAnswer, SparkError
from tests.services.trino import CATALOG

NOT_READ = "not read there"
"""The other engine can't read the table at that pin, or fails."""
METADATA = (
    *("snapshots", "history", "refs", "files", "manifests", "partitions", "properties"),
    *("all_manifests", "entries", "all_entries", "metadata_log_entries"),
)


@dataclass(frozen=True)
class Read:
    """One read, compared: with which engine, at which pin, which query, and how it went."""

    case: str
    engine: str
    what: str
    verdict: str
    why: str = ""


def judged(lake: Lake, case: Case, columns: int | None = None) -> list[Read]:
    """Every snapshot and ref of the table; at its head each column alone, filters that prune, the metadata tables.

    Args:
        columns: Look at so many columns alone, the last ones; None: at all.
    """
    return [*_whole_reads(lake, case), *_partial_reads(lake, case, columns), *_metadata_reads(lake, case)]


def through_spark(lake: Lake, case: Case) -> list[Read]:
    """The oldest snapshot, the head and each ref through the Spark engine: as the embedded engine reads them."""
    metadata = lake.table(case.name).metadata
    oldest = sorted(metadata.snapshots, key=lambda snapshot: snapshot.timestamp_ms)[:1]
    pins: list[str | int | None] = [None, *(snapshot.snapshot_id for snapshot in oldest)]
    reads = []
    for pin in [*pins, *(ref for ref in metadata.refs if ref != "main")]:
        literal = str(pin) if isinstance(pin, int) else "'" + str(pin).replace("'", "''") + "'"
        sql = f"SELECT * FROM {CATALOG}.{SCHEMA}.{case.name}{'' if pin is None else f' FOR VERSION AS OF {literal}'}"
        what = f"at {pin}" if pin else "now"
        try:
            ours, theirs = (lake.session.sql(sql, engine=engine) for engine in ("embedded", "spark"))
        except QueryError as error:
            verdict = REFUSED if error.code == "unsupported" else DIFFERENT
            reads.append(Read(case.name, "Spark engine", what, verdict, error.message))
            continue
        same = ours.columns == theirs.columns and ours.provenance.fingerprint == theirs.provenance.fingerprint
        reads.append(Read(case.name, "Spark engine", what, EQUAL if same else DIFFERENT))
    return reads


def _whole_reads(lake: Lake, case: Case) -> Iterator[Read]:
    metadata = lake.table(case.name).metadata
    snapshots = sorted(metadata.snapshots, key=lambda snapshot: snapshot.timestamp_ms)
    pins: list[str | int | None] = [None, *(snapshot.snapshot_id for snapshot in snapshots)]
    for pin in [*pins, *(ref for ref in metadata.refs if ref != "main")]:
        literal = str(pin) if isinstance(pin, int) else "'" + str(pin).replace("'", "''") + "'"
        trino_at = "" if pin is None else f" FOR VERSION AS OF {literal}"
        sql = f"SELECT * FROM {{catalog}}.{SCHEMA}.{case.name}{trino_at}"
        yield _against_trino(lake, case, f"at {pin}" if pin else "now", sql)
        if pin in metadata.refs and metadata.refs[str(pin)].snapshot_ref_type == SnapshotRefType.BRANCH:
            continue  # Spark reads a branch with the table's present columns, Trino with those of the branch
        spark_literal = str(pin) if isinstance(pin, int) else "'" + str(pin).replace("'", "\\'") + "'"
        spark_at = "" if pin is None else f" VERSION AS OF {spark_literal}"
        yield _against_spark(
            lake,
            case,
            f"at {pin}" if pin else "now",
            sql.format(catalog=CATALOG),
            f"SELECT * FROM {CATALOG}.{SCHEMA}.{case.name}{spark_at}",
        )


def _partial_reads(lake: Lake, case: Case, columns: int | None) -> Iterator[Read]:
    fields = lake.table(case.name).schema().fields
    for field in fields if columns is None else fields[-columns:]:
        column = '"' + field.name.replace('"', '""') + '"'
        table = f"{{catalog}}.{SCHEMA}.{case.name}"
        yield _against_trino(lake, case, f"only {field.name}", f"SELECT {column} FROM {table}")
        for condition in _conditions(lake, case, field, column):
            sql = f"SELECT count(*) AS n FROM {table} WHERE {condition}"
            yield _against_trino(lake, case, f"where {condition}", sql)


def _metadata_reads(lake: Lake, case: Case) -> Iterator[Read]:
    for kind in METADATA:
        sql = f'SELECT * FROM {{catalog}}.{SCHEMA}."{case.name}${kind}"'
        yield _against_trino(lake, case, f"${kind}", sql)


def _conditions(lake: Lake, case: Case, field: NestedField, column: str) -> Iterator[str]:
    """Filters by which files are left out: a value that is there."""
    yield f"{column} IS NULL"
    if not field.field_type.is_primitive or str(field.field_type) in ("uuid", "boolean"):
        return
    smallest = run(lake.session, f"SELECT CAST(min({column}) AS varchar), typeof(min({column})) FROM {case.name}")
    if isinstance(smallest, Result):
        ((value, type_),) = smallest.rows()
        if value is not None and type_ != "varbinary":
            literal = f"CAST('{value.replace(chr(39), chr(39) * 2)}' AS {type_})"
            yield f"{column} = {literal}"
            yield f"{column} > {literal}"


def _against_trino(lake: Lake, case: Case, what: str, sql: str) -> Read:
    answer = ask_query(lake.trino.uri, sql.format(catalog="iceberg"))
    if answer in ("GENERIC_INTERNAL_ERROR", "INVALID_VIEW"):  # Trino's own faults
        return Read(case.name, "Trino", what, NOT_READ, answer)
    verdict = judge_query(lake.session, sql.format(catalog=CATALOG), answer)
    return Read(case.name, "Trino", what, verdict.verdict, verdict.why)


def _against_spark(lake: Lake, case: Case, what: str, sql: str, spark_sql: str) -> Read:
    try:
        theirs = lake.spark.sql(spark_sql)
    except SparkError as error:
        return Read(case.name, "Spark", what, NOT_READ, str(error)[:200])
    ours = run(lake.session, sql)
    if not isinstance(ours, Result):
        verdict = REFUSED if ours.code == "unsupported" else DIFFERENT
        return Read(case.name, "Spark", what, verdict, ours.message)
    columns = [(column.name, _as_spark(parse_type(column.type))) for column in ours.columns]
    wanted = [(name.lower(), _spark_type(type_)) for name, type_ in theirs.columns]
    if [(name, str(type_)) for name, type_ in columns] != [(name, str(type_)) for name, type_ in wanted]:
        return Read(case.name, "Spark", what, DIFFERENT, f"columns {columns}, Spark {wanted}")
    kinds = [parse_type(column.type) for column in ours.columns]
    arrays = [from_arrow(column, kind) for column, kind in zip(ours.arrow.columns, kinds, strict=True)]
    got = [list(row) for row in zip(*arrays, strict=True)]
    expected = _spark_rows(theirs, [type_ for _, type_ in wanted])
    if same_rows(got, expected, [str(type_) for _, type_ in wanted], ordered=False):
        return Read(case.name, "Spark", what, EQUAL)
    return Read(case.name, "Spark", what, DIFFERENT, f"{got[:4]!r}, Spark {expected[:4]!r}")


_SPARK = {
    "boolean": "boolean",
    "integer": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "binary": "varbinary",
    "date": "date",
    "timestamp": "timestamp(6) with time zone",
    "timestamp_ntz": "timestamp(6)",
}


def _spark_type(type_: Any) -> TrinoType:
    """A Spark type, in Spark's own JSON, as Trino's."""
    if isinstance(type_, str):
        return parse_type(_SPARK.get(type_, type_))
    match type_["type"]:
        case "array":
            return TrinoType("array", (), (_spark_type(type_["elementType"]),))
        case "map":
            return TrinoType("map", (), (_spark_type(type_["keyType"]), _spark_type(type_["valueType"])))
    fields = type_["fields"]
    elements = tuple(_spark_type(field["type"]) for field in fields)
    return TrinoType("row", (), elements, tuple(field["name"].lower() for field in fields))


def _as_spark(type_: TrinoType) -> TrinoType:
    """A Trino type as Spark sees it: a uuid is text there, and names of fields keep their capitals."""
    if type_.base == "uuid":
        return TrinoType("varchar")
    names = tuple(name.lower() for name in type_.names)
    return TrinoType(type_.base, type_.parameters, tuple(map(_as_spark, type_.elements)), names)


def _spark_rows(answer: SparkAnswer, types: list[TrinoType]) -> list[list[Any]]:
    return [[_spark_value(value, type_) for value, type_ in zip(row, types, strict=True)] for row in answer.rows]


def _spark_value(value: Any, type_: TrinoType) -> Any:
    """A value of the driver's, comparable with :func:`~tests.parity.values.from_arrow`'s."""
    if value is None:
        return None
    match type_.base:
        case "real" | "double":
            return float(value)
        case "varbinary":
            return base64.b64decode(value)
        case "timestamp with time zone":
            moment = datetime.fromisoformat(value).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
            return [moment // timedelta(microseconds=1) * 10**6]
        case "array":
            return [_spark_value(element, type_.elements[0]) for element in value]
        case "row":
            return [_spark_value(element, kind) for element, kind in zip(value, type_.elements, strict=True)]
        case "map":
            return {
                str(_spark_value(key, type_.elements[0])): _spark_value(item, type_.elements[1]) for key, item in value
            }
    return value

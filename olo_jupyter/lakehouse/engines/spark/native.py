"""Spark's own SQL, untouched: what it gives, in the types that Trino would call it by."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse.arrow_types import conform
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.engines.spark.errors import spark_errors
from olo_jupyter.lakehouse.engines.spark.running import Running
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import TrinoType, decimal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from olo_jupyter.lakehouse.engines.spark.engine import SparkEngine

_NAMED = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
"""``:name``; one inside a text is bound in vain, which Spark doesn't mind."""
_TYPES = {
    "void": "unknown",
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "int": "integer",
    "bigint": "bigint",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "binary": "varbinary",
    "date": "date",
}


def trino_type(type_: Any) -> TrinoType:
    """A Spark type as Trino's.

    Raises:
        Unsupported: There is none (intervals, variants …): the query has to cast it.
    """
    name = type_.simpleString()
    kind = type(type_).__name__
    if kind == "DecimalType":
        return decimal(type_.precision, type_.scale)
    if kind in ("VarcharType", "CharType"):
        return TrinoType("varchar", (type_.length,))
    if kind == "TimestampNTZType":
        return TrinoType("timestamp", (6,))
    if kind == "TimestampType":
        return TrinoType("timestamp with time zone", (6,))
    if kind == "ArrayType":
        return TrinoType("array", (), (trino_type(type_.elementType),))
    if kind == "MapType":
        return TrinoType("map", (), (trino_type(type_.keyType), trino_type(type_.valueType)))
    if kind == "StructType":
        return TrinoType("row", (), tuple(trino_type(f.dataType) for f in type_), tuple(f.name for f in type_))
    if name not in _TYPES:
        raise Unsupported(f"A result can't hold Spark's type {name}.", hint="Cast it in the query, e.g. to STRING.")
    return TrinoType(_TYPES[name])


def native_result(engine: SparkEngine, request: Request, started: float) -> Result:
    """Run ``request.sql`` in the user's own session as it is.

    Raises:
        QueryError: ``pin-not-possible``: a pin holds, which can't be put into a text that stays untouched.
    """
    if request.as_of is not None or request.pins:
        raise QueryError(
            "A statement in Spark's own SQL stays untouched, so that the pin that holds here can't reach it.",
            code="pin-not-possible",
            hint="Write VERSION AS OF or TIMESTAMP AS OF in it, or run it without --dialect spark.",
        )

    def collect(session: SparkSession) -> tuple[list[Field], pa.Table]:
        frame = _frame(session, request)
        fields = [Field(each.name, trino_type(each.dataType), each.nullable) for each in frame.schema]
        if not fields:
            return [], pa.table({})
        return fields, (frame if request.limit is None else frame.limit(request.limit + 1)).toArrow()

    tag = engine.query_id()
    where = " ".join(filter(None, (request.notebook, request.cell)))
    with spark_errors(native=True):
        fields, table = Running(engine.sessions.native(), tag, request.on_progress, where).run(collect)
    limit = request.limit
    cut = limit is not None and table.num_rows > limit
    provenance = Provenance(
        engine="spark (its own SQL)",
        sql=request.sql,
        query_id=tag,
        rows=min(table.num_rows, limit) if limit is not None else table.num_rows,
        seconds=time.perf_counter() - started,
        parameters=_bound(request),
    )
    columns = tuple(Column(each.name, str(each.type)) for each in fields)
    return Result(columns, conform(table.slice(0, limit) if cut else table, fields), provenance, cut)


def native_plan(engine: SparkEngine, request: Request) -> str:
    """Spark's plan of its own SQL."""
    from olo_jupyter.lakehouse.engines.spark.engine import plan_of

    with spark_errors(native=True):
        running = Running(engine.sessions.native(), engine.query_id())
        return running.run(lambda session: plan_of(_frame(session, request)))


def _frame(session: SparkSession, request: Request) -> DataFrame:
    args: Any = list(request.positional) if request.positional else _bound(request)
    return session.sql(request.sql, args=args) if args else session.sql(request.sql)


def _bound(request: Request) -> dict[str, Any]:
    """The parameters that the text names."""
    return {name: request.parameters[name] for name in _NAMED.findall(request.sql) if name in request.parameters}

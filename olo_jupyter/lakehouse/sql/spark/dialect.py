"""Spark's SQL as a dialect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from olo_jupyter.lakehouse.sql.dialect import Unnested
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark import casts, lower, text
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.types import TrinoType

_NOT_IN_VALUES = (" -> ", "raise_error(", "SELECT ")
"""What Spark doesn't compute inside VALUES."""


class Spark:
    """Spark's SQL in ANSI mode; see :class:`~olo_jupyter.lakehouse.sql.dialect.Dialect`."""

    engine = text.ENGINE
    ties = False
    empty_sets = False
    rows = False

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        return lower.lower(node, env)

    def admit(self, form: str) -> None:
        need(form)

    def coerce(self, value: Typed, target: TrinoType) -> Typed:
        return casts.coerce(value, target)

    def field(self, value: Typed, at: int) -> Typed:
        return lower.field(value, at)

    def identifier(self, name: str) -> str:
        return text.identifier(name)

    def literal(self, value: str) -> str:
        return text.literal(value)

    def parameter(self, name: str, type_: TrinoType) -> str:
        return f"CAST(:{name} AS {text.spark_type(type_)})"

    def grouping(self, keys: Sequence[str], type_: TrinoType) -> str:
        bits = (
            f"shiftleft(CAST(grouping({key}) AS {text.spark_type(type_)}), {len(keys) - 1 - at})"
            for at, key in enumerate(keys)
        )
        return f"({' | '.join(bits)})"

    def values(self, rows: Sequence[Sequence[str]]) -> str:
        if any(inner in cell for row in rows for cell in row for inner in _NOT_IN_VALUES):
            return " UNION ALL ".join(f"SELECT {', '.join(row)}" for row in rows)
        return "VALUES " + ", ".join(f"({', '.join(row)})" for row in rows)

    def unnest(self, alias: str, values: Sequence[Typed], *, ordinality: bool) -> Unnested:
        arrays = [value.sql if value.type.base == "array" else f"map_entries({value.sql})" for value in values]
        if len(arrays) == 1:
            generated, places = arrays[0], [f"{alias}.e"]
        else:
            filled = (f"coalesce({one}, array())" for one in arrays)
            generated = f"arrays_zip({', '.join(filled)})"
            places = [f"{alias}.e.`{at}`" for at in range(len(arrays))]
        columns: list[tuple[str, TrinoType, str]] = []
        for value, place in zip(values, places, strict=True):
            if value.type.base == "map":
                columns += [
                    ("", type_, f"{place}.{name}")
                    for type_, name in zip(value.type.elements, ("key", "value"), strict=True)
                ]
                continue
            element = value.type.elements[0]
            if element.base == "row":
                fields = zip(element.names, element.elements, text.row_fields(element), strict=True)
                columns += [(name, type_, f"{place}.{text.identifier(made)}") for name, type_, made in fields]
            else:
                columns.append(("", element, place))
        if ordinality:
            columns.append(("", TrinoType("bigint"), f"CAST({alias}.o + 1 AS BIGINT)"))
        return Unnested(f"LATERAL posexplode({generated}) AS {alias}(o, e)", columns)


SPARK = Spark()

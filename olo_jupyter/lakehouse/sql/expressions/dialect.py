"""DuckDB's SQL as a dialect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from olo_jupyter.lakehouse.sql.dialect import Unnested
from olo_jupyter.lakehouse.sql.expressions import coercion, duck
from olo_jupyter.lakehouse.sql.expressions.lower import lower
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import TrinoType


class DuckDB:
    """The embedded engine's SQL; see :class:`~olo_jupyter.lakehouse.sql.dialect.Dialect`."""

    engine = "The embedded engine"
    ties = True
    empty_sets = True
    rows = True

    def lower(self, node: exp.Expr, env: Environment) -> Typed:
        return lower(node, env)

    def admit(self, form: str) -> None:
        """Every clause: what differs is refused where it is read."""

    def coerce(self, value: Typed, target: TrinoType) -> Typed:
        return coercion.coerce(value, target)

    def field(self, value: Typed, at: int) -> Typed:
        return Typed(f"struct_extract_at({value.sql}, {at + 1})", value.type.elements[at])

    def identifier(self, name: str) -> str:
        return duck.identifier(name)

    def literal(self, value: str) -> str:
        return duck.text(value)

    def parameter(self, name: str, type_: TrinoType) -> str:
        return f"CAST(${name} AS {duck.duck_type(type_)})"

    def grouping(self, keys: Sequence[str], type_: TrinoType) -> str:
        return f"CAST(GROUPING({', '.join(keys)}) AS {type_.base.upper()})"

    def values(self, rows: Sequence[Sequence[str]]) -> str:
        return "VALUES " + ", ".join(f"({', '.join(row)})" for row in rows)

    def unnest(self, alias: str, values: Sequence[Typed], *, ordinality: bool) -> Unnested:
        inner: list[str] = []
        outer: list[str] = []
        columns: list[tuple[str, TrinoType, str]] = []
        lengths: list[str] = []

        def add(type_: TrinoType, text: str, name: str = "") -> None:
            columns.append((name, type_, f"{alias}.c{len(outer)}"))
            outer.append(f"{text} AS c{len(outer)}")

        for at, value in enumerate(values):
            array = value.sql if value.type.base == "array" else f"map_entries({value.sql})"
            lengths.append(f"len({array})")
            inner.append(f"unnest({array}) AS e{at}")
            element = value.type.elements[0] if value.type.base == "array" else _entry(value.type)
            if element.base == "row":
                for index, (name, type_) in enumerate(zip(element.names, element.elements, strict=True)):
                    add(type_, f"struct_extract_at(e{at}, {index + 1})", name)
            else:
                add(element, f"e{at}")
        if ordinality:
            inner.append(f"unnest(range(1, CAST(coalesce(greatest({', '.join(lengths)}), 0) AS BIGINT) + 1)) AS o")
            add(TrinoType("bigint"), "o")
        return Unnested(f"LATERAL (SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)})) AS {alias}", columns)


def _entry(map_: TrinoType) -> TrinoType:
    return TrinoType("row", (), map_.elements, ("", ""))


DUCKDB = DuckDB()

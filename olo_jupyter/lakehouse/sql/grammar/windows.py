"""Windows: what stands in OVER and in the WINDOW clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader


def named(reader: Reader) -> exp.Window:
    """``name AS (…)`` of the WINDOW clause."""
    start = reader.at
    name = reader.identifier()
    reader.expect("AS")
    return reader.put(exp.Window(this=name, **_specification(reader)), start)


def over(reader: Reader, call: exp.Expr) -> exp.Window:
    """What stands behind OVER: a window's name or a specification."""
    if reader.sees("("):
        return exp.Window(this=call, over="OVER", **_specification(reader))
    return exp.Window(this=call, over="OVER", alias=reader.identifier())


def _specification(reader: Reader) -> dict[str, object]:
    reader.expect("(")
    parts: dict[str, object] = {}
    word = reader.token.upper
    frame = (
        word in ("ROWS", "RANGE", "GROUPS")
        and reader.ahead().text != ")"
        and reader.ahead().upper not in ("PARTITION", "ORDER")
    )
    if reader.sees_identifier() and not reader.sees("PARTITION", "BY") and not frame:
        parts["alias"] = reader.identifier()
    if reader.take("PARTITION", "BY"):
        parts["partition_by"] = reader.listed(reader.expression)
    parts["order"] = reader.order_by()
    if reader.sees_any("MEASURES", "PATTERN"):
        raise reader.refuse("pattern recognition in windows")
    if reader.sees_any("ROWS", "RANGE", "GROUPS"):
        parts["spec"] = _frame(reader)
    reader.expect(")")
    return parts


def _frame(reader: Reader) -> exp.WindowSpec:
    start = reader.at
    kind = reader.next().upper
    if reader.take("BETWEEN"):
        first, first_side = _bound(reader)
        reader.expect("AND")
        last, last_side = _bound(reader)
        node = exp.WindowSpec(kind=kind, start=first, start_side=first_side, end=last, end_side=last_side)
    else:
        first, first_side = _bound(reader)
        node = exp.WindowSpec(kind=kind, start=first, start_side=first_side)
    return reader.put(node, start)


def _bound(reader: Reader) -> tuple[exp.Expr | str, str | None]:
    if reader.take("CURRENT", "ROW"):
        return "CURRENT ROW", None
    offset: exp.Expr | str = "UNBOUNDED" if reader.take("UNBOUNDED") else reader.expression()
    if not reader.sees_any("PRECEDING", "FOLLOWING"):
        raise reader.mismatch("'PRECEDING', 'FOLLOWING'")
    return offset, reader.next().upper

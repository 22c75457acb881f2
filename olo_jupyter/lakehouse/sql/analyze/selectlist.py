"""The select list: stars spelled out, names of the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.joins import stand_in
from olo_jupyter.lakehouse.sql.analyze.scope import Column, name_parts
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail, refuse


@dataclass(frozen=True)
class Item:
    """One column of the select list; ``name`` is as written, '' where Trino gives it none of its own."""

    name: str
    node: exp.Expr

    @property
    def is_column(self) -> bool:
        return isinstance(self.node, exp.Column)


def expand(node: exp.Select, columns: Sequence[Column], typed: Callable[[exp.Expr], Typed]) -> list[Item]:
    """The select list with ``*``, ``t.*``, ``row.*`` and ``t.* AS (a, b)`` spelled out.

    Args:
        columns: What FROM gives.
        typed: An expression of the list, lowered: it tells the fields of a row.
    """
    items: list[Item] = []
    for each in node.expressions:
        star = each.this if isinstance(each, exp.Aliases) else each
        base = _starred_value(star, columns)
        if isinstance(each, exp.Aliases):
            found = _star(star, each, node, columns) if base is None else _fields(base, each, typed)
            if len(found) != len(each.expressions):
                message = f"Column alias list has {len(each.expressions)} entries but relation has {len(found)} columns"
                raise fail(message, "mismatched-column-aliases", each)
            items += [Item(_canonical(name), item.node) for name, item in zip(each.expressions, found, strict=True)]
        elif base is not None:
            items += _fields(base, each, typed)
        elif isinstance(each, exp.Star) or _starred(each) is not None:
            items += _star(each, each, node, columns)
        elif isinstance(each, exp.Alias):
            items.append(Item(each.alias, each.this))
        else:
            parts = name_parts(each.unnest() if isinstance(each, exp.Paren) else each)
            items.append(Item(parts[-1].name if parts else "", each))
    return items


def _starred(star: exp.Expr) -> exp.Expr | None:
    """What stands before ``.*``, a name without the parentheses around it; None where there is no such star."""
    if isinstance(star, exp.Dot) and isinstance(star.expression, exp.Star):
        inner: exp.Expr = star.this.unnest() if isinstance(star.this, exp.Paren) else star.this
        return inner
    if not (isinstance(star, exp.Column) and isinstance(star.this, exp.Star)):
        return None
    first, *others = (part.copy() for part in star.parts[:-1])
    name: exp.Expr = exp.Column(this=first)
    name.meta.update(star.meta)
    for part in others:
        name = exp.Dot(this=name, expression=part)
        name.meta.update(star.meta)
    return name


def _prefix(star: exp.Expr) -> tuple[str, ...] | None:
    """The name before ``.*``, () for the star alone, None where another expression stands there."""
    before = _starred(star)
    parts = [] if before is None else name_parts(before)
    return None if parts is None else tuple(part.name.lower() for part in parts)


def _starred_value(star: exp.Expr, columns: Sequence[Column]) -> exp.Expr | None:
    """The row whose fields ``star`` lists, None where it lists columns of a relation.

    A name counts as a relation's first, and as a column's only with its relation in front.
    """
    prefix = _prefix(star)
    if prefix is None:
        return _starred(star)
    if len(prefix) < 2 or any(column.qualifier[-len(prefix) :] == prefix for column in columns):
        return None
    heads = [prefix[:length] for length in range(2, len(prefix) + 1)]
    rows = [column for column in columns if column.type.base == "row"]
    return _starred(star) if any(column.matches(head) for column in rows for head in heads) else None


def _fields(value: exp.Expr, place: exp.Expr, typed: Callable[[exp.Expr], Typed]) -> list[Item]:
    """The fields of a row, one column each."""
    row = typed(value)
    if row.type.base != "row":
        raise fail("expected expression of type Row", "type-mismatch", place)
    if row.drawn and len(row.type.names) > 1:
        raise refuse("all fields of a row that is drawn", place, hint="Draw it in a query of FROM.")
    items = []
    for at, name in enumerate(row.type.names, start=1):
        number = exp.Literal.number(at)
        field = exp.Bracket(this=exp.Paren(this=value.copy()), expressions=[number])
        for new in (field, field.this, number):
            new.meta.update(place.meta)
        items.append(Item(name, field))
    return items


def _star(star: exp.Expr, place: exp.Expr, node: exp.Select, columns: Sequence[Column]) -> list[Item]:
    if node.args.get("from_") is None:
        raise fail("SELECT * not allowed in queries without FROM clause", "column-not-found", place)
    prefix = _prefix(star) or ()
    shown = [column for column in columns if not column.hidden]
    found = [column for column in shown if not prefix or column.qualifier[-len(prefix) :] == prefix]
    if prefix and not found:
        rows = [column for column in columns if column.type.base == "row" and column.name.lower() == prefix[-1]]
        hint = f"For the fields of a row: {rows[0].qualifier[-1]}.{prefix[-1]}.*" if rows and rows[0].qualifier else ""
        raise fail(f"Unable to resolve reference {'.'.join(prefix)}", "table-not-found", place, hint=hint)
    items = []
    for column in found:
        new = stand_in(column)
        new.set("table", exp.Identifier(this=column.qualifier[-1], quoted=True) if column.qualifier else None)
        if "place" in place.meta:
            new.meta["place"] = place.meta["place"]
        items.append(Item(column.written or column.name, new))
    return items


def _canonical(name: exp.Identifier) -> str:
    """What Trino calls a column of ``t.* AS (a, b)``: in capitals, unless quoted."""
    return str(name.name if name.args.get("quoted") else name.name.upper())

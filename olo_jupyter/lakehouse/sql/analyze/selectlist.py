"""The select list: stars spelled out, names of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.joins import stand_in
from olo_jupyter.lakehouse.sql.analyze.scope import Column, name_parts
from olo_jupyter.lakehouse.sql.parse import fail, refuse


@dataclass(frozen=True)
class Item:
    """One column of the select list; ``name`` is as written, '' where Trino gives it none of its own."""

    name: str
    node: exp.Expr

    @property
    def is_column(self) -> bool:
        return isinstance(self.node, exp.Column)


def expand(node: exp.Select, columns: Sequence[Column]) -> list[Item]:
    """The select list with ``*``, ``t.*`` and ``t.* AS (a, b)`` spelled out."""
    items: list[Item] = []
    for each in node.expressions:
        star = each.this if isinstance(each, exp.Aliases) else each
        if isinstance(star, exp.Dot) and isinstance(star.expression, exp.Star):
            raise refuse("all fields of a row at once", each, hint="Name the fields: r.a, r.b.")
        if isinstance(each, exp.Aliases):
            found = _star(each.this, each, node, columns)
            if len(found) != len(each.expressions):
                message = f"Column alias list has {len(each.expressions)} entries but relation has {len(found)} columns"
                raise fail(message, "mismatched-column-aliases", each)
            items += [Item(_canonical(name), item.node) for name, item in zip(each.expressions, found, strict=True)]
        elif isinstance(each, exp.Star) or (isinstance(each, exp.Column) and isinstance(each.this, exp.Star)):
            items += _star(each, each, node, columns)
        elif isinstance(each, exp.Alias):
            items.append(Item(each.alias, each.this))
        else:
            parts = name_parts(each.unnest() if isinstance(each, exp.Paren) else each)
            items.append(Item(parts[-1].name if parts else "", each))
    return items


def _star(star: exp.Expr, place: exp.Expr, node: exp.Select, columns: Sequence[Column]) -> list[Item]:
    if node.args.get("from_") is None:
        raise fail("SELECT * not allowed in queries without FROM clause", "column-not-found", place)
    prefix = tuple(part.name.lower() for part in star.parts[:-1]) if isinstance(star, exp.Column) else ()
    found = [column for column in columns if not prefix or column.qualifier[-len(prefix) :] == prefix]
    if len(prefix) > 1 and any(column.matches(prefix) and column.type.base == "row" for column in columns):
        raise refuse("all fields of a row at once", place, hint="Name the fields: r.a, r.b.")
    if prefix and not found:
        raise fail(f"Unable to resolve reference {'.'.join(prefix)}", "table-not-found", place)
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

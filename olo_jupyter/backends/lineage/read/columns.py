"""The columns around those of a dataset, a query for each step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from olo_jupyter.backends.lineage.base import MOST, ColumnGraph, ColumnLink, NodeName, Place
from olo_jupyter.backends.lineage.read.rows import CURRENT, SINCE, ask, dataset_of
from olo_jupyter.backends.lineage.upsert import chunks
from olo_jupyter.store.lineage_tables import COLUMNS, EDGES, NODES


def columns(connection: Connection, node: str, *, column: str, depth: int) -> ColumnGraph:
    """The columns around those of a dataset. What all its columns depend on has the column ''."""
    start = dataset_of(connection, node)
    rows: dict[int, Row[Any]] = {}
    seen: set[tuple[int, str]] = set()
    truncated = False
    for upstream in (True, False):
        mine, other = ("target", "source") if upstream else ("source", "target")
        border: set[tuple[int, str]] | None = None  # None: all columns of the dataset that was asked for
        for _ in range(depth):
            asked = sorted({id for id, _ in border}) if border is not None else [start]
            found: set[tuple[int, str]] = set()
            for row in _column_rows(connection, COLUMNS.c[mine], asked):
                at = (getattr(row, mine), getattr(row, f"{mine}_column"))
                if border is None:
                    if column and at[1] not in (column, ""):
                        continue
                elif at not in border and (at[0], "") not in border and at[1] != "":
                    continue
                if row.id not in rows and len(rows) >= 2 * MOST:
                    truncated = True
                    continue
                rows[row.id] = row
                place = (getattr(row, other), getattr(row, f"{other}_column"))
                if place not in seen:
                    found.add(place)
            seen |= found
            border = found
            if not found:
                break
    ids = {id for row in rows.values() for id in (row.source, row.target)}
    named = {start: node}
    for part in chunks(sorted(ids)):
        for one in ask(connection, select(NODES.c.id, NODES.c.namespace, NODES.c.name).where(NODES.c.id.in_(part))):
            named[one.id] = NodeName("dataset", one.namespace, one.name).id
    links = {
        ColumnLink(
            Place(named[row.source], row.source_column), Place(named[row.target], row.target_column),
            row.kind, row.how, row.masking,
        )
        for row in rows.values()
    }  # fmt: skip
    ordered = sorted(links, key=lambda link: (link.target, link.source))
    places = sorted({place for link in ordered for place in (link.source, link.target)})
    return ColumnGraph(node, column, depth, places, ordered, truncated)


def _column_rows(connection: Connection, mine: Any, ids: Sequence[int]) -> Iterable[Row[Any]]:
    """Rows that the newest facet told; where the last successful run told none, nothing is known any more."""
    for part in chunks(ids):
        statement = (
            select(COLUMNS)
            .join(
                EDGES,
                and_(
                    EDGES.c.job == COLUMNS.c.job,
                    EDGES.c.dataset == COLUMNS.c.target,
                    EDGES.c.output,
                    EDGES.c.columns_at == COLUMNS.c.told_at,
                ),
            )
            .where(mine.in_(part), CURRENT, COLUMNS.c.told_at >= SINCE)
            .order_by(COLUMNS.c.id)
        )
        yield from ask(connection, statement)

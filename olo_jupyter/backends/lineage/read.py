"""Questions to the store's tables: the graph around a node, breadth first, a query for each step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select

from olo_jupyter.backends.lineage.base import (
    MOST,
    ColumnGraph,
    ColumnLink,
    ColumnOf,
    Count,
    Direction,
    Edge,
    Graph,
    Kind,
    LineageError,
    Match,
    Matches,
    Namespace,
    Node,
    NodeName,
    Place,
    Result,
    Run,
    Search,
    not_found,
)
from olo_jupyter.backends.lineage.upsert import chunks
from olo_jupyter.store.lineage_tables import COLUMNS, EDGES, NODES, RUNS, TESTS, key, moment

_JOB = NODES.alias("job")
_TOLD = RUNS.alias("told")
_CURRENT = EDGES.c.told_at >= func.coalesce(_TOLD.c.started, 0)
"""Edges that the job's last successful run, or one after it, told of; the older ones are history."""
_FAILING = and_(~TESTS.c.success, TESTS.c.severity != "warn")


def _ask(connection: Connection, statement: Select[Any]) -> Any:
    """A statement's rows; what is in their columns, tables.py says."""
    return connection.execute(statement)


def _edges(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(EDGES)
        .join(_JOB, _JOB.c.id == EDGES.c.job)
        .outerjoin(_TOLD, and_(_TOLD.c.job == EDGES.c.job, _TOLD.c.id == _JOB.c.told_by))
        .where(_CURRENT)
    )


def graph(connection: Connection, node: str, *, depth: int, direction: Direction, limit: int) -> Graph:
    """The graph around a node; around a job that has parts (a job's tasks, a DAG's) the one around these, too."""
    name = NodeName.of(node)
    start = key(*name)
    limit = min(limit, MOST)  # known nodes use up some of what a query gives: one more than the bound is enough
    itself = case((NODES.c.id == start, 0), else_=1)
    found_here = select(NODES.c.id).where(or_(NODES.c.id == start, NODES.c.parent == start))
    here = [id for (id,) in _ask(connection, found_here.order_by(itself, NODES.c.id).limit(limit + 1))]
    if start not in here:
        raise not_found(name)
    distance: dict[int, int] = dict.fromkeys(here, 0)
    kinds: dict[int, Kind] = dict.fromkeys(distance, NodeName.of(node).kind)
    border, truncated = list(distance), False
    for step in range(1, depth + 1):
        found: dict[int, Kind] = {}
        for id, kind in _neighbours(connection, border, kinds, direction, limit + 1):
            if id not in distance:
                found.setdefault(id, kind)
        room = limit - len(distance)
        truncated = truncated or len(found) > room
        border = list(found)[:room]
        distance |= dict.fromkeys(border, step)
        kinds |= {id: found[id] for id in border}
        if not border:
            break
    of_jobs = _of_jobs(connection, kinds)
    nodes = _nodes(connection, distance, kinds, of_jobs)
    ids = {id: one.id for id, one in nodes.items()}
    edges = [
        Edge(ids[job], ids[dataset]) if output else Edge(ids[dataset], ids[job])
        for job, dataset, output in of_jobs
        if dataset in kinds
    ]
    ordered = sorted(nodes.values(), key=lambda one: (one.distance, one.kind, one.namespace, one.name))
    return Graph(node, depth, direction, ordered, sorted(edges, key=lambda e: (e.source, e.target)), truncated)


def _neighbours(
    connection: Connection, border: Sequence[int], kinds: dict[int, Kind], direction: Direction, limit: int
) -> Iterable[tuple[int, Kind]]:
    """One question for both directions: over a network, what a graph costs is how often it asks."""
    for kind, mine, other in (("job", EDGES.c.job, EDGES.c.dataset), ("dataset", EDGES.c.dataset, EDGES.c.job)):
        asked = [id for id in border if kinds[id] == kind]
        for part in chunks(asked):
            statement = _edges(other).where(mine.in_(part))
            if direction != "both":
                # What is upstream of a job it reads; what is upstream of a dataset writes it.
                statement = statement.where(EDGES.c.output.is_((direction == "upstream") is (kind == "dataset")))
            # The bound, and a few more: several may lead to one node.
            newest = (
                statement.group_by(other).order_by(func.max(EDGES.c.told_at).desc(), other).limit(limit + len(border))
            )
            for (id,) in _ask(connection, newest):
                yield id, "dataset" if kind == "job" else "job"


def _of_jobs(connection: Connection, kinds: dict[int, Kind]) -> list[tuple[int, int, bool]]:
    """What the jobs of a graph read and write, in it or beyond: job, dataset, whether it is written."""
    jobs = [id for id, kind in kinds.items() if kind == "job"]
    found = []
    for part in chunks(jobs):
        statement = _edges(EDGES.c.job, EDGES.c.dataset, EDGES.c.output).where(EDGES.c.job.in_(part))
        found += [(job, dataset, output) for job, dataset, output in _ask(connection, statement)]
    return found


def _nodes(
    connection: Connection, distance: dict[int, int], kinds: dict[int, Kind], of_jobs: Sequence[tuple[int, int, bool]]
) -> dict[int, Node]:
    rows = [
        row for part in chunks(list(distance)) for row in _ask(connection, select(NODES).where(NODES.c.id.in_(part)))
    ]
    named = {row.id: NodeName(row.kind, row.namespace, row.name).id for row in rows}
    others = {id for row in rows for id in (row.parent, row.writer_job) if id is not None and id not in named}
    for part in chunks(sorted(others)):
        for row in _ask(connection, select(NODES.c.id, NODES.c.namespace, NODES.c.name).where(NODES.c.id.in_(part))):
            named[row.id] = NodeName("job", row.namespace, row.name).id
    wanted = {(row.id, row.run) if row.kind == "job" else (row.writer_job, row.writer) for row in rows}
    runs = _runs_of(connection, {(job, run) for job, run in wanted if job and run}, named)
    up, down = _degrees(connection, kinds, of_jobs)
    tests = _counts(connection, [id for id, kind in kinds.items() if kind == "dataset"])
    return {
        row.id: Node(
            named[row.id], row.kind, row.namespace, row.name, row.description or "",
            json.loads(row.owners or "[]"), named.get(row.parent, ""),
            up[row.id], down[row.id], distance[row.id],
            moment(row.written_at or row.updated) if row.kind == "dataset" else moment(row.updated),
            runs.get((row.id, row.run) if row.kind == "job" else (row.writer_job, row.writer)),
            tests.get(row.id),
            [ColumnOf(*column) for column in json.loads(row.columns or "[]")],
            row.version or "", row.rows,
        )
        for row in rows
    }  # fmt: skip


def _runs_of(connection: Connection, wanted: set[tuple[int, str]], named: dict[int, str]) -> dict[tuple[int, str], Run]:
    found = {}
    for part in chunks(sorted({run for _, run in wanted})):
        for row in _ask(connection, select(RUNS).where(RUNS.c.id.in_(part))):
            if (row.job, row.id) in wanted:
                found[row.job, row.id] = _run(row, named[row.job])
    return found


def _run(row: Row[Any], job: str) -> Run:
    ended = moment(row.state_at) if row.rank == 2 else None
    return Run(row.id, job, row.state, moment(row.started), ended, row.message, row.parent)


def _degrees(
    connection: Connection, kinds: dict[int, Kind], of_jobs: Sequence[tuple[int, int, bool]]
) -> tuple[Counter[int], Counter[int]]:
    up = Counter(job for job, _, output in of_jobs if not output)
    down = Counter(job for job, _, output in of_jobs if output)
    for part in chunks([id for id, kind in kinds.items() if kind == "dataset"]):
        mine = EDGES.c.dataset
        statement = _edges(mine, EDGES.c.output, func.count()).where(mine.in_(part)).group_by(mine, EDGES.c.output)
        for id, output, count in _ask(connection, statement):
            (up if output else down)[id] = count
    return up, down


def _counts(connection: Connection, datasets: Sequence[int]) -> dict[int, Count]:
    counts = {}
    for part in chunks(datasets):
        statement = select(
            TESTS.c.dataset,
            func.sum(case((TESTS.c.success, 1), else_=0)),
            func.sum(case((_FAILING, 1), else_=0)),
            func.count(),
            func.max(TESTS.c.at),
        ).where(TESTS.c.dataset.in_(part))
        for id, passed, failed, total, at in _ask(connection, statement.group_by(TESTS.c.dataset)):
            counts[id] = Count(int(passed), int(failed), total - int(passed) - int(failed), moment(at))
    return counts


def columns(connection: Connection, node: str, *, column: str, depth: int) -> ColumnGraph:
    """The columns around those of a dataset. What all its columns depend on has the column ''."""
    start = _dataset(connection, node)
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
        for one in _ask(connection, select(NODES.c.id, NODES.c.namespace, NODES.c.name).where(NODES.c.id.in_(part))):
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
            .outerjoin(_JOB, _JOB.c.id == EDGES.c.job)
            .outerjoin(_TOLD, and_(_TOLD.c.job == EDGES.c.job, _TOLD.c.id == _JOB.c.told_by))
            .where(mine.in_(part), _CURRENT, COLUMNS.c.told_at >= func.coalesce(_TOLD.c.started, 0))
            .order_by(COLUMNS.c.id)
        )
        yield from _ask(connection, statement)


def search(connection: Connection, wanted: Search) -> Matches:
    """Nodes by name, those that begin with the text first."""
    failing = select(func.count()).where(TESTS.c.dataset == NODES.c.id, _FAILING).scalar_subquery()
    joined = NODES.outerjoin(
        RUNS,
        or_(
            and_(NODES.c.kind == "job", RUNS.c.job == NODES.c.id, RUNS.c.id == NODES.c.run),
            and_(NODES.c.kind == "dataset", RUNS.c.job == NODES.c.writer_job, RUNS.c.id == NODES.c.writer),
        ),
    )
    conditions = []
    if wanted.text:
        conditions.append(NODES.c.name.icontains(wanted.text, autoescape=True))
    if wanted.kind:
        conditions.append(NODES.c.kind == wanted.kind)
    if wanted.namespace:
        conditions.append(NODES.c.namespace == wanted.namespace)
    if wanted.state:
        conditions.append(RUNS.c.state == wanted.state)
    source = joined if wanted.state else NODES
    total = _ask(connection, select(func.count()).select_from(source).where(*conditions)).scalar_one()
    begins = case((NODES.c.name.istartswith(wanted.text, autoescape=True), 0), else_=1)
    page = (
        select(NODES.c.id)
        .select_from(source)
        .where(*conditions)
        .order_by(*([begins] if wanted.text else []), NODES.c.name, NODES.c.namespace, NODES.c.kind)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    ids = [id for (id,) in _ask(connection, page)]
    rows: dict[int, Row[Any]] = {}
    for part in chunks(ids):
        found = select(NODES, RUNS.c.state, failing.label("failing")).select_from(joined).where(NODES.c.id.in_(part))
        rows |= {row.id: row for row in _ask(connection, found)}
    return Matches([_match(rows[id]) for id in ids], total)


def _match(row: Row[Any]) -> Match:
    name = NodeName(row.kind, row.namespace, row.name)
    at = row.written_at or row.updated if row.kind == "dataset" else row.updated
    return Match(name.id, name.kind, name.namespace, name.name, row.state, row.failing, moment(at))


def namespaces(connection: Connection) -> list[Namespace]:
    """All namespaces, with their jobs and datasets counted."""
    jobs = func.sum(case((NODES.c.kind == "job", 1), else_=0))
    statement = select(NODES.c.namespace, jobs, func.count()).group_by(NODES.c.namespace)
    return sorted(
        (Namespace(name, int(jobs), total - int(jobs)) for name, jobs, total in _ask(connection, statement)),
        key=lambda one: one.name,
    )


def runs(connection: Connection, node: str, limit: int) -> list[Run]:
    """Runs of a job, newest first."""
    if NodeName.of(node).kind != "job":
        raise LineageError("Only jobs have runs.", code="lineage-bad-node")
    job = _find(connection, node)
    newest = (
        select(RUNS)
        .where(RUNS.c.job == job, RUNS.c.state != "design")
        .order_by(RUNS.c.started.desc(), RUNS.c.id.desc())
        .limit(limit)
    )
    return [_run(row, node) for row in _ask(connection, newest)]


def tests(connection: Connection, node: str) -> list[Result]:
    """Tests of a dataset, failing ones first."""
    statement = select(TESTS).where(TESTS.c.dataset == _dataset(connection, node))
    found = [
        Result(row.assertion, row.column, row.success, row.severity, moment(row.at), row.run)
        for row in _ask(connection, statement)
    ]
    return sorted(found, key=lambda one: (one.success, one.assertion, one.column))


def _dataset(connection: Connection, node: str) -> int:
    if NodeName.of(node).kind != "dataset":
        raise LineageError("Only datasets have columns and tests.", code="lineage-bad-node")
    return _find(connection, node)


def _find(connection: Connection, node: str) -> int:
    name = NodeName.of(node)
    id = key(*name)
    if _ask(connection, select(NODES.c.id).where(NODES.c.id == id)).first() is None:
        raise not_found(name)
    return id

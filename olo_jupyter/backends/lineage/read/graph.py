"""The graph around a node, breadth first, a query for each step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, case, func, or_, select

from olo_jupyter.backends.lineage.base import (
    MOST,
    ColumnOf,
    Count,
    Direction,
    Edge,
    Graph,
    Kind,
    Node,
    NodeName,
    Run,
    not_found,
)
from olo_jupyter.backends.lineage.read.rows import FAILING, ask, current_edges, run_of
from olo_jupyter.backends.lineage.upsert import chunks
from olo_jupyter.store.lineage_tables import EDGES, NODES, RUNS, TESTS, key, moment


def graph(connection: Connection, node: str, *, depth: int, direction: Direction, limit: int) -> Graph:
    """The graph around a node; around a job that has parts (a job's tasks, a DAG's) the one around these, too."""
    name = NodeName.of(node)
    start = key(*name)
    limit = min(limit, MOST)  # known nodes use up some of what a query gives: one more than the bound is enough
    itself = case((NODES.c.id == start, 0), else_=1)
    found_here = select(NODES.c.id).where(or_(NODES.c.id == start, NODES.c.parent == start))
    here = [id for (id,) in ask(connection, found_here.order_by(itself, NODES.c.id).limit(limit + 1))]
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
            statement = current_edges(other).where(mine.in_(part))
            if direction != "both":
                # What is upstream of a job it reads; what is upstream of a dataset writes it.
                statement = statement.where(EDGES.c.output.is_((direction == "upstream") is (kind == "dataset")))
            # The bound, and a few more: several may lead to one node.
            newest = (
                statement.group_by(other).order_by(func.max(EDGES.c.told_at).desc(), other).limit(limit + len(border))
            )
            for (id,) in ask(connection, newest):
                yield id, "dataset" if kind == "job" else "job"


def _of_jobs(connection: Connection, kinds: dict[int, Kind]) -> list[tuple[int, int, bool]]:
    """What the jobs of a graph read and write, in it or beyond: job, dataset, whether it is written."""
    jobs = [id for id, kind in kinds.items() if kind == "job"]
    found = []
    for part in chunks(jobs):
        statement = current_edges(EDGES.c.job, EDGES.c.dataset, EDGES.c.output).where(EDGES.c.job.in_(part))
        found += [(job, dataset, output) for job, dataset, output in ask(connection, statement)]
    return found


def _nodes(
    connection: Connection, distance: dict[int, int], kinds: dict[int, Kind], of_jobs: Sequence[tuple[int, int, bool]]
) -> dict[int, Node]:
    rows = [
        row for part in chunks(list(distance)) for row in ask(connection, select(NODES).where(NODES.c.id.in_(part)))
    ]
    named = {row.id: NodeName(row.kind, row.namespace, row.name).id for row in rows}
    others = {id for row in rows for id in (row.parent, row.writer_job) if id is not None and id not in named}
    for part in chunks(sorted(others)):
        for row in ask(connection, select(NODES.c.id, NODES.c.namespace, NODES.c.name).where(NODES.c.id.in_(part))):
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
        for row in ask(connection, select(RUNS).where(RUNS.c.id.in_(part))):
            if (row.job, row.id) in wanted:
                found[row.job, row.id] = run_of(row, named[row.job])
    return found


def _degrees(
    connection: Connection, kinds: dict[int, Kind], of_jobs: Sequence[tuple[int, int, bool]]
) -> tuple[Counter[int], Counter[int]]:
    up = Counter(job for job, _, output in of_jobs if not output)
    down = Counter(job for job, _, output in of_jobs if output)
    for part in chunks([id for id, kind in kinds.items() if kind == "dataset"]):
        mine = EDGES.c.dataset
        statement = (
            current_edges(mine, EDGES.c.output, func.count()).where(mine.in_(part)).group_by(mine, EDGES.c.output)
        )
        for id, output, count in ask(connection, statement):
            (up if output else down)[id] = count
    return up, down


def _counts(connection: Connection, datasets: Sequence[int]) -> dict[int, Count]:
    counts = {}
    for part in chunks(datasets):
        statement = select(
            TESTS.c.dataset,
            func.sum(case((TESTS.c.success, 1), else_=0)),
            func.sum(case((FAILING, 1), else_=0)),
            func.count(),
            func.max(TESTS.c.at),
        ).where(TESTS.c.dataset.in_(part))
        for id, passed, failed, total, at in ask(connection, statement.group_by(TESTS.c.dataset)):
            counts[id] = Count(int(passed), int(failed), total - int(passed) - int(failed), moment(at))
    return counts

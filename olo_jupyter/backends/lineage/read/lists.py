"""Nodes by name, namespaces, a job's runs, a dataset's tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select

from olo_jupyter.backends.lineage.base import (
    LineageError,
    Match,
    Matches,
    Namespace,
    NodeName,
    Result,
    Run,
    Search,
)
from olo_jupyter.backends.lineage.read.rows import FAILING, ask, dataset_of, node_of, run_of
from olo_jupyter.backends.lineage.upsert import chunks
from olo_jupyter.store.lineage_tables import NODES, RUNS, TESTS, moment


def search(connection: Connection, wanted: Search) -> Matches:
    """Nodes by name, those that begin with the text first."""
    failing = select(func.count()).where(TESTS.c.dataset == NODES.c.id, FAILING).scalar_subquery()
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
    total = ask(connection, select(func.count()).select_from(source).where(*conditions)).scalar_one()
    begins = case((NODES.c.name.istartswith(wanted.text, autoescape=True), 0), else_=1)
    page = (
        select(NODES.c.id)
        .select_from(source)
        .where(*conditions)
        .order_by(*([begins] if wanted.text else []), NODES.c.name, NODES.c.namespace, NODES.c.kind)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    ids = [id for (id,) in ask(connection, page)]
    rows: dict[int, Row[Any]] = {}
    for part in chunks(ids):
        found = select(NODES, RUNS.c.state, failing.label("failing")).select_from(joined).where(NODES.c.id.in_(part))
        rows |= {row.id: row for row in ask(connection, found)}
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
        (Namespace(name, int(jobs), total - int(jobs)) for name, jobs, total in ask(connection, statement)),
        key=lambda one: one.name,
    )


def runs(connection: Connection, node: str, limit: int) -> list[Run]:
    """Runs of a job, newest first."""
    if NodeName.of(node).kind != "job":
        raise LineageError("Only jobs have runs.", code="lineage-bad-node")
    job = node_of(connection, node)
    newest = (
        select(RUNS)
        .where(RUNS.c.job == job, RUNS.c.state != "design")
        .order_by(RUNS.c.started.desc(), RUNS.c.id.desc())
        .limit(limit)
    )
    return [run_of(row, node) for row in ask(connection, newest)]


def tests(connection: Connection, node: str) -> list[Result]:
    """Tests of a dataset, failing ones first."""
    statement = select(TESTS).where(TESTS.c.dataset == dataset_of(connection, node))
    found = [
        Result(row.assertion, row.column, row.success, row.severity, moment(row.at), row.run)
        for row in ask(connection, statement)
    ]
    return sorted(found, key=lambda one: (one.success, one.assertion, one.column))

"""What events say, as rows of the tables: pure. Rows that say the same thing are merged, the later one wins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from olo_jupyter.backends.lineage.event import Dataset, DatasetEvent, Event, Job, RunEvent
from olo_jupyter.backends.lineage.facets import InputField
from olo_jupyter.store.lineage_tables import key, stamp

Row = dict[str, Any]
Rename = Callable[[str, str], tuple[str, str]]
"""Namespace and name of a dataset → those that the project knows it by."""
STATES = {"COMPLETE": "success", "FAIL": "failed", "ABORT": "cancelled", "START": "running", "RUNNING": "running"}
GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "nodes": (
        ("updated",),
        ("description_at", "description"),
        ("owners_at", "owners"),
        ("columns_at", "columns"),
        ("parent_at", "parent"),
        ("written_at", "writer", "writer_job", "version", "rows"),
    ),
    "runs": (("rank", "state_at", "state", "message"), ("parent",), ("told",)),
    "edges": (("told_at",), ("columns_at",)),
    "columns": (("told_at", "kind", "how", "masking"),),
    "tests": (("at", "success", "severity", "run"),),
}
"""Values of a row that are replaced together, where the first of them (then the second …) is greater."""
_NODE: Row = dict.fromkeys(column for group in GROUPS["nodes"] for column in group)
KEYS = {
    "nodes": ("id",),
    "runs": ("job", "id"),
    "edges": ("job", "dataset", "output"),
    "columns": ("id",),
    "tests": ("id",),
}


def same(namespace: str, name: str) -> tuple[str, str]:
    """No renaming."""
    return namespace, name


@dataclass
class Rows:
    """Rows by table and key."""

    rename: Rename = same
    tables: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=lambda: {name: {} for name in KEYS})
    _linked: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Add what an event says."""
        at = stamp(event.at)
        self._linked = {}
        datasets = [event.dataset] if isinstance(event, DatasetEvent) else [*event.inputs, *event.outputs]
        for dataset in datasets:
            self._link(dataset)
        if isinstance(event, DatasetEvent):
            self._lineage(event.dataset, 0, self._dataset(event.dataset, at), at)
            return
        job = self._job(event.job, at)
        told = bool(event.inputs or event.outputs)
        run, done = "", False
        if isinstance(event, RunEvent):
            run, done = event.run.id, event.type == "COMPLETE"
            self._run(event, job, at, told=told)
        elif told:  # by design: as a run that told it and ended at once
            run = f"design-{at}"
            self._put(
                "runs",
                job=job,
                id=run,
                started=at,
                state="design",
                rank=2,
                state_at=at,
                message="",
                parent="",
                told=True,
            )
        for output, told_of in ((False, event.inputs), (True, event.outputs)):
            for one in told_of:
                id = self._dataset(one, at)
                lineage = at if output and one.facets.lineage else None
                self._put("edges", job=job, dataset=id, output=output, told_at=at, columns_at=lineage)
                if output:
                    self._lineage(one, job, id, at)
                    if done:
                        self._written(one, job, id, at, run)
                self._tests(one, id, at, run)

    def _link(self, dataset: Dataset) -> None:
        """Remember the project's name of a dataset that the event tells several names of."""
        own = (dataset.namespace, dataset.name)
        for other in dataset.facets.symlinks.identifiers if dataset.facets.symlinks else ():
            found = self.rename(other.namespace, other.name)
            if found != (other.namespace, other.name):
                self._linked[own] = found

    def _name(self, namespace: str, name: str) -> tuple[str, str]:
        return self._linked.get((namespace, name)) or self.rename(namespace, name)

    def _put(self, table: str, **row: Any) -> None:
        place = tuple(row[name] for name in KEYS[table])
        known = self.tables[table].setdefault(place, row)
        if known is row:
            return
        for group in GROUPS[table]:
            if _newer(row, known, group):
                known.update({name: row[name] for name in group})
        if table == "runs":
            known["started"] = min(known["started"], row["started"])

    def _job(self, job: Job, at: int) -> int:
        id = key("job", job.namespace, job.name)
        told = job.facets
        self._node(
            id, "job", job.namespace, job.name, at,
            description=told.documentation.description if told.documentation else None,
            owners=[owner.name for owner in told.ownership.owners] if told.ownership else None,
        )  # fmt: skip
        return id

    def _dataset(self, dataset: Dataset, at: int) -> int:
        namespace, name = self._name(dataset.namespace, dataset.name)
        id = key("dataset", namespace, name)
        told = dataset.facets
        columns = None
        if told.columns is not None:
            columns = [[column.name, column.type or "", column.description or ""] for column in told.columns.fields]
        self._node(
            id, "dataset", namespace, name, at,
            description=told.documentation.description if told.documentation else None,
            owners=[owner.name for owner in told.ownership.owners] if told.ownership else None,
            columns=columns,
        )  # fmt: skip
        return id

    def _node(self, id: int, kind: str, namespace: str, name: str, at: int, **values: Any) -> None:
        row = _NODE | {"id": id, "kind": kind, "namespace": namespace, "name": name, "updated": at}
        for column, value in values.items():
            if value is not None:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                row |= {column: text, f"{column}_at": at}
        self._put("nodes", **row)

    def _run(self, event: RunEvent, job: int, at: int, *, told: bool) -> None:
        state = STATES.get(event.type or "", "unknown")
        rank = {"unknown": 0, "running": 1}.get(state, 2)
        facets = event.run.facets
        self._put(
            "runs", job=job, id=event.run.id, started=at, state=state, rank=rank, state_at=at,
            message=facets.error.message if facets.error else "",
            parent=facets.parent.run.id if facets.parent else "", told=told,
        )  # fmt: skip
        if facets.parent is not None:
            above = facets.parent.job
            parent = key("job", above.namespace, above.name)
            if parent != job:
                self._node(parent, "job", above.namespace, above.name, at)
                self.tables["nodes"][(job,)].update(_later(self.tables["nodes"][(job,)], parent, at))

    def _written(self, dataset: Dataset, job: int, id: int, at: int, run: str) -> None:
        statistics = dataset.written.statistics
        node = self.tables["nodes"][(id,)]
        row = {
            "written_at": at, "writer": run, "writer_job": job,
            "version": dataset.facets.version.version if dataset.facets.version else "",
            "rows": statistics.rows if statistics else None,
        }  # fmt: skip
        if _newer(row, node, GROUPS["nodes"][-1]):
            node.update(row)

    def _lineage(self, dataset: Dataset, job: int, target: int, at: int) -> None:
        facet = dataset.facets.lineage
        if facet is None:
            return
        if not job:  # of the dataset's design: an edge of no job holds the time of its newest facet
            self._put("edges", job=0, dataset=target, output=True, told_at=at, columns_at=at)
        for column, made in facet.fields.items():
            for source in made.inputs:
                self._column(job, target, column, source, at, made.how or "")
        for source in facet.dataset:
            self._column(job, target, "", source, at, "")

    def _column(self, job: int, target: int, column: str, of: InputField, at: int, how: str) -> None:
        namespace, name = self._name(of.namespace, of.name)
        source = key("dataset", namespace, name)
        self._node(source, "dataset", namespace, name, at)
        direct = not of.transformations or any(one.type == "DIRECT" for one in of.transformations)
        named = list(dict.fromkeys(one.subtype for one in of.transformations if one.subtype))
        self._put(
            "columns", id=key(job, target, column, source, of.field), job=job, target=target, target_column=column,
            source=source, source_column=of.field, told_at=at,
            kind=("DIRECT" if direct else "INDIRECT") if of.transformations else "",
            how=", ".join(named) or how, masking=any(one.masking for one in of.transformations),
        )  # fmt: skip

    def _tests(self, dataset: Dataset, id: int, at: int, run: str) -> None:
        results: dict[tuple[str, str], Row] = {}
        for facet in (dataset.read.assertions, dataset.facets.assertions):
            for one in facet.assertions if facet else ():
                named = (one.name or one.assertion, one.column or "")
                known = results.setdefault(
                    named, {"success": True, "severity": (one.severity or "").lower()}
                )  # several tests of one name: they pass when all do
                if not one.success and known["success"]:
                    known.update(success=False, severity=(one.severity or "").lower())
        for (name, column), result in results.items():
            self._put(
                "tests", id=key(id, name, column), dataset=id, assertion=name, column=column, at=at, run=run, **result
            )


def _later(node: Row, parent: int, at: int) -> Row:
    row = {"parent": parent, "parent_at": at}
    return row if _newer(row, node, ("parent_at", "parent")) else {}


def _newer(row: Row, known: Row, group: tuple[str, ...]) -> bool:
    """Whether values replace known ones, by the order in which the database compares them: what is missing is least."""
    for name in group:
        new, old = row[name], known[name]
        if new == old:
            continue
        return new is not None and (old is None or new > old)
    return False


def project(events: Iterable[Event], rename: Rename = same) -> Rows:
    """All that events say, as rows."""
    rows = Rows(rename)
    for event in events:
        rows.take(event)
    return rows

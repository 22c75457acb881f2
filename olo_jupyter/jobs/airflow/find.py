"""Airflow's jobs and runs, filtered by Airflow and in pages: a page costs a few requests, however many there are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any

from olo_jobs.usage import PREFIX, Usage, read_usage_key
from olo_jupyter.backends.airflow import AirflowClient, AirflowError, objects_in
from olo_jupyter.backends.upstream.client import segment
from olo_jupyter.jobs.airflow.answers import Changed, Dag, DagTask, Details, Entry, Run, Stats, read
from olo_jupyter.jobs.query import JobPage, JobQuery, JobShape, JobStanding, RunPage, RunQuery, TaskShape
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.usage import TaskUsage

PAGE = 100
_FRESH = 60.0
"""Seconds that the list of the target's DAGs counts as known."""
_FOREIGN = 5
"""Pages of runs to look through for those of the target."""
_OVERLAP = timedelta(seconds=3)
_CHANGING = (("dags/~/dagRuns", "dag_runs"), ("dags/~/dagRuns/~/taskInstances", "task_instances"))
_TOLD = 50
"""Changed runs that one look tells at most; the others come with the next."""


class AirflowFinder:
    """Finds jobs and runs of one target.

    Args:
        client: The connection.
        target: The target; its DAGs have the tag ``target:NAME``.
        prefix: What comes before a job's name in its DAG's id.
    """

    def __init__(self, client: AirflowClient, target: str, prefix: str) -> None:
        self._client, self._target, self._prefix = client, target, prefix
        self._tag = f"target:{target}"
        self._ids: frozenset[str] = frozenset()
        self._listed = -_FRESH

    def jobs(self, query: JobQuery) -> JobPage:
        """A page of the DAGs, with their last runs and what became of all their runs."""
        found, total = self._client.page(
            "dags",
            "dags",
            limit=min(query.limit, PAGE),
            offset=query.offset,
            order_by="dag_id",
            exclude_stale="false",
            tags=[self._tag, *([query.tag] if query.tag else [])],
            tags_match_mode="all",
            owners=query.owner or None,
            dag_id_pattern=query.text or None,
            dag_id_prefix_pattern=self._prefix or None,
            last_dag_run_state=query.state or None,
        )
        dags = [read(Dag, item) for item in found]
        ids = [dag.dag_id for dag in dags]
        counts = self._counts(ids)
        last = self._last([id_ for id_ in ids if sum(counts.get(id_, {}).values())])
        standings = []
        for dag in dags:
            count = counts.get(dag.dag_id, {})
            succeeded, failed = count.get("success", 0), count.get("failed", 0)
            standings.append(JobStanding(dag.job(self._prefix), last.get(dag.dag_id), succeeded, succeeded + failed))
        return JobPage(tuple(standings), total)

    def runs(self, query: RunQuery) -> RunPage:
        """A page of the runs; where text is asked for, it is a part of the job's name."""
        where = segment(f"{self._prefix}{query.job}") if query.job else "~"
        offset = int(query.after or 0)
        found: list[RunRecord] = []
        for _ in range(_FOREIGN):
            size = min(query.limit - len(found), PAGE)
            items, total = self._client.page(
                f"dags/{where}/dagRuns",
                "dag_runs",
                limit=size,
                offset=offset,
                order_by="-run_after",
                state=[_AIRFLOWS.get(state, state) for state in query.states] or None,
                dag_id_pattern=query.text or None,
            )
            offset += len(items)
            listed = [read(Run, item) for item in items]
            records = [self._record(run) for run in listed if query.job or self._ours(run.dag_id)]
            found += [one for one in records if not query.states or one.state in query.states]
            if not items or offset >= total:
                return RunPage(tuple(found))
            if len(found) >= query.limit:
                break
        return RunPage(tuple(found), str(offset))

    def newest(self, limit: int) -> list[RunRecord]:
        """The newest runs of all of the target's DAGs."""
        ids = sorted(id_ for id_ in self._known() if id_.startswith(self._prefix))
        found: list[RunRecord] = []
        while ids and len(found) < limit:
            told = {"order_by": "-run_after", "page_limit": min(limit - len(found), PAGE), "page_offset": len(found)}
            answer = self._client.send("POST", "dags/~/dagRuns/list", {"dag_ids": ids, **told}, repeatable=True)
            items, total = objects_in(answer, "dag_runs")
            found += [self._record(read(Run, item)) for item in items]
            if not items or len(found) >= total:
                break
        return found

    def changed(self, after: str) -> tuple[list[str], str]:
        """The ids of the runs of which anything changed, themselves or a task of theirs; and where to go on.

        Counted by Airflow's clock, so that another here does no harm; a little is looked at twice, since its parts
        write at the same time.
        """
        told: dict[str, None] = {}
        if not after:
            self._client.get("dags", limit=1)
        begun = self._client.server_time
        for path, key in _CHANGING if after else ():
            for item in self._client.pages(path, key, limit=PAGE, updated_at_gte=after, order_by="-run_after"):
                one = read(Changed, item)
                if self._ours(one.dag_id):
                    told[f"{one.dag_id.removeprefix(self._prefix)}/{one.dag_run_id}"] = None
        return list(told)[:_TOLD], (begun - _OVERLAP).isoformat() if begun else after

    def usage(self, since: datetime | None) -> list[TaskUsage]:
        """What the operator told of the tasks of runs since then, summed by task."""
        told = self._client.pages(
            "dags/~/dagRuns/~/taskInstances/~/xcomEntries", "xcom_entries", limit=100_000,
            xcom_key_pattern=f"{PREFIX}:%", run_after_gte=since.isoformat() if since else None,
        )  # fmt: skip
        sums: dict[tuple[str, str], Usage] = {}
        for entry in (read(Entry, item) for item in told):
            used = read_usage_key(entry.key)
            if used is None or not self._ours(entry.dag_id):
                continue
            place = entry.dag_id.removeprefix(self._prefix), entry.task_id
            before = sums.get(place, Usage(0.0, 0, 0))
            sums[place] = Usage(
                before.cpu_seconds + used.cpu_seconds,
                max(before.memory_bytes, used.memory_bytes),
                before.bytes_scanned + used.bytes_scanned,
            )
        return [
            TaskUsage(job, self._target, task, one.cpu_seconds, one.memory_bytes, one.bytes_scanned)
            for (job, task), one in sorted(sums.items())
        ]

    def used(self, run: str) -> dict[str, Usage]:
        """What the tasks of one run used, its path in the API: of each the last try; {} where nobody told."""
        told = self._client.pages(
            f"{run}/taskInstances/~/xcomEntries", "xcom_entries", limit=100_000, xcom_key_pattern=f"{PREFIX}:%"
        )
        entries = [read(Entry, item) for item in told]
        return {one.task_id: used for one in entries if (used := read_usage_key(one.key)) is not None}

    def shape(self, dag_id: str) -> JobShape:
        """The tasks of a DAG in order, and the schema of its parameters."""
        listed, _ = self._client.page(f"dags/{segment(dag_id)}/tasks", "tasks")
        tasks = [read(DagTask, item) for item in listed]
        waits: dict[str, set[str]] = {task.task_id: set() for task in tasks}
        for task in tasks:
            for below in task.downstream_task_ids or []:
                waits.setdefault(below, set()).add(task.task_id)
        try:
            order = list(TopologicalSorter({name: sorted(waits[name]) for name in sorted(waits)}).static_order())
        except CycleError as error:
            raise AirflowError("Airflow answered tasks that wait for one another.", code="airflow-protocol") from error
        details = read(Details, self._client.get(f"dags/{segment(dag_id)}/details"))
        shapes = (TaskShape(name, "", tuple(sorted(waits[name]))) for name in order)
        return JobShape(tuple(shapes), _schema(details.params or {}))

    def _record(self, run: Run) -> RunRecord:
        return run.record(self._target, self._prefix)

    def _counts(self, ids: Iterable[str]) -> dict[str, dict[str, int]]:
        wanted = list(ids)
        if not wanted:
            return {}
        listed, _ = self._client.page("dagStats", "dags", dag_ids=wanted)
        dags = [read(Stats, item) for item in listed]
        return {dag.dag_id: {one.state: one.count for one in dag.stats} for dag in dags}

    def _last(self, ids: list[str]) -> dict[str, RunRecord]:
        """The newest run of each DAG: most by one request, those of DAGs that run rarely by one each."""
        if not ids:
            return {}
        body = {"dag_ids": ids, "order_by": "-run_after", "page_limit": PAGE, "page_offset": 0}
        answer = self._client.send("POST", "dags/~/dagRuns/list", body, repeatable=True)
        last: dict[str, RunRecord] = {}
        for run in (read(Run, item) for item in objects_in(answer, "dag_runs")[0]):
            last.setdefault(run.dag_id, self._record(run))
        for id_ in (id_ for id_ in ids if id_ not in last):
            for item in self._client.pages(f"dags/{segment(id_)}/dagRuns", "dag_runs", limit=1, order_by="-run_after"):
                last[id_] = self._record(read(Run, item))
        return last

    def _ours(self, dag_id: str) -> bool:
        """Whether a DAG is the target's; the list of them is read again when it is old and one isn't in it."""
        if dag_id not in self._ids and time.monotonic() - self._listed >= _FRESH:
            self._known()
        return dag_id in self._ids and dag_id.startswith(self._prefix)

    def _known(self) -> frozenset[str]:
        """The ids of the target's DAGs, asked for now."""
        listed = self._client.pages("dags", "dags", limit=100_000, exclude_stale="false", tags=self._tag)
        self._ids = frozenset(read(Dag, item).dag_id for item in listed)
        self._listed = time.monotonic()
        return self._ids


_AIRFLOWS = {"cancelled": "failed"}
"""Airflow knows a cancelled run as a failed one, with a note."""


def _schema(params: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a DAG's parameters; one that may be null has no default, and may be left out."""
    properties, required = {}, []
    for name, told in params.items():
        told = told if isinstance(told, dict) else {"value": told}
        given = told.get("schema")
        schema = {**(given if isinstance(given, dict) else {}), "title": name}
        kinds = schema.get("type")
        if isinstance(kinds, list):
            schema["type"] = next((kind for kind in kinds if kind != "null"), "string")
            if isinstance(schema.get("enum"), list):
                schema["enum"] = [one for one in schema["enum"] if one is not None]
        elif told.get("value") is None:
            required.append(name)
        if told.get("value") is not None:
            schema["default"] = told["value"]
        if told.get("description"):
            schema["description"] = told["description"]
        properties[name] = schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

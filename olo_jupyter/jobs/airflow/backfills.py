"""Airflow's own backfills of one job: previewed by its dry run, made once, failed runs made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from olo_jupyter.backends.airflow import AirflowClient, AirflowError, objects_in
from olo_jupyter.backends.upstream.client import segment
from olo_jupyter.jobs.airflow.answers import Details, Made, Planned, Run, read
from olo_jupyter.jobs.airflow.notes import Note
from olo_jupyter.jobs.orchestrator import OrchestratorError


class AirflowBackfills:
    """The backfills of a DAG.

    Args:
        client: The connection.
        job: The job's name, for messages.
        dag_id: Its DAG, which exists.
    """

    def __init__(self, client: AirflowClient, job: str, dag_id: str) -> None:
        self._client, self._job, self._dag_id = client, job, dag_id

    def to_make(self, start: date, end: date) -> list[datetime]:
        """The moments, from the first day to the last in the schedule's own zone, that a backfill would make runs for.

        Airflow's dry run leaves out what succeeded already or is under way.
        """
        answer, _ = objects_in(self._send("backfills/dry_run", start, end, {}, repeatable=True), "backfills")
        return [moment for item in answer if (moment := read(Planned, item).logical_date) is not None]

    def done(self, start: date, end: date) -> dict[datetime, str]:
        """The ids of runs for moments of these days that succeeded already."""
        first, last = self._span(start, end)
        listed = self._client.pages(
            f"dags/{segment(self._dag_id)}/dagRuns",
            "dag_runs",
            limit=10_000,
            state="success",
            run_type=["scheduled", "backfill"],
            logical_date_gte=first,
            logical_date_lte=last,
        )
        runs = [read(Run, item) for item in listed]
        return {run.logical_date: f"{self._job}/{run.dag_run_id}" for run in runs if run.logical_date is not None}

    def make(self, start: date, end: date, parameters: Mapping[str, Any]) -> str:
        """Start one; its id.

        Raises:
            OrchestratorError: backfill-active: one of this job is under way; nothing-to-backfill.
        """
        return str(read(Made, self._send("backfills", start, end, parameters, repeatable=False)).id)

    def note(self, moments: Collection[datetime], by: str) -> None:
        """Write into the runs of these moments who started them: Airflow has no note of a backfill itself."""
        where = f"dags/{segment(self._dag_id)}/dagRuns"
        span = {"logical_date_gte": min(moments).isoformat(), "logical_date_lte": max(moments).isoformat()}
        listed = self._client.pages(where, "dag_runs", limit=10_000, run_type=["scheduled", "backfill"], **span)
        runs = [run for item in listed if (run := read(Run, item)).logical_date in moments]
        notes = [(run.dag_run_id, replace(Note.read(run.note), started=by, cancelled="").text) for run in runs]
        entities = [{"dag_id": self._dag_id, "dag_run_id": id_, "note": text} for id_, text in notes]
        self._client.send(
            "PATCH", where, {"actions": [{"action": "update", "entities": entities, "update_mask": ["note"]}]}
        )

    def _span(self, start: date, end: date) -> tuple[str, str]:
        """The first and the last second of the days."""
        last = datetime.combine(end + timedelta(days=1), time(), self._zone) - timedelta(seconds=1)
        return datetime.combine(start, time(), self._zone).isoformat(), last.isoformat()

    @cached_property
    def _zone(self) -> ZoneInfo:
        name = read(Details, self._client.get(f"dags/{segment(self._dag_id)}/details")).timezone or "UTC"
        try:
            return ZoneInfo(name)
        except (ValueError, OSError) as error:
            said = f"Airflow answered a time zone that isn't known here: {name[:100]!r}."
            raise AirflowError(said, code="airflow-protocol") from error

    def _send(
        self, path: str, start: date, end: date, parameters: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        first, last = self._span(start, end)
        body = {
            "dag_id": self._dag_id,
            "from_date": first,
            "to_date": last,
            "dag_run_conf": dict(parameters),
            "reprocess_behavior": "failed",
            "max_active_runs": 1,
        }
        try:
            return self._client.send("POST", path, body, repeatable=repeatable)
        except AirflowError as error:
            if error.code == "airflow-conflict":
                raise OrchestratorError(
                    f"A backfill of {self._job} is under way already.",
                    code="backfill-active",
                    hint="Wait until it is done.",
                ) from error
            if error.code == "airflow-invalid":
                raise OrchestratorError(error.message, code="nothing-to-backfill") from error
            raise

"""The operator of all tasks: starts the process that the task's spec means, and hands its output to the task's log."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRuntimeError

from olo_jobs.activity import Activity, read_report
from olo_jobs.airflow.assets import asset_of
from olo_jobs.airflow.secrets import secret
from olo_jobs.airflow.served import Served
from olo_jobs.commands import RunContext, SecretError, command, context_for, environment, hidden, report_path
from olo_jobs.environments import RequirementsError, python_for, pythons_for
from olo_jobs.process import CancelledError, ChildProcesses
from olo_jobs.spec import JobSpec, Task
from olo_jobs.usage import Usage, usage_key
from olo_jobs.values import run_values

PYTHON_VARIABLE = "OLO_PYTHON"
"""Names the Python that dbt, SQL and Python tasks run in: an environment with olo-jupyter, never Airflow's own."""
REQUIREMENTS = "requirements.txt"
"""Else its environment is made from this file of the project."""
_NOT_HANDED_ON = ("AIRFLOW_", "_AIRFLOW_", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SUPERVISOR_")
_LAST_LINES = 20


class OloOperator(BaseOperator):  # type: ignore[misc]
    """One task of a job.

    Nothing of it is a template of Airflow's: parameters reach the process as arguments or environment, never as text.

    Args:
        job: The job, as it is deployed.
        task: The task.
        served: The deployment it belongs to.
    """

    ui_color = "#e8f1f8"
    template_fields: Sequence[str] = ()

    def __init__(self, *, job: JobSpec, task: Task, served: Served, **told: Any) -> None:
        super().__init__(task_id=task.name, **told)
        self._job, self._task, self._served = job, task, served
        self._children = ChildProcesses()
        self._activity = Activity()
        self._cpu_seconds, self._memory_bytes = 0.0, 0

    def execute(self, context: Mapping[str, Any]) -> None:
        """Run the task's process to its end.

        Raises:
            AirflowFailException: It can't be run at all: a wrong parameter, a missing secret. No retry helps.
            AirflowException: It failed.
        """
        folder = Path(tempfile.mkdtemp(prefix="olo-task-"))
        try:
            prepared = self._prepared(context, folder)
            try:
                self._run(prepared)
            finally:
                self._tell_usage(context)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._tell_assets(context)

    def _prepared(self, context: Mapping[str, Any], folder: Path) -> RunContext:
        run = context["dag_run"]
        given = {name: value for name, value in dict(context["params"]).items() if value is not None}
        moment: datetime = context.get("logical_date") or run.run_after
        root = self._served.root
        try:
            _, values = run_values(self._job, given, moment=moment, run_id=run.run_id, target=self._served.target)
            return context_for(
                self._job,
                root=root,
                config=root,
                target=self._served.target,
                folder=folder,
                values=values,
                variables=self._served.environment,
                profiles=self._served.profiles,
                python=self._python(root),
                pythons=pythons_for(self._job, root),
                secret=secret,
            )
        except (ValueError, RequirementsError) as error:
            raise AirflowFailException(str(error)) from None

    def _python(self, root: Path) -> str:
        if self._task.kind in ("shell", "http", "spark"):
            return ""
        named = os.environ.get(PYTHON_VARIABLE)
        if named:
            return named
        if (root / REQUIREMENTS).is_file():
            return python_for(root / REQUIREMENTS)
        raise RequirementsError(
            f"There is no environment for {self._task.kind} tasks: set {PYTHON_VARIABLE} to the Python of one that has "
            f"olo-jupyter, or add a {REQUIREMENTS} to the project."
        )

    def _run(self, context: RunContext) -> None:
        report_path(self._task, context).parent.mkdir(parents=True, exist_ok=True)
        base = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_HANDED_ON)}
        last: list[str] = []

        def on_end(cpu_seconds: float, memory: int) -> None:
            self._cpu_seconds, self._memory_bytes = cpu_seconds, memory

        def write(line: str) -> None:
            self.log.info("%s", line)
            last.append(line)
            del last[:-_LAST_LINES]

        try:
            words, environ = command(self._task, context), environment(self._task, context, base)
            code = self._children.run(
                words,
                cwd=context.root,
                environ=environ,
                write=write,
                hide=hidden(self._task, context),
                on_end=on_end,
            )
        except SecretError as error:
            raise AirflowFailException(str(error)) from None
        except CancelledError:
            raise AirflowException("The task was stopped.") from None
        except OSError as error:
            raise AirflowFailException(f"Can't be started: {error.strerror}: {error.filename}") from None
        finally:
            self._activity = read_report(report_path(self._task, context))
        if code != 0:
            raise AirflowException("\n".join([f"Exit code {code}.", *last]))

    def on_kill(self) -> None:
        """End the process and its children."""
        self._children.cancel()

    def _tell_usage(self, context: Mapping[str, Any]) -> None:
        """Tell Airflow what this try used, for ``olo costs``; where it can't be told, the task is what it is."""
        cpu = self._cpu_seconds + (self._activity.engine_cpu_seconds or 0.0)
        used = Usage(cpu, self._memory_bytes, self._activity.bytes_scanned or 0)
        try:
            context["ti"].xcom_push(usage_key(used), asdict(used))
        except AirflowRuntimeError as error:
            self.log.warning("What the task used can't be told: %s", error)

    def _tell_assets(self, context: Mapping[str, Any]) -> None:
        """Tell Airflow which tables have new snapshots: jobs that wait for them run."""
        for alias in self.outlets:
            if not isinstance(alias, AssetAlias):
                continue
            for table, snapshot in self._activity.writes.items():
                asset: Asset = asset_of(table)
                context["outlet_events"][alias].add(asset, extra={"snapshot": str(snapshot)})

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ARG002 - Airflow's signature
        """What the process read and wrote, for Airflow's OpenLineage provider."""
        # Only where the provider asks, and so is installed.
        from airflow.providers.openlineage.extractors import OperatorLineage

        from olo_jobs.lineage import datasets

        inputs, outputs = datasets(self._activity)
        return OperatorLineage(inputs=inputs, outputs=outputs)

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """As on success: a failed task may have written something."""
        return self.get_openlineage_facets_on_complete(task_instance)

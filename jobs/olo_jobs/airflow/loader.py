"""jobs/*.yml as DAGs: a broken file takes only its own job away, and is an import error with its line."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from airflow.sdk import DAG, get_parsing_context

from olo_jobs.airflow.dag import dag_of
from olo_jobs.airflow.served import CONFIG_FILE, Served, serve
from olo_jobs.problem import Problem, SpecError


class BrokenJob(DAG):  # type: ignore[misc]
    """Stands for a file that holds no job: Airflow gets an import error of that file, and serves the others.

    Airflow takes away every DAG of the Python file that an import error names, so the error must name the job's own
    file. It does where it arises when the DAG is written down, not when the Python file is run.
    """

    path: Path
    error: SpecError

    def validate(self) -> None:
        """Name the job's file as the one at fault; Airflow has just set the Python file."""
        folder = Path(self.fileloc).resolve().parent
        here = Path(str(self.relative_fileloc or "")).parent
        self.relative_fileloc: str | None = os.path.normpath(here / os.path.relpath(self.path, folder))

    def get_serialized_fields(self) -> frozenset[str]:
        """What Airflow asks for first when it writes a DAG down.

        Raises:
            SpecError: Always: what is wrong, by file:line:column.
        """
        raise SpecError(self.error.problems)


def _broken(dag_id: str, path: Path, error: SpecError) -> BrokenJob:
    dag = BrokenJob(dag_id, schedule=None)
    dag.path, dag.error = path, error
    return dag


def load_dags(file: str | Path, target: str | None = None, *, prefix: str = "") -> dict[str, DAG]:
    """The DAGs of a project's jobs, by their ids.

    Args:
        file: The DAG file that asks, or the project's folder: the project is the nearest folder above with an olo.yml.
        target: The target whose jobs are served. Default: that of the deployment, else OLO_TARGET, else prod.
        prefix: Comes before each job's name in its DAG's id: where one Airflow serves several projects or targets.

    Returns:
        One DAG a job. While a task runs, Airflow asks for its DAG alone: only that one is read then.

    Raises:
        SpecError: There is no project here, or its target can't be used: nothing can be served.
    """
    root = _project(Path(file).resolve())
    served = serve(root, target or "")
    # Nothing here becomes garbage: looking for some among all these objects would take a quarter of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _dags(served, prefix)
    finally:
        if collecting:
            gc.enable()


def _dags(served: Served, prefix: str) -> dict[str, DAG]:
    wanted = get_parsing_context().dag_id
    dags: dict[str, DAG] = {}
    for name in served.names():
        dag_id = f"{prefix}{name}"
        if wanted is not None and wanted != dag_id:
            continue
        try:
            dags[dag_id] = dag_of(served.job(name), served, dag_id=dag_id)
        except SpecError as error:
            dags[dag_id] = _broken(dag_id, served.file(name), error)
    return dags


def _project(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / CONFIG_FILE).is_file():
            return folder
    message = f"there is no {CONFIG_FILE} in this folder or above"
    raise SpecError([Problem(str(start), 1, 1, "no-project", message, "Keep the DAG file in the project's dags/.")])

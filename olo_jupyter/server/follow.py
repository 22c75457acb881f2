"""Jobs and runs as the panel shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from olo_jobs.load import SpecError, load_job
from olo_jobs.spec import JobSpec
from olo_jupyter.errors import OloError
from olo_jupyter.server.models.jobs import JobDetail, JobList, JobProblem, TaskSummary
from olo_jupyter.server.models.runs import RunDetail, RunList, TaskRunDetail
from olo_jupyter.server.workspace import Opened

if TYPE_CHECKING:
    from olo_jupyter.jobs.records import RunRecord

RUNS_LISTED = 100


class JobNotFoundError(OloError):
    """The project has no job of that name."""

    default_code = "job-not-found"


class RunNotFoundError(OloError):
    """There is no record of that run."""

    default_code = "run-not-found"


def list_jobs(opened: Opened, server_root: Path) -> JobList:
    """Every job file in the working tree, broken ones with their problems."""
    return JobList(jobs=[_job(path, opened.settings.root, server_root) for path in opened.project.job_files])


def describe_job(opened: Opened, name: str, server_root: Path) -> JobDetail:
    """One job by name.

    Raises:
        JobNotFoundError: No file under jobs/ has that name.
    """
    known = {path.stem: path for path in opened.project.job_files}
    if name not in known:
        hint = f"There is: {', '.join(known)}." if known else "The project has no jobs."
        raise JobNotFoundError(f"There is no job {name!r}.", hint=hint)
    return _job(known[name], opened.settings.root, server_root)


def list_runs(opened: Opened, job: str | None = None) -> RunList:
    """The newest runs, of one job or of all."""
    store = opened.runs()
    records = store.runs(job, RUNS_LISTED) if store else []
    return RunList(runs=[run_detail(record) for record in records])


def describe_run(opened: Opened, id: str) -> RunDetail:
    """One run by its id.

    Raises:
        RunNotFoundError: There is no record of it.
    """
    store = opened.runs()
    record = store.run(id) if store else None
    if record is None:
        raise RunNotFoundError(f"There is no run {id!r}.", hint="`olo runs` lists those that there are.")
    return run_detail(record)


def run_detail(record: RunRecord) -> RunDetail:
    """A run record without what a browser has no use for (paths of logs, snapshot ids)."""
    return RunDetail(
        id=record.id,
        job=record.job,
        target=record.target,
        ref=record.ref,
        state=record.state,
        started=record.started,
        ended=record.ended,
        message=record.message,
        tasks=[
            TaskRunDetail(
                name=task.name,
                state=task.state,
                started=task.started,
                ended=task.ended,
                rows=task.rows,
                message=task.message,
            )
            for task in record.tasks
        ],
    )


def _job(path: Path, root: Path, server_root: Path) -> JobDetail:
    spec: JobSpec | None = None
    problems: list[JobProblem] = []
    try:
        spec = load_job(path)
    except SpecError as error:
        problems = [
            JobProblem(line=problem.line, column=problem.column, message=problem.message, hint=problem.hint)
            for problem in error.problems
        ]
    return JobDetail(
        name=path.stem,
        file=path.relative_to(root).as_posix(),
        path=path.relative_to(server_root).as_posix() if path.is_relative_to(server_root) else "",
        description=spec.description if spec else "",
        owner=spec.owner if spec else "",
        schedule=spec.schedule.text if spec and spec.schedule else "",
        tasks=[
            TaskSummary(name=task.name, kind=task.kind, depends_on=list(task.depends_on))
            for task in (spec.tasks if spec else [])
        ],
        problems=problems,
    )

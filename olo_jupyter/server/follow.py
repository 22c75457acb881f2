"""Jobs and runs as the panels show them, and what a person can do with them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olo_jobs.load import SpecError
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.query import JobQuery, JobStanding, RunQuery
from olo_jupyter.project.targets import SANDBOX
from olo_jupyter.server.models.jobs import (
    BackfillMoment,
    BackfillPlan,
    JobDetail,
    JobList,
    JobProblem,
    JobsQuery,
    JobSummary,
    TargetList,
    TargetSummary,
    TaskSummary,
)
from olo_jupyter.server.models.runs import (
    LogAnswer,
    LogQuery,
    LogSearchAnswer,
    LogSearchQuery,
    RunDetail,
    RunList,
    RunsQuery,
    RunSummary,
    TaskRunDetail,
)
from olo_jupyter.server.workspace import Opened

if TYPE_CHECKING:
    from olo_jobs.problem import Problem
    from olo_jupyter.jobs.orchestrator import Backfill, Job
    from olo_jupyter.jobs.records import RunRecord
    from olo_jupyter.server.following import Emit


class NoTargetError(OloError):
    """Something that needs a target was asked for without one."""

    default_code = "target-needed"


def list_targets(opened: Opened) -> TargetList:
    """The project's targets."""
    from olo_jupyter.jobs.orchestrator import orchestrator_for

    names = opened.project.targets
    targets = [TargetSummary(name=name, orchestrator=orchestrator_for(opened.settings, name)) for name in names]
    return TargetList(targets=targets, default=SANDBOX if SANDBOX in names or not names else names[0])


def list_jobs(opened: Opened, query: JobsQuery) -> JobList:
    """A page of the jobs, broken ones with what is wrong.

    Raises:
        OloError: As the orchestrator.
    """
    asked = JobQuery(query.text, query.owner, query.tag, query.state or "", query.offset, query.limit)
    found = opened.following.orchestrator(query.target).find_jobs(asked)
    return JobList(jobs=[_summary(one) for one in found.jobs], total=found.total, now=datetime.now(UTC))


def describe_job(opened: Opened, name: str, target: str, server_root: Path) -> JobDetail:
    """One job by name.

    Raises:
        OrchestratorError: job-not-found.
    """
    orchestrator = opened.following.orchestrator(target)
    file = opened.settings.root / "jobs" / f"{name}.yml"
    here = any(path.stem == name for path in opened.project.job_files)
    problems: tuple[Problem, ...] = ()
    if here and opened.following.is_local(target):
        try:
            opened.project.job(name, target)
        except SpecError as error:
            problems = tuple(error.problems)
    page = orchestrator.find_jobs(JobQuery(text=name, limit=200))
    job = next((one.job for one in page.jobs if one.job.name == name), None)
    shape = orchestrator.shape(name) if not problems else None
    return JobDetail(
        name=name,
        **_said(job),
        file=f"jobs/{name}.yml" if here else "",
        path=file.relative_to(server_root).as_posix() if here and file.is_relative_to(server_root) else "",
        tasks=[
            TaskSummary(name=task.name, kind=task.kind, depends_on=list(task.depends_on))
            for task in (shape.tasks if shape else ())
        ],
        parameters=dict(shape.parameters) if shape else {"type": "object", "properties": {}},
        problems=[JobProblem(line=one.line, column=one.column, message=one.message, hint=one.hint) for one in problems],
    )


def list_runs(opened: Opened, query: RunsQuery) -> RunList:
    """A page of the runs, the newest first.

    Raises:
        OloError: As the orchestrator.
    """
    asked = RunQuery(query.job, tuple(query.state), query.text, query.after, query.limit)
    found = opened.following.orchestrator(query.target).find_runs(asked)
    return RunList(runs=[RunSummary(**_run(one)) for one in found.runs], next=found.next, now=datetime.now(UTC))


def describe_run(opened: Opened, id: str, target: str = "") -> RunDetail:
    """One run by its id.

    Raises:
        OrchestratorError: run-not-found.
    """
    return run_detail(opened.following.orchestrator(target).run(id))


def read_log(opened: Opened, id: str, task: str, query: LogQuery, emit: Emit) -> LogAnswer:
    """Some lines of a task's log. While it grows, events tell.

    Raises:
        OrchestratorError: run-not-found, task-not-found.
    """
    followed = opened.following.log(query.target, id, task, query.attempt, emit)
    found = followed.index.lines(query.line, query.count)
    return LogAnswer(
        lines=list(found.lines), first=found.first, total=found.total, size=found.size, complete=followed.complete
    )


def search_log(opened: Opened, id: str, task: str, query: LogSearchQuery, emit: Emit) -> LogSearchAnswer:
    """The lines of a task's log that hold a text.

    Raises:
        OrchestratorError: run-not-found, task-not-found.
    """
    followed = opened.following.log(query.target, id, task, query.attempt, emit)
    found = followed.index.search(query.text, query.line, query.limit)
    return LogSearchAnswer(lines=list(found.lines), next=found.next)


def trigger(opened: Opened, job: str, target: str, parameters: dict[str, Any], by: str) -> RunDetail:
    """Start a run for ``by``: on this machine in a process of its own, that this server's end doesn't end.

    Raises:
        OloError: As ``Orchestrator.trigger``; target-needed.
    """
    return run_detail(opened.following.orchestrator(_needed(target)).trigger(job, parameters, by=by))


def plan_backfill(opened: Opened, job: str, target: str, start: date, end: date) -> BackfillPlan:
    """The runs that a backfill would make; nothing starts.

    Raises:
        OloError: As ``Orchestrator.preview``; target-needed, bad-parameter.
    """
    _ordered(start, end)
    return _plan(opened.following.orchestrator(_needed(target)).preview(job, start, end))


def start_backfill(
    opened: Opened, job: str, target: str, start: date, end: date, parameters: dict[str, Any], by: str
) -> BackfillPlan:
    """Make the runs of past days for ``by``; those that succeeded already stay as they are.

    Raises:
        OloError: As ``Orchestrator.backfill``; target-needed, bad-parameter.
    """
    _ordered(start, end)
    made = opened.following.orchestrator(_needed(target)).backfill(job, start, end, parameters, by=by)
    return _plan(made)


def run_detail(record: RunRecord) -> RunDetail:
    """A run record without what a browser has no use for (paths of logs, processes)."""
    return RunDetail(
        **_run(record),
        parameters=record.parameters,
        rerun_by=record.rerun_by,
        cancelled_by=record.cancelled_by,
        warnings=record.warnings,
        tasks=[
            TaskRunDetail(
                name=task.name,
                kind=task.kind,
                state=task.state,
                started=task.started,
                ended=task.ended,
                attempts=task.attempts,
                rows=task.rows,
                reads={table: str(snapshot) for table, snapshot in task.reads.items()},
                writes={table: str(snapshot) for table, snapshot in task.writes.items()},
                tests_passed=task.tests_passed,
                tests_failed=task.tests_failed,
                message=task.message,
            )
            for task in record.tasks
        ],
    )


def _run(record: RunRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in RunSummary.model_fields}


def _summary(standing: JobStanding) -> JobSummary:
    last = RunSummary(**_run(standing.last)) if standing.last else None
    job = standing.job
    return JobSummary(
        name=job.name, **_said(job), problem=job.problem, last=last, succeeded=standing.succeeded, ended=standing.ended
    )


def _said(job: Job | None) -> dict[str, Any]:
    """What a job's file says of it."""
    return {
        "description": job.description if job else "",
        "owner": job.owner if job else "",
        "tags": list(job.tags) if job else [],
        "schedule": job.schedule if job else "",
        "paused": job.paused if job else None,
        "next_run": job.next_run if job else None,
    }


def _plan(found: Backfill) -> BackfillPlan:
    moments = [BackfillMoment(at=at, run=found.runs.get(at, "")) for at in found.moments]
    return BackfillPlan(job=found.job, moments=moments, to_run=sum(not one.run for one in moments), id=found.id)


def _needed(target: str) -> str:
    if not target:
        raise NoTargetError("Where shall it run?", hint="Choose a target.")
    return target


def _ordered(start: date, end: date) -> None:
    if end < start:
        raise OloError("The last day is before the first.", code="bad-parameter", hint="Swap them.")

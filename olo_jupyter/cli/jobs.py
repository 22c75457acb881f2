"""``olo run`` and ``olo runs``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from olo_jupyter.cli.output import FAILED, print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.tree import Tree

    from olo_jobs.spec import JobSpec
    from olo_jupyter.config import Settings
    from olo_jupyter.jobs.records import RunRecord
    from olo_jupyter.jobs.runner import RunRequest
    from olo_jupyter.jobs.store import RunStore
    from olo_jupyter.project.project import Project
    from olo_jupyter.promotion.checkout import Place

_MARKS = {"queued": "·", "running": "▸", "success": "✓", "failed": "✗", "cancelled": "■", "skipped": "-"}
_STYLES = {"running": "cyan", "success": "green", "failed": "red", "cancelled": "yellow"}


def run(
    job: Annotated[str, typer.Argument(help="Name of the job: jobs/NAME.yml.")],
    target: Annotated[str, typer.Option(help="Target to run in.")] = "sandbox",
    ref: Annotated[
        str | None, typer.Option(help="Git branch, tag or commit to run from; default: the working tree.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option("--param", "-p", help="NAME=VALUE for a parameter.")] = None,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for ${var.NAME}.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the job's last run where it stopped.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run; nothing starts.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run record as JSON.")] = False,
    resume_run: Annotated[str | None, typer.Option(hidden=True)] = None,
    run_id: Annotated[str, typer.Option(hidden=True)] = "",
    by: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Run a job on this machine.

    In the sandbox a job that the working tree doesn't have yet is run from the branch that promoted it. Ctrl-C ends all
    processes of the run; `--resume` goes on with the tasks that did not succeed.

    Examples:

        olo run daily_delays --target sandbox

        olo run daily_delays --ref olo/ana/daily_delays -p day=2026-01-31

        olo run daily_delays --resume
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.runner import RunRequest, planned, run_job
    from olo_jupyter.project.project import Project
    from olo_jupyter.promotion.checkout import job_place

    settings = project_settings()
    given = dict(parameter(item) for item in param or [])
    variables = dict(parameter(item, "--var") for item in var or [])
    before = _unfinished(settings, job, target, resume_run) if resume or resume_run else None
    if ref is None:
        Project(settings).target(target)  # a wrong target is told before a missing job
        ref = before.ref or None if before else None
    with job_place(settings, job, target, ref) as place, terminable():
        project = Project(settings, place.root, variables)
        request = RunRequest(
            job=job_spec(project, job, target),
            root=place.root,
            config=settings.root,
            state=settings.state,
            project=settings.name,
            target=project.target(target),
            user=settings.user,
            ref=place.ref,
            parameters=given,
            resume=before,
            run_id=run_id,
            by=by,
        )
        if dry_run:
            _planned(request, planned(request), as_json=as_json)
            return
        if as_json:
            record = run_job(request)
            print_json(record.model_dump(mode="json"))
        else:
            record = _shown(request, place)
    if record.state != "success":
        raise typer.Exit(FAILED)


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM counts as Ctrl-C: the run's processes are ended and its record says so."""
    import signal

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unfinished(settings: Settings, job: str, target: str, run_id: str | None) -> RunRecord:
    """The run that ``--resume`` goes on with: the job's last one in the target.

    Raises:
        OloError: nothing-to-resume: there is none, or it succeeded, or it is under way.
    """
    from olo_jupyter.jobs.store import RunStore

    store = RunStore(settings.state / "runs.db")
    found = store.run(run_id) if run_id else next((one for one in store.runs(job) if one.target == target), None)
    if found is None or found.state not in ("failed", "cancelled"):
        why = "has no run" if found is None else f"is {found.state} in its last run"
        raise OloError(
            f"There is nothing to resume: {job} {why} in {target}.",
            code="nothing-to-resume",
            hint="olo runs lists runs.",
        )
    return found


def _planned(request: RunRequest, record: RunRecord, *, as_json: bool) -> None:
    """What would run: every task with what it waits for; the command, without values of secrets."""
    tasks = {task.name: task for task in request.job.tasks}
    left = [run for run in record.tasks if run.state != "success"]
    if as_json:
        shown = [{"name": run.name, "kind": run.kind, "depends_on": list(tasks[run.name].depends_on)} for run in left]
        print_json({"job": record.job, "target": record.target, "parameters": record.parameters, "tasks": shown})
        return
    print_table(
        ["task", "kind", "after", "attempts", "time limit"],
        [
            (
                run.name,
                run.kind,
                ", ".join(tasks[run.name].depends_on),
                (tasks[run.name].retries or request.job.retries).attempts,
                tasks[run.name].timeout or request.job.timeout or "",
            )
            for run in left
        ],
        caption=f"{record.job} → {record.target}; parameters: "
        + (", ".join(f"{name}={value!r}" for name, value in record.parameters.items()) or "none"),
    )


def runs(
    job: Annotated[str | None, typer.Argument(help="Only the runs of this job.")] = None,
    target: Annotated[
        str | None, typer.Option(help="Ask the orchestrator of this target; default: this machine.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a run.")] = False,
) -> None:
    """List the newest runs.

    Examples:

        olo runs daily_delays --limit 5

        olo runs --target prod
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.store import RunStore

    settings = project_settings()
    if target is None:
        store = RunStore(settings.state / "runs.db")
        records = store.runs(job, limit)
        near = _nearest_run(store, job) if not records else ""
    else:
        from olo_jupyter.cli.asked import connected

        near = ""
        with connected(target) as orchestrator:
            records = orchestrator.runs(job, limit=limit)
    if not records:
        sys.stderr.write(f"no runs{f' of {job}' if job else ''} yet{near}\n")
    elif as_json:
        for record in records:
            print_json(record.model_dump(mode="json"))
    else:
        show_runs(records)


def show_runs(records: Sequence[RunRecord]) -> None:
    """Runs as a table."""
    print_table(
        ["run", "job", "target", "state", "started (UTC)", "seconds"],
        [
            (
                record.id,
                record.job,
                record.target,
                record.state,
                record.started.strftime("%Y-%m-%d %H:%M:%S") if record.started else None,
                f"{record.seconds:.1f}" if record.seconds is not None else None,
            )
            for record in records
        ],
    )


def _nearest_run(store: RunStore, job: str | None) -> str:
    near = get_close_matches(job, {record.job for record in store.runs()}, n=1) if job else []
    return f"; did you mean {near[0]}?" if near else ""


def parameter(item: str, option: str = "--param") -> tuple[str, str]:
    """NAME=VALUE as the name and the value, which stays as it is written."""
    name, equals, value = item.partition("=")
    if not equals:
        raise typer.BadParameter(f"{option} takes NAME=VALUE, not {item!r}")
    return name, value


def job_spec(project: Project, job: str, target: str) -> JobSpec:
    """A job as it is for a target.

    Raises:
        OloError: job-invalid: with every problem of its file.
    """
    from olo_jobs.load import SpecError

    try:
        return project.job(job, target)
    except SpecError as error:
        raise OloError(
            "\n".join(map(str, error.problems)), code="job-invalid", hint="olo validate checks all."
        ) from error


def _shown(request: Any, place: Place) -> RunRecord:
    from rich.console import Console

    from olo_jupyter.jobs.runner import run_job

    console = Console()
    with _live(console) as update:
        record = run_job(request, lambda changed: update(tree(changed)))
    console.print(tree(record))
    for task in record.tasks:
        if task.state == "failed":
            console.print(f"\n{task.name}: {task.message}\n  log: {task.log}", markup=False, highlight=False)
    for warning in record.warnings:
        console.print(f"warning: {warning}", markup=False, highlight=False)
    if place.ref:
        console.print(f"from {place.ref}", style="dim")
    return record


@contextmanager
def _live(console: Any) -> Iterator[Any]:
    from rich.live import Live

    if not console.is_terminal:
        yield lambda _: None
        return
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        yield live.update


def tree(record: RunRecord) -> Tree:
    """A run as a tree of its tasks, for the terminal."""
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(f"{record.job} → {record.target}: {record.state}", style=_STYLES.get(record.state, "")))
    for task in record.tasks:
        parts = [
            f"{_MARKS[task.state]} {task.name} ({task.kind})" if task.kind else f"{_MARKS[task.state]} {task.name}"
        ]
        if task.started is not None and task.ended is not None:
            parts.append(f"{(task.ended - task.started).total_seconds():.1f} s")
        if task.attempts > 1:
            parts.append(f"{task.attempts} attempts")
        if task.rows is not None:
            parts.append(f"{task.rows:,} rows")
        if task.tests_passed or task.tests_failed:
            parts.append(
                f"{task.tests_passed} tests passed" + (f", {task.tests_failed} failed" if task.tests_failed else "")
            )
        branch = root.add(Text(" · ".join(parts), style=_STYLES.get(task.state, "dim")))
        for table, snapshot in task.writes.items():
            branch.add(Text(f"{table} at snapshot {snapshot}", style="dim"))
    return root

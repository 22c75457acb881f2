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
    from olo_jupyter.jobs.records import RunRecord
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
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for a parameter of the job.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run record as JSON.")] = False,
) -> None:
    """Run a job on this machine.

    In the sandbox a job that the working tree doesn't have yet is run from the branch that promoted it.

    Examples:

        olo run daily_delays --target sandbox

        olo run daily_delays --ref olo/ana/daily_delays --param day=2026-01-31
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.runner import RunRequest, run_job
    from olo_jupyter.project.project import Project
    from olo_jupyter.promotion.checkout import job_place

    settings = project_settings()
    given = dict(_parameter(item) for item in param or [])
    if ref is None:
        Project(settings).target(target)  # a wrong target is told before a missing job
    with job_place(settings, job, target, ref) as place:
        project = Project(settings, place.root)
        spec = _spec(project, job)
        request = RunRequest(
            job=spec,
            root=place.root,
            config=settings.root,
            state=settings.state,
            project=settings.name,
            target=project.target(target),
            user=settings.user,
            ref=place.ref,
            parameters=given,
        )
        if as_json:
            record = run_job(request)
            print_json(record.model_dump(mode="json"))
        else:
            record = _shown(request, place)
    if record.state != "success":
        raise typer.Exit(FAILED)


def runs(
    job: Annotated[str | None, typer.Argument(help="Only the runs of this job.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a run.")] = False,
) -> None:
    """List the newest runs.

    Example:

        olo runs daily_delays --limit 5
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.store import RunStore

    store = RunStore(project_settings().state / "runs.db")
    records = store.runs(job, limit)
    if not records:
        sys.stderr.write(f"no runs{f' of {job}' if job else ''} yet{_nearest_run(store, job)}\n")
    elif as_json:
        for record in records:
            print_json(record.model_dump(mode="json"))
    else:
        _table(records)


def _table(records: Sequence[RunRecord]) -> None:
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


def _parameter(item: str) -> tuple[str, Any]:
    name, equals, value = item.partition("=")
    if not equals:
        raise typer.BadParameter(f"--param takes NAME=VALUE, not {item!r}")
    return name, value


def _spec(project: Project, job: str) -> JobSpec:
    from olo_jobs.load import SpecError

    try:
        return project.job(job)
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
        parts = [f"{_MARKS[task.state]} {task.name} ({task.kind})"]
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

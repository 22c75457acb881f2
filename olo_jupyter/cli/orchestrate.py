"""``olo jobs | logs | trigger | backfill | pause | cancel | rerun``: what a target's orchestrator does."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from olo_jupyter.cli.jobs import job_spec, parameter, terminable, tree
from olo_jupyter.cli.output import FAILED, print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from olo_jupyter.jobs.orchestrator import Backfill, Orchestrator
    from olo_jupyter.jobs.records import RunRecord

Target = Annotated[
    str, typer.Option(help="Target; its orchestrator is asked: `orchestrators` in olo.yml, else this machine.")
]
Which = Annotated[str | None, typer.Option("--orchestrator", help="Ask this one instead: local, airflow …")]
Json = Annotated[bool, typer.Option("--json", help="JSON, an object a line.")]
Params = Annotated[list[str] | None, typer.Option("--param", "-p", help="NAME=VALUE for a parameter of the job.")]
_POLL = 1.0
"""Seconds between two looks at a run or a log that is waited for."""


@contextmanager
def connected(target: str, name: str | None = None) -> Iterator[Orchestrator]:
    """The orchestrator of a target, as olo.yml says."""
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.orchestrator import connect
    from olo_jupyter.project.project import Project

    settings = project_settings()
    Project(settings).target(target)
    orchestrator = connect(settings, target, name)
    try:
        yield orchestrator
    finally:
        orchestrator.close()


@contextmanager
def _kept(action: str, subject: str, target: str, **more: Any) -> Iterator[dict[str, Any]]:
    """The body, in the audit."""
    from olo_jupyter.config import project_settings
    from olo_jupyter.store.audit import audited

    with audited(project_settings(), action, subject, after={"target": target, **more}) as after:
        yield after


def jobs(target: Target = "sandbox", orchestrator: Which = None, as_json: Json = False) -> None:
    """List the jobs of a target: schedule, whether it is paused, owner, what is wrong.

    Examples:

        olo jobs

        olo jobs --target prod --json
    """
    from dataclasses import asdict

    with connected(target, orchestrator) as asked:
        found = asked.jobs()
    if as_json:
        for job in found:
            print_json(asdict(job))
        return
    if not found:
        sys.stderr.write(f"no jobs in {target} yet\n")
        return
    words = {True: "yes", False: "no", None: ""}
    print_table(
        ["job", "schedule", "paused", "next run (UTC)", "owner", "problem"],
        [
            (
                job.name, job.schedule, words[job.paused],
                job.next_run.strftime("%Y-%m-%d %H:%M") if job.next_run else "", job.owner, job.problem,
            )
            for job in found
        ],
    )  # fmt: skip


def logs(
    run: Annotated[str, typer.Argument(help="Id of the run, as olo runs shows it.")],
    task: Annotated[str | None, typer.Argument(help="Name of the task; default: the one that failed, or runs.")] = None,
    target: Target = "sandbox",
    orchestrator: Which = None,
    attempt: Annotated[int | None, typer.Option(min=1, help="Which attempt; default: the last.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")] = False,
    as_json: Json = False,
) -> None:
    """Print what a task of a run has printed.

    Examples:

        olo logs 019a21c5-62d4-7505-8a4e-83b0c769f405 score

        olo logs daily_delays/manual__019a21c5 score --target prod --follow
    """
    with connected(target, orchestrator) as asked:
        name = task or _interesting(asked.run(run))
        after = ""
        while True:
            part = asked.log(run, name, attempt=attempt, after=after)
            if as_json:
                for line in part.text.splitlines():
                    print_json({"run": run, "task": name, "line": line})
            else:
                sys.stdout.write(part.text)
                sys.stdout.flush()
            if part.after == after and (part.complete or not follow):
                return
            if part.after == after:
                time.sleep(_POLL)
            after = part.after


def _interesting(record: RunRecord) -> str:
    for state in ("failed", "running", "cancelled", "success"):
        found = [task.name for task in record.tasks if task.state == state]
        if found:
            return found[0]
    raise OloError(f"No task of run {record.id} has started yet.", code="task-not-found", hint="Wait, or add --follow.")


def trigger(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    target: Target = "sandbox",
    param: Params = None,
    orchestrator: Which = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the run has ended; 1 where it failed.")] = False,
    as_json: Json = False,
) -> None:
    """Start a run where the target's jobs run, and print its id.

    Examples:

        olo trigger daily_delays --target prod -p day=2026-01-31

        olo trigger daily_delays --target staging --wait
    """
    given = dict(parameter(item) for item in param or [])
    with connected(target, orchestrator) as asked:
        with _kept("trigger", f"job/{job}", target, parameters=given) as after:
            record = asked.trigger(job, _typed(job, target, given, local=asked.name == "local"))
            after["run"] = record.id
        if not wait:
            _show(record, as_json=as_json)
            return
        while record.ended is None:
            time.sleep(_POLL)
            record = asked.run(record.id)
    _show(record, as_json=as_json)
    if record.state != "success":
        raise typer.Exit(FAILED)


def _typed(job: str, target: str, given: dict[str, str], *, local: bool) -> dict[str, Any]:
    """Given texts as the types that the job's parameters have, where the project here has the job."""
    from olo_jobs.load import SpecError
    from olo_jupyter.config import project_settings
    from olo_jupyter.project.project import Project

    if local or not given:
        return dict(given)
    try:
        spec = Project(project_settings()).job(job, target)
    except SpecError:
        return dict(given)  # deployed from elsewhere: the orchestrator says what it thinks of them
    typed: dict[str, Any] = {}
    for name, value in given.items():
        if name not in spec.parameters:
            known = ", ".join(spec.parameters) or "none"
            raise OloError(f"Job {job} has no parameter {name!r}.", code="bad-parameter", hint=f"It takes: {known}.")
        try:
            typed[name] = spec.parameters[name].convert(value)
        except ValueError as error:
            raise OloError(f"Parameter {name!r}: {error}.", code="bad-parameter") from None
    return typed


def backfill(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day, e.g. 2026-01-01.")
    ],
    end: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day, included.")
    ],
    target: Target = "sandbox",
    param: Params = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the runs that it would make; nothing starts.")
    ] = False,
    orchestrator: Which = None,
    as_json: Json = False,
) -> None:
    """Run a job for every moment that its schedule gave between two days.

    Runs that succeeded already stay as they are, so doing it again is safe and goes on where it stopped. Airflow makes
    its own backfill; on this machine the runs follow one another, and the first that fails ends it.

    Examples:

        olo backfill daily_delays --from 2026-01-01 --to 2026-01-31 --dry-run

        olo backfill daily_delays --from 2026-01-01 --to 2026-01-31 --target prod
    """
    if end < start:
        raise OloError("--to is before --from.", code="bad-parameter")
    given = dict(parameter(item) for item in param or [])
    with connected(target, orchestrator) as asked:
        if dry_run:
            _preview(asked.preview(job, start.date(), end.date()), as_json=as_json)
            return
        if asked.name != "local":
            typed = _typed(job, target, given, local=False)
            days = {"from": str(start.date()), "to": str(end.date())}
            with _kept("backfill", f"job/{job}", target, **days, parameters=given) as after:
                made = asked.backfill(job, start.date(), end.date(), typed)
                after["backfill"] = made.id
            if as_json:
                print_json({"job": job, "backfill": made.id, "runs": len(made.moments) - len(made.runs)})
            else:
                name = f"backfill {made.id}" if made.id else "all succeeded before"
                typer.echo(f"{len(made.moments) - len(made.runs)} runs of {job} in {target}: {name}")
            return
        asked.preview(job, start.date(), end.date())  # a wrong job is told before anything starts
    days = {"from": str(start.date()), "to": str(end.date())}
    with _kept("backfill", f"job/{job}", target, **days, parameters=given):
        _here(job, start, end, target, given, as_json=as_json)


def _preview(found: Backfill, *, as_json: bool) -> None:
    for moment in found.moments if as_json else ():
        print_json({"job": found.job, "moment": moment.isoformat(), "run": found.runs.get(moment)})
    if as_json:
        return
    rows = [(f"{moment:%Y-%m-%d %H:%M}", found.runs.get(moment, "to run")) for moment in found.moments]
    print_table(
        ["moment (UTC)", "run"], rows, caption=f"{len(found.moments) - len(found.runs)} to run, {len(found.runs)} done"
    )


def _here(job: str, start: datetime, end: datetime, target: str, given: dict[str, str], *, as_json: bool) -> None:
    """The backfill on this machine."""
    from openlineage.client.uuid import generate_new_uuid

    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.backfill import run_backfill
    from olo_jupyter.jobs.moments import TooManyError, moments
    from olo_jupyter.jobs.runner import RunRequest
    from olo_jupyter.project.project import Project

    settings = project_settings()
    project = Project(settings)
    spec = job_spec(project, job, target)
    request = RunRequest(
        job=spec, root=settings.root, config=settings.root, state=settings.state, project=settings.name,
        target=project.target(target), user=settings.user, parameters=given,
    )  # fmt: skip
    try:
        wanted = moments(spec, start.date(), end.date())
    except TooManyError as error:
        raise OloError(str(error), code="bad-parameter", hint="Take a shorter span.") from None

    def told(moment: datetime, record: RunRecord) -> None:
        if as_json:
            print_json({"moment": moment.isoformat(), "run": record.id, "state": record.state})
        else:
            typer.echo(f"{moment:%Y-%m-%d %H:%M}  {record.state:9}  {record.id}")

    with terminable():
        records = run_backfill(request, wanted, str(generate_new_uuid()), on_run=told)
    if not as_json:
        typer.echo(f"{sum(record.state == 'success' for record in records)} of {len(wanted)} runs succeeded")
    if len(records) < len(wanted) or any(record.state != "success" for record in records):
        raise typer.Exit(FAILED)


def pause(
    job: Annotated[str, typer.Argument(help="Name of the job.")],
    target: Target,
    off: Annotated[bool, typer.Option("--off", help="Turn the schedule on again.")] = False,
    orchestrator: Which = None,
    as_json: Json = False,
) -> None:
    """Turn a job's schedule off, or on again.

    Examples:

        olo pause daily_delays --target prod

        olo pause daily_delays --target prod --off
    """
    with connected(target, orchestrator) as asked, _kept("resume" if off else "pause", f"job/{job}", target):
        asked.pause(job, not off)
    if as_json:
        print_json({"job": job, "target": target, "paused": not off})
    else:
        typer.echo(f"{job} is {'on' if off else 'paused'} in {target}")


def cancel(
    run: Annotated[str, typer.Argument(help="Id of the run.")],
    target: Target = "sandbox",
    orchestrator: Which = None,
    as_json: Json = False,
) -> None:
    """End a run and all its processes. One that has ended stays as it is.

    Example:

        olo cancel 019a21c5-62d4-7505-8a4e-83b0c769f405
    """
    with connected(target, orchestrator) as asked:
        with _kept("cancel", f"run/{run}", target):
            record = asked.cancel(run)
        _show(record, as_json=as_json)


def rerun(
    run: Annotated[str, typer.Argument(help="Id of the run.")],
    target: Target = "sandbox",
    orchestrator: Which = None,
    as_json: Json = False,
) -> None:
    """Run the failed tasks of a run again, and those that wait for them.

    Example:

        olo rerun daily_delays/manual__019a21c5 --target prod
    """
    with connected(target, orchestrator) as asked:
        with _kept("rerun", f"run/{run}", target):
            record = asked.rerun(run)
        _show(record, as_json=as_json)


def _show(record: RunRecord, *, as_json: bool) -> None:
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    from rich.console import Console

    Console().print(tree(record))
    typer.echo(record.id)

"""``olo backfill``: a job for moments that are past."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.asked import Json, Params, Target, Which, connected, kept, typed
from olo_jupyter.cli.jobs import job_spec, parameter, terminable
from olo_jupyter.cli.output import FAILED, print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_jupyter.jobs.orchestrator import Backfill
    from olo_jupyter.jobs.records import RunRecord


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
    by: Annotated[str, typer.Option(hidden=True)] = "",
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
            values = typed(job, target, given, local=False)
            days = {"from": str(start.date()), "to": str(end.date())}
            with kept("backfill", f"job/{job}", target, **days, parameters=given) as after:
                made = asked.backfill(job, start.date(), end.date(), values)
                after["backfill"] = made.id
            if as_json:
                print_json({"job": job, "backfill": made.id, "runs": len(made.moments) - len(made.runs)})
            else:
                name = f"backfill {made.id}" if made.id else "all succeeded before"
                typer.echo(f"{len(made.moments) - len(made.runs)} runs of {job} in {target}: {name}")
            return
        asked.preview(job, start.date(), end.date())  # a wrong job is told before anything starts
    days = {"from": str(start.date()), "to": str(end.date())}
    with kept("backfill", f"job/{job}", target, who=by, **days, parameters=given):
        _here(job, start, end, target, given, by, as_json=as_json)


def _preview(found: Backfill, *, as_json: bool) -> None:
    for moment in found.moments if as_json else ():
        print_json({"job": found.job, "moment": moment.isoformat(), "run": found.runs.get(moment)})
    if as_json:
        return
    rows = [(f"{moment:%Y-%m-%d %H:%M}", found.runs.get(moment, "to run")) for moment in found.moments]
    print_table(
        ["moment (UTC)", "run"], rows, caption=f"{len(found.moments) - len(found.runs)} to run, {len(found.runs)} done"
    )


def _here(
    job: str, start: datetime, end: datetime, target: str, given: dict[str, str], by: str, *, as_json: bool
) -> None:
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
        target=project.target(target), user=settings.user, parameters=given, by=by,
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

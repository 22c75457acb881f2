"""``olo jobs | logs | trigger | pause | cancel | rerun``: what a target's orchestrator does."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.asked import Json, Params, Target, Which, connected, kept, typed
from olo_jupyter.cli.jobs import parameter, tree
from olo_jupyter.cli.output import FAILED, print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_jupyter.jobs.records import RunRecord

_POLL = 1.0
"""Seconds between two looks at a run or a log that is waited for."""


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
        with kept("trigger", f"job/{job}", target, parameters=given) as after:
            record = asked.trigger(job, typed(job, target, given, local=asked.name == "local"))
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
    with connected(target, orchestrator) as asked, kept("resume" if off else "pause", f"job/{job}", target):
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
        with kept("cancel", f"run/{run}", target):
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
        with kept("rerun", f"run/{run}", target):
            record = asked.rerun(run)
        _show(record, as_json=as_json)


def _show(record: RunRecord, *, as_json: bool) -> None:
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    from rich.console import Console

    Console().print(tree(record))
    typer.echo(record.id)

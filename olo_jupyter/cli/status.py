"""``olo status``."""

from __future__ import annotations

from typing import Annotated

import typer

from olo_jupyter.cli.output import print_json, print_table


def status(
    offline: Annotated[bool, typer.Option("--offline", help="Ask neither the remote nor its host.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, an object a line.")] = False,
) -> None:
    """Show where your promotions stand: pull request, checks, reviews, targets, last run, changed cells.

    Example:

        olo status --json
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.last import last_runs
    from olo_jupyter.promotion.standing import standings

    settings = project_settings()
    told = standings(settings, host=not offline)
    last = last_runs(settings, told.jobs, far=not offline)
    if as_json:
        for one in told.promotions:
            run = last.runs.get(one.job)
            brief = {"id": run.id, "state": run.state, "target": run.target, "started": run.started} if run else None
            print_json({**one.as_json(), "last_run": brief})
    elif not told.promotions:
        typer.echo("Nothing has been promoted yet: olo promote NOTEBOOK NAME.")
    else:
        header = (
            "promotion", "kind", "branch", "state", "pull request", "checks", "reviews", "deployed", "last run",
            "cells",
        )  # fmt: skip
        print_table(
            header,
            [
                (
                    one.name, one.kind, one.branch, one.state, one.pull, one.checks, one.said, one.runs_on,
                    last.said(one.job), one.cells,
                )
                for one in told.promotions
            ],
        )  # fmt: skip
    for unasked in filter(None, (told.unasked, last.unasked)):
        if not offline:
            typer.echo(f"Not asked: {unasked}", err=True)

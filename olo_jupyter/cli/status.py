"""``olo status``."""

from __future__ import annotations

from typing import Annotated

import typer

from olo_jupyter.cli.output import print_json, print_table


def status(
    offline: Annotated[bool, typer.Option("--offline", help="Ask neither the remote nor its host.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, an object a line.")] = False,
) -> None:
    """Show where your promotions stand: branch, pull request, checks, reviews, last run, and cells that changed since.

    Example:

        olo status --json
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.store import RunStore
    from olo_jupyter.promotion.standing import standings

    settings = project_settings()
    told = standings(settings, host=not offline)
    store = RunStore(settings.state / "runs.db")
    last = {one.name: next((run.state for run in store.runs(one.name, limit=1)), None) for one in told.promotions}
    if as_json:
        for one in told.promotions:
            print_json({**one.as_json(), "last_run": last[one.name]})
    elif not told.promotions:
        typer.echo("Nothing has been promoted yet: olo promote NOTEBOOK NAME.")
    else:
        header = ("promotion", "kind", "branch", "state", "pull request", "checks", "reviews", "last run", "cells")
        print_table(
            header,
            [
                (
                    one.name, one.kind, one.branch, one.state, one.pull_request.url if one.pull_request else "",
                    one.checks, one.said, last[one.name] or "never", one.cells,
                )
                for one in told.promotions
            ],
        )  # fmt: skip
    if told.unasked and not offline:
        typer.echo(f"The host was not asked: {told.unasked}", err=True)

"""The commands, by name."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from olo_jupyter.cli import (
    audit,
    backfill,
    branch,
    catalog,
    deploy,
    explore,
    jobs,
    maintain,
    operate,
    orchestrate,
    project,
    promote,
    provenance,
    query,
    scan,
    serve,
    status,
    workspace,
)
from olo_jupyter.promotion.project_address import VARIABLE, bring

app = typer.Typer(
    name="olo",
    help="From a notebook to production: explore Iceberg tables, promote cells with proof, run jobs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def project_option(
    project_: Annotated[
        str | None,
        typer.Option(
            "--project", metavar="FOLDER|URL", help="The project; default: OLO_PROJECT, else at or above this folder."
        ),
    ] = None,
) -> None:
    """Where the project is: a folder, or the address of its repository (then it is brought into the cache)."""
    if project_ is not None:
        os.environ[VARIABLE] = project_
    bring()


app.command("sql")(query.sql)
app.command("snapshots")(query.snapshots)
app.command("tables")(explore.tables)
app.command("describe")(explore.describe)
app.command("refs")(explore.refs)
app.command("branch")(branch.branch)
app.command("tag")(explore.tag)
app.command("diff")(explore.diff)
app.command("history")(explore.history)
app.command("queries")(explore.queries)
app.command("doctor")(explore.doctor)
app.add_typer(catalog.catalog_app, name="catalog")
app.command("connect")(catalog.connect)
app.command("maintain")(maintain.maintain)
app.command("promote")(promote.promote)
app.command("scan")(scan.scan)
app.command("status")(status.status)
app.command("blame")(provenance.blame)
app.command("where")(provenance.where)
app.command("run")(jobs.run)
app.command("runs")(jobs.runs)
app.command("jobs")(orchestrate.jobs)
app.command("logs")(orchestrate.logs)
app.command("trigger")(orchestrate.trigger)
app.command("backfill")(backfill.backfill)
app.command("pause")(orchestrate.pause)
app.command("cancel")(orchestrate.cancel)
app.command("rerun")(orchestrate.rerun)
app.command("init")(project.init)
app.command("update")(project.update)
app.command("blueprint")(project.blueprint)
app.command("validate")(project.validate)
app.command("plan")(deploy.plan)
app.command("deploy")(deploy.deploy)
app.command("rollback")(deploy.rollback)
app.command("deployments")(deploy.deployments)
app.command("access-rules")(deploy.access_rules)
app.command("apply")(workspace.apply)
app.command("drift")(workspace.drift)
app.command("schema")(project.schema)
app.command("expectations")(project.expectations)
app.command("serve")(serve.serve)
app.command("audit")(audit.audit)
app.command("costs")(operate.costs)
app.command("backup")(operate.backup)
app.command("restore")(operate.restore)
app.command("demo")(project.demo)

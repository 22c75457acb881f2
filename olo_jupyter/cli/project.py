"""``olo init``, ``olo validate``, ``olo schema``, ``olo demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from olo_jupyter.cli.output import FAILED, print_json


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project.")],
    name: Annotated[str | None, typer.Option(help="Name of the project; default: the folder's.")] = None,
    owner: Annotated[str, typer.Option(help="Who reviews changes (CODEOWNERS).")] = "data-team",
    as_json: Annotated[bool, typer.Option("--json", help="List what was written as JSON.")] = False,
) -> None:
    """Create a project: olo.yml, targets, dbt project, package, tests. Files that are there stay as they are.

    Example:

        olo init flights
    """
    from olo_jupyter.project.blueprint import Answers, create, project_name

    written = create(folder, Answers(name=name or project_name(folder), owner=owner))
    if as_json:
        print_json({"folder": str(folder), "files": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(path)
    typer.echo(f"{len(written)} files written to {folder}")


def validate(
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for ${var.NAME}.")] = None,
    dbt: Annotated[bool, typer.Option("--dbt/--no-dbt", help="Whether dbt parses the project too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check olo.yml, targets, jobs, models and resources: every problem at once, with file, line, column and a hint.

    Example:

        olo validate --json
    """
    from dataclasses import asdict

    from olo_jupyter.config import find_root
    from olo_jupyter.project.validate import validate_folder

    problems = validate_folder(find_root(), var or [], dbt=dbt)
    if as_json:
        print_json({"valid": not problems, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            typer.echo(str(problem))
        typer.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}" if problems else "valid")
    if problems:
        raise typer.Exit(FAILED)


def schema(
    of: Annotated[str, typer.Argument(help="job, target, dashboards or pipelines.")] = "job",
) -> None:
    """Print a JSON Schema (2020-12), for editors: of jobs/*.yml, targets/*.yml or the files in resources/.

    Examples:

        olo schema > job.schema.json

        olo schema target
    """
    import json

    from olo_jupyter.project.schemas import json_schema_of

    typer.echo(json.dumps(json_schema_of(of), indent=2))


def expectations(as_json: Annotated[bool, typer.Option("--json", help="List what changed as JSON.")] = False) -> None:
    """Write the dbt tests that resources/pipelines.yml expects, to tests/expectations/.

    Example:

        olo expectations
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.project.project import Project
    from olo_jupyter.project.resources import write_expectations

    changed = [path.as_posix() for path in write_expectations(Project(project_settings()))]
    if as_json:
        print_json({"changed": changed})
        return
    for path in changed:
        typer.echo(path)
    typer.echo(f"{len(changed)} files changed")


def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo lives.")] = Path(".demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Show the whole path on real data: lakehouse, notebook, promotions with proof, branch, run.

    Example:

        olo demo
    """
    from olo_jupyter.demo.run import run_demo

    if not run_demo(folder.resolve(), as_json=as_json):
        raise typer.Exit(FAILED)

"""``olo init``, ``olo update``, ``olo blueprint``, ``olo validate``, ``olo schema``, ``olo demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from olo_jupyter.cli.output import FAILED, print_json
from olo_jupyter.cli.questions import answer


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project.")],
    name: Annotated[str | None, typer.Option(help="Name of the project; default: the folder's.")] = None,
    owner: Annotated[str, typer.Option(help="Who reviews changes (CODEOWNERS).")] = "data-team",
    data: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE for a question of the blueprint, e.g. ci=gitlab.")
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing: take the defaults.")] = False,
    template: Annotated[str, typer.Option(help="Git repository of a blueprint; default: this installation's.")] = "",
    ref: Annotated[str | None, typer.Option(help="Branch or tag of the blueprint; default: the newest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List what was written as JSON.")] = False,
) -> None:
    """Create a project: olo.yml, targets, jobs, dbt project, package, tests, tasks, CI. Files that are there stay.

    Examples:

        olo init flights --defaults

        olo init flights --data ci=gitlab --data "layers=[ml, serving]"
    """
    import sys
    from importlib.metadata import version

    import yaml

    from olo_jupyter.project.blueprint import Answers, create, export, personal_blueprint, project_name
    from olo_jupyter.promotion.repository import in_repository

    more = {}
    for item in data or []:
        key, equals, value = item.partition("=")
        if not equals:
            raise typer.BadParameter(f"--data takes KEY=VALUE, not {item!r}")
        more[key] = yaml.safe_load(value) if key in ("layers", "sources") else value
    ask = answer if sys.stdin.isatty() and not defaults and not as_json else None
    chosen = more.pop("name", None) or name or project_name(folder)
    answers = Answers(str(chosen), package=str(more.pop("package", "")), owner=str(more.pop("owner", owner)), more=more)
    if not template and ref is None:
        # From a Git repository, so that `olo update` works later.
        ref = export(personal_blueprint(), version("olo-jupyter"))
    source = template or str(personal_blueprint()).replace(str(Path.home()), "~", 1)
    written = create(folder, answers, template=source, ref=ref, ask=ask)
    if as_json:
        print_json({"folder": str(folder), "files": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(path)
    typer.echo(f"{len(written)} files written to {folder}")
    if not in_repository(folder):
        typer.echo("Next, there: git init -b main; git add -A; git commit -m 'chore: start'. Then see README.md.")


def blueprint(
    folder: Annotated[
        Path | None, typer.Argument(help="A Git repository of blueprints, made where there is none; default: your own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Put this version's blueprint into a Git repository, so that `olo update` brings it to your projects.

    Your own: olo update does it itself. For a team: push a repository of blueprints
    where all find it, and create projects from there: olo init DIR --template URL.

    Example:

        olo blueprint ../blueprints
    """
    from importlib.metadata import version

    from olo_jupyter.project.blueprint import export, personal_blueprint

    folder = folder or personal_blueprint()
    tag = export(folder, version("olo-jupyter"))
    if as_json:
        print_json({"folder": str(folder), "tag": tag})
    else:
        typer.echo(f"{tag} is in {folder}: git push --follow-tags")


def update(
    folder: Annotated[Path, typer.Argument(help="Folder of the project.")] = Path(),
    ref: Annotated[str | None, typer.Option(help="Branch or tag of the blueprint; default: the newest.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing: take the defaults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Merge a later blueprint into a project. What you changed stays, or is in conflict; nothing is lost.

    The checkout must have nothing uncommitted. Changes are staged: look at them (git diff --cached), then commit.
    With conflicts the exit code is 1, and the files hold both sides, as after git merge.

    Examples:

        olo update

        olo update flights --ref v1.2.0
    """
    import sys
    from dataclasses import asdict
    from importlib.metadata import version

    from olo_jupyter.project.blueprint import export, personal_blueprint
    from olo_jupyter.project.blueprint_update import update as merge

    if ref is None:
        # Where the project came from there: the newest is this installation's.
        export(personal_blueprint(), version("olo-jupyter"))
    done = merge(folder, ref=ref, ask=answer if sys.stdin.isatty() and not defaults and not as_json else None)
    if as_json:
        print_json(asdict(done))
    else:
        for path in done.changed:
            typer.echo(f"conflict: {path}" if path in done.conflicts else path)
        what = f"{len(done.changed)} files changed, {len(done.conflicts)} in conflict" if done.changed else "up to date"
        typer.echo(f"blueprint {done.before} -> {done.after}: {what}")
        if done.conflicts:
            typer.echo("Mend the files in conflict, git add them, then commit; git reset --hard takes it all back.")
    if done.conflicts:
        raise typer.Exit(FAILED)


def validate(
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE for ${var.NAME}.")] = None,
    dbt: Annotated[bool, typer.Option("--dbt/--no-dbt", help="Whether dbt parses the project too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check olo.yml, targets, jobs, models, resources, workspaces: every problem at once, with file, line and a hint.

    Example:

        olo validate --json
    """
    from dataclasses import asdict

    from olo_jupyter.config import find_root
    from olo_jupyter.project.validate import validate_folder
    from olo_jupyter.workspaces.load import check_workspaces

    problems = validate_folder(find_root(), var or [], dbt=dbt, more=check_workspaces)
    if as_json:
        print_json({"valid": not problems, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            typer.echo(str(problem))
        typer.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}" if problems else "valid")
    if problems:
        raise typer.Exit(FAILED)


def schema(
    of: Annotated[str, typer.Argument(help="job, target, dashboards, pipelines, workspace or openapi.")] = "job",
) -> None:
    """Print a JSON Schema (2020-12), for editors: of `jobs/*.yml`, `targets/*.yml`, `workspaces/*.yml` or the
    files in resources/; with openapi, the description of the panels' routes.

    Examples:

        olo schema > job.schema.json

        olo schema target
    """
    import json

    from olo_jupyter.project.schemas import json_schema_of
    from olo_jupyter.workspaces.schema import workspace_schema

    if of == "openapi":
        from olo_jupyter.server.openapi import document

        typer.echo(json.dumps(document(), indent=2))
        return
    typer.echo(json.dumps(json_schema_of(of, {"workspace": workspace_schema}), indent=2))


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

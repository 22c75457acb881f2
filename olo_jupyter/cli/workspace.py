"""``olo apply``, ``olo drift``: workspaces, made as their files say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from olo_jupyter.cli.output import FAILED as EXIT_FAILED
from olo_jupyter.cli.output import print_json
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_jupyter.workspaces.apply import World
    from olo_jupyter.workspaces.plan import Change
    from olo_jupyter.workspaces.spec import WorkspaceSpec

_NAMES = typer.Argument(help="Workspaces (workspaces/NAME.yml); default: all.")


def apply(
    names: Annotated[list[str] | None, _NAMES] = None,
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would change; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make workspaces as their files say: namespaces, sandboxes, members' roles, experiments.

    Shows the plan first, and asks. What can't be made is shown with the reason, and the rest is made; the exit code is
    then 1. Nothing that holds data is ever removed. A second call changes nothing.

    Examples:

        olo apply --plan

        olo apply flights --yes
    """
    import sys

    found, world = _opened(names or [])
    plans = [(spec, world.changes(spec)) for spec in found]
    if not as_json:
        for spec, changes in plans:
            _show(spec.name, changes)
    doable = sum(change.action != "refuse" for _, changes in plans for change in changes)
    refused = sum(change.action == "refuse" for _, changes in plans for change in changes)
    if not only_plan and doable and not yes:
        if as_json or not sys.stdin.isatty():
            raise OloError("Nobody is here to ask.", code="usage", hint="--yes applies, --plan only shows.")
        typer.confirm(f"Make {doable} change{'s' if doable > 1 else ''}?", abort=True)
    failed = refused
    answer: list[dict[str, Any]] = []
    for spec, changes in plans:
        done = [] if only_plan else list(world.apply(spec, changes, world.project.settings.user))
        failed += sum(bool(one.error) for one in done)
        if not as_json:
            for one in done:
                typer.echo(f"{spec.name}: {'failed: ' + one.error if one.error else 'done'}: {one.change}")
        errors = {one.change: one.error for one in done}
        answer.append({"workspace": spec.name, "changes": [_json(change, errors) for change in changes]})
    if as_json:
        print_json({"applied": not only_plan, "failed": failed, "workspaces": answer})
    if failed and not only_plan:
        raise typer.Exit(EXIT_FAILED)


def drift(
    names: Annotated[list[str] | None, _NAMES] = None,
    target: Annotated[
        str | None, typer.Option(help="Instead: what this target runs, its orchestrator serves and its catalogs hold.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show where the world differs from what Git says. Exit code 1: it does. Nothing is changed.

    Workspaces: their files, and which commit was applied last. With `--target`: the deploy branch against the newest
    release (production) or main, the jobs that the orchestrator serves, catalogs that can't be opened.

    Examples:

        olo drift flights

        olo drift --target prod
    """
    from olo_jupyter.cli.deploy import target_drift
    from olo_jupyter.workspaces.apply import file_commit

    if target is not None:
        if names:
            raise OloError("Workspaces and --target don't go together.", code="usage", hint="Ask for one of them.")
        target_drift(target, as_json=as_json)
        return
    found, world = _opened(names or [])
    answer, differs = [], False
    for spec in found:
        changes, last = world.changes(spec), world.store.applied(spec.name)
        now = file_commit(world.project, spec.name)
        differs = differs or bool(changes)
        applied = None if last is None else {"commit": last.commit, "by": last.by, "at": last.at.isoformat()}
        answer.append(
            {
                "workspace": spec.name,
                "commit": now,
                "applied": applied,
                "changes": [_json(change, {}) for change in changes],
            }
        )
        if not as_json:
            _show(spec.name, changes)
            told = "never" if last is None else f"{_short(last.commit)} by {last.by}, {last.at:%Y-%m-%d %H:%M} UTC"
            typer.echo(f"{spec.name}: applied last: {told}; the file is at {_short(now)}")
    if as_json:
        print_json({"drift": differs, "workspaces": answer})
    if differs:
        raise typer.Exit(EXIT_FAILED)


def _opened(names: list[str]) -> tuple[list[WorkspaceSpec], World]:
    from olo_jupyter.config import project_settings
    from olo_jupyter.lakehouse.catalog import Catalogs
    from olo_jupyter.project.project import Project
    from olo_jupyter.store.database import Database, store_url
    from olo_jupyter.workspaces.apply import World
    from olo_jupyter.workspaces.load import load_workspace, workspace_names
    from olo_jupyter.workspaces.members import MemberStore
    from olo_jupyter.workspaces.tracking import experiments_of

    settings = project_settings()
    project = Project(settings)
    wanted = names or workspace_names(project.root)
    if not wanted:
        hint = "Write workspaces/NAME.yml: olo schema workspace describes it, docs/workspaces.md shows one."
        raise OloError("The project has no workspace.", code="workspace-not-found", hint=hint)
    specs = [load_workspace(project, name) for name in wanted]
    store = MemberStore(Database(store_url(settings)))
    return specs, World(project, Catalogs(settings), store, experiments_of(settings))


def _short(commit: str) -> str:
    return commit[:12] or "uncommitted"


def _show(name: str, changes: list[Change]) -> None:
    for change in changes:
        typer.echo(f"{name}: {change}")
    if not changes:
        typer.echo(f"{name}: nothing to change")


def _json(change: Change, errors: dict[Change, str]) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(change), **({"error": errors[change]} if change in errors else {})}

"""``olo plan``, ``olo deploy``, ``olo rollback``, ``olo deployments``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.output import FAILED, print_json, print_table

if TYPE_CHECKING:
    from olo_jupyter.config import Settings
    from olo_jupyter.releases.deploy import Deployed
    from olo_jupyter.releases.plan import Change, Plan

TargetOption = Annotated[str, typer.Option(help="Target: a file in targets/.")]
VarOption = Annotated[list[str] | None, typer.Option(help="NAME=VALUE for ${var.NAME}.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_SIGNS = {"add": "+", "change": "~", "remove": "-"}
_STYLES = {"add": "green", "change": "yellow", "remove": "red"}


def plan(
    target: TargetOption,
    ref: Annotated[str | None, typer.Option(help="Branch, tag or commit; default: the working tree as it is.")] = None,
    var: VarOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what deploying would change, against what the target runs now. Nothing is changed.

    Examples:

        olo plan --target staging

        olo plan --target prod --ref v1.4.0 --json
    """
    from olo_jupyter.releases import deploy as use_case

    settings, given = _project(var)
    found = use_case.plan(settings, target, ref, given)
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)


def deploy(
    target: TargetOption,
    ref: Annotated[str, typer.Option(help="Branch, tag or commit to deploy.")],
    var: VarOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a target run a commit: recorded on the branch deploy/TARGET, which the orchestrator serves.

    Production takes released versions only, from its service account only (OLO_SERVICE_ACCOUNT).

    Examples:

        olo deploy --target staging --ref "$(git rev-parse HEAD)"

        olo deploy --target prod --ref v1.4.0
    """
    from olo_jupyter.releases import deploy as use_case
    from olo_jupyter.store.audit import audited

    settings, given = _project(var)
    with audited(settings, "deploy", f"target/{target}", after={"ref": ref}) as after:
        made = use_case.deploy(settings, target, ref, given)
        after["commit"] = made.deployment.commit
    _deployed(made, "deployed", as_json=as_json)


def rollback(
    target: TargetOption,
    to: Annotated[
        str | None, typer.Option(help="Number, version or commit of a deployment; default: the last before.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a target run again what it ran before the last deployment; once more, what it ran before that.

    Examples:

        olo rollback --target prod

        olo rollback --target prod --to v1.3.2
    """
    from olo_jupyter.releases import deploy as use_case
    from olo_jupyter.store.audit import audited

    settings, _ = _project(None)
    with audited(settings, "rollback", f"target/{target}", after={"to": to or "the last before"}) as after:
        made = use_case.rollback(settings, target, to)
        after["commit"] = made.deployment.commit
    _deployed(made, "rolled back to", as_json=as_json)


def deployments(
    target: TargetOption,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a deployment.")] = False,
) -> None:
    """List what a target ran, newest first.

    Example:

        olo deployments --target prod
    """
    from itertools import islice

    from olo_jupyter.project.project import Project
    from olo_jupyter.promotion.repository import Repository
    from olo_jupyter.releases.history import DeployBranch

    settings, _ = _project(None)
    Project(settings).target(target)
    branch = DeployBranch(Repository(settings.root, settings.git, settings.user), target, settings.user)
    found = [one.deployment for one in islice(branch.history(), limit)]
    if as_json:
        for one in found:
            print_json({**one.model_dump(mode="json", exclude={"jobs", "spec"}), "jobs": sorted(one.jobs)})
        return
    print_table(
        ["number", "version", "commit", "by", "at (UTC)", "jobs", "restores"],
        [
            (
                one.number,
                one.release or None,
                one.commit[:12],
                one.by,
                f"{one.at:%Y-%m-%d %H:%M:%S}",
                len(one.jobs),
                one.rolled_back_to,
            )
            for one in found
        ],
        caption="" if found else f"nothing was deployed to {target} yet",
    )


def target_drift(target: str, *, as_json: bool) -> None:
    """Print where what a target runs differs from what Git says; exit code 1 where it does."""
    from dataclasses import asdict

    from olo_jupyter.releases.drift import drift as use_case

    settings, _ = _project(None)
    found = use_case(settings, target)
    if as_json:
        print_json({"target": target, "drift": [asdict(one) for one in found]})
    else:
        for one in found:
            typer.echo(f"{one.about}: {one.message}" + (f"\n  → {one.hint}" if one.hint else ""))
        typer.echo(f"{target}: {len(found) or 'no'} difference{'s' * (len(found) != 1)}")
    if found:
        raise typer.Exit(FAILED)


def access_rules(
    user: Annotated[list[str], typer.Option(help="A person's name in Trino; as often as there are people.")],
) -> None:
    """Print access rules for Trino (file-based system access control) that hold the targets apart.

    People own the schema gold of their sandbox and read dev's bronze and silver; service accounts own their target's
    catalog. Everything else is denied.

    Example:

        olo access-rules --user ana --user bo > rules.json
    """
    import json

    from olo_jupyter.project.access_rules import access_rules as rules
    from olo_jupyter.project.project import Project

    settings, _ = _project(None)
    typer.echo(json.dumps(rules(Project(settings), user), indent=2))


def _project(var: list[str] | None) -> tuple[Settings, dict[str, str]]:
    from olo_jupyter.config import project_settings
    from olo_jupyter.project.variables import given_variables

    settings = project_settings()
    return settings, given_variables(settings, var or [])


def _show(found: Plan) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    now = f"{found.current.release or found.current.commit[:12]}" if found.current else "nothing"
    console.print(
        Text(f"{found.wanted.target} runs {now}" + ("; its schedules stand still" if found.wanted.paused else ""))
    )
    for change in found.changes:
        console.print(Text(f"{_SIGNS[change.action]} {_named(change)}", style=_STYLES[change.action]))
        for difference in change.differences:
            console.print(Text(f"    {difference}"))
    for name, letter in found.files.items():
        console.print(Text(f"  {letter} {name}", style="dim"))
    count = len(found.changes)
    console.print(
        Text("nothing would change" if found.empty else f"{count} change{'s' * (count != 1)} to jobs and settings")
    )


def _named(change: Change) -> str:
    return f"job {change.name}" if change.name else "settings of the target"


def _deployed(made: Deployed, verb: str, *, as_json: bool) -> None:
    one = made.deployment
    if as_json:
        print_json(
            {
                "target": one.target, "commit": one.commit, "release": one.release, "number": one.number,
                "rolled_back_to": one.rolled_back_to, "branch": made.branch, "revision": made.revision,
                "unchanged": made.unchanged, "jobs": sorted(one.jobs), "paused": one.paused,
            }
        )  # fmt: skip
        return
    what = one.release or one.commit[:12]
    if made.unchanged:
        typer.echo(f"{one.target} runs {what} already: nothing to do")
        return
    typer.echo(f"{one.target}: {verb} {what}, deployment {one.number} on {made.branch}, {len(one.jobs)} jobs")
    if one.paused and any(job.schedule for job in one.jobs.values()):
        typer.echo("schedules stand still: they run in production only")

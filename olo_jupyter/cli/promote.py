"""``olo promote``."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.output import FAILED, print_json, read_text
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_converters.notebook import Notebook
    from olo_jupyter.promotion.promote import Promotion


def promote(
    notebook: Annotated[Path, typer.Argument(help="The notebook: .ipynb, or .py in the percent format.")],
    name: Annotated[str | None, typer.Argument(help="Name of the model or module; default: the variable's.")] = None,
    source: Annotated[str | None, typer.Option("--from", help="Variable or cell that is promoted.")] = None,
    options: Annotated[Path | None, typer.Option(help="YAML file with what the cell's body may hold.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be written.")] = False,
    open_pr: Annotated[bool, typer.Option("--open-pr", help="Open the pull request, or update the open one.")] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Publish without proof, as unverified.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Promote a cell of a notebook file: its stored outputs tell what ran and at which snapshots.

    Where the notebook has a cell with `%olo promote NAME`, its place, its options and its body count.

    Examples:

        olo promote notebooks/flight_delays.ipynb daily_delays --plan

        olo promote notebooks/flight_delays.ipynb --from delay_score --plan --json

    Outside of a project, --plan tells what would be written in a new one.
    """
    from olo_converters.names import suggested_name
    from olo_converters.notebook import read_notebook
    from olo_converters.options import parse_options
    from olo_converters.promoting import promoting_cell
    from olo_jupyter.config import is_project, project_settings
    from olo_jupyter.lakehouse.session import Session
    from olo_jupyter.promotion import promote as promotion
    from olo_jupyter.promotion.alone import plan_alone
    from olo_jupyter.store.audit import audited

    wanted = name or (suggested_name(source) if source else None)
    if wanted is None:
        raise typer.BadParameter("give a NAME or --from VARIABLE")
    read = read_notebook(notebook)
    alone = plan and not is_project()
    if not alone:
        project_settings()
    at, line, body = promoting_cell(read, wanted)
    if source is None and at is None:
        _named_in(read, wanted)
    chosen = parse_options(read_text(options) if options is not None else body)
    if alone:
        _told(plan_alone(read, wanted, source or (line.source if line else None), at, chosen), plan, as_json)
        return
    request = promotion.PromotionRequest(
        name=wanted,
        notebook=read,
        path=notebook.resolve(),
        options=chosen,
        source=source or (line.source if line else None),
        at=at,
        open_pr=open_pr,
        verify=not no_verify,
    )
    with Session.from_environment() as session:
        if plan:
            outcome = promotion.plan(request, session)
        else:
            with audited(
                session.settings, "promote", f"promotion/{wanted}", after={"notebook": notebook.name}
            ) as after:
                outcome = promotion.promote(request, session, lambda step: typer.echo(f"{step} …", err=True))
                after["status"] = outcome.status
    _told(outcome, plan, as_json)


def _told(outcome: Promotion, plan: bool, as_json: bool) -> None:
    """Print it; what was refused or not finished is exit code 1."""
    if as_json:
        print_json(outcome.as_json())
    else:
        show(outcome, with_text=plan)
    if outcome.status == "refused" or not outcome.succeeded:
        raise typer.Exit(FAILED)


def _named_in(notebook: Notebook, name: str) -> None:
    """Refuse a name that stands nowhere in the notebook: which cell is meant would be a guess."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.kind == "code")
    words = set(re.findall(r"[A-Za-z_]\w*", code))
    if name in words:
        return
    near = get_close_matches(name, words, n=1)
    offer = f"Did you mean {near[0]}? Else say" if near else "Say"
    raise OloError(
        f"{notebook.path} names nothing {name!r}.",
        code="target-missing",
        hint=f"{offer} what to promote under this name: --from VARIABLE.",
    )


def show(outcome: Promotion, *, with_text: bool) -> None:
    """A promotion for people; ``with_text`` prints the files too."""
    typer.echo(f"{outcome.name}: {outcome.kind} → {outcome.relation}: {outcome.evidence.get('label', outcome.status)}")
    for artefact in outcome.artefacts:
        typer.echo(f"\n--- {artefact.path}\n{artefact.text}" if with_text else f"  {artefact.kind}: {artefact.path}")
    if outcome.publication is not None:
        state = "pushed" if outcome.publication.pushed else "committed, not pushed"
        typer.echo(f"  branch: {outcome.publication.branch} at {outcome.publication.commit[:12]} ({state})")
    for path in outcome.conflicts:
        typer.echo(f"  conflict: {path}")
    if outcome.pull_request is not None:
        typer.echo(f"  pull request: {outcome.pull_request.url}")
    if outcome.editor:
        typer.echo(f"  edit: {outcome.editor}")
    for finding in outcome.findings:
        where = f" (cell {finding.cell})" if finding.cell else ""
        typer.echo(f"  {finding.severity}: {finding.message}{where} [{finding.code}]", err=True)
        if finding.hint:
            typer.echo(f"    → {finding.hint}", err=True)

"""``olo branch``: a line of a table's history that is written to apart from main, and brought home."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from olo_jupyter.cli.output import print_json
from olo_jupyter.cli.query import open_session


def branch(
    table: Annotated[str, typer.Argument(help="Table, e.g. silver.flights.")],
    name: Annotated[str, typer.Argument(help="Name of the branch.")],
    at: Annotated[
        str | None,
        typer.Option("--as-of", "--snapshot", help="Where it begins: a time (UTC), snapshot id or ref; default: now."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move a branch that is there already.")] = False,
    forward: Annotated[
        str | None,
        typer.Option("--fast-forward", metavar="BRANCH", help="Move it on to the head of this branch."),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Take the branch away; its snapshots stay until they expire.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make, move or drop a branch of a table; `olo refs` lists them.

    Examples:

        olo branch silver.flights audit --as-of "2 days ago"

        olo branch silver.flights main --fast-forward audit

        olo branch silver.flights audit --drop
    """
    from olo_jupyter.lakehouse.refs import create_ref, drop_ref, fast_forward
    from olo_jupyter.lakehouse.time_travel import parse_when

    if sum((forward is not None, drop, at is not None or replace)) > 1:
        raise typer.BadParameter("--fast-forward and --drop go with no other option")
    with open_session(None) as session:
        full = session.name(table)
        told: dict[str, Any] = {"table": str(full), "branch": name}
        if drop:
            drop_ref(session.catalogs, full, name, "branch")
            told["dropped"] = True
        elif forward is not None:
            told["snapshot"] = fast_forward(session.catalogs, full, name, forward).snapshot_id
        else:
            pin = parse_when(at) if at else None
            told["snapshot"] = create_ref(
                session.catalogs, full, name, "branch", pin, exists="replace" if replace else "error"
            )
    if as_json:
        print_json(told)
    else:
        typer.echo(f"{full}: branch {name} " + ("is gone." if drop else f"is at snapshot {told['snapshot']}."))
